"""The links of an article in the admin: seen before anything leaves, chosen, sent again."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.formats import date_format
from django_tasks_db.models import DBTaskResult

from articles.models import Article
from comments.linkbacks.models import OutgoingLinkback, SentText
from tests.builders import make_article, make_user
from tests.linkbacks.sites import TARGET, linking

pytestmark = pytest.mark.django_db

State = OutgoingLinkback.State
OTHER = "https://second.example/post"


@pytest.fixture
def sites(sites):
    sites.takes()
    return sites


@pytest.fixture
def draft(sites):
    return make_article(title="A draft", body=linking(TARGET, OTHER), status="draft")


@pytest.fixture
def editor(client):
    client.force_login(make_user("articles.change_article", "articles.view_article"))
    return client


def page(article):
    return f"/admin/articles/article/{article.pk}/linkbacks/"


def digests(article):
    """Return the digest of each link on the page by its address, as the form names them."""
    from comments.linkbacks.sending import links_of

    return {row.target_url: row.target_digest for row in links_of(article)}


def press(client, article, act, *, wanted=(TARGET, OTHER), url=""):
    known = digests(article)
    data = {
        "act": f"{act}:{known[url]}" if url else act,
        "shown": list(known.values()),
        "wanted": [known[one] for one in wanted if one in known],
    }
    return client.post(page(article), data, follow=True)


def said(response):
    return [str(message) for message in response.context["messages"]]


def test_the_preview_lists_what_would_be_sent_and_changes_nothing(editor, draft, sites):
    markup = editor.get(page(draft)).content.decode()
    for url in (TARGET, OTHER):
        assert url in markup
    assert markup.count(" checked>") == 2
    assert "When the article is published" in markup
    assert ">Send</button>" not in markup
    assert not OutgoingLinkback.objects.exists()
    assert not SentText.objects.exists()
    assert not DBTaskResult.objects.exists()
    assert sites.asked == []


def test_what_is_unticked_is_not_sent_on_publishing(editor, draft, sites, publish):
    press(editor, draft, "save", wanted=[TARGET])
    assert editor.get(page(draft)).content.decode().count(" checked>") == 1
    draft.status = "published"
    draft.store()
    publish(draft)
    assert sites.told == [TARGET]


def test_a_link_that_was_not_on_the_page_keeps_its_tick(editor, draft):
    data = {"act": "save", "shown": [digests(draft)[TARGET]], "wanted": []}
    editor.post(page(draft), data)
    wanted = OutgoingLinkback.objects.values_list("target_url", "is_wanted")
    assert dict(wanted) == {TARGET: False, OTHER: True}


def test_looking_up_shows_the_endpoint_and_sends_nothing(editor, draft, sites, run_tasks):
    assert said(press(editor, draft, "look-up", url=TARGET)) == [
        "Looking up in the background: 1. Nothing is sent by that."
    ]
    run_tasks()
    assert sites.asked == [TARGET]
    assert sites.posts == []
    markup = editor.get(page(draft)).content.decode()
    assert "Webmention at https://other.example/webmention" in markup
    assert "Not looked up yet" in markup
    assert OutgoingLinkback.objects.get(target_url=TARGET).state == State.FOUND


def test_looking_up_all(editor, draft, sites, run_tasks):
    sites.page(OTHER, status=500)
    press(editor, draft, "look-up")
    run_tasks()
    assert sites.asked == [TARGET, OTHER]
    assert "cannot be read at the moment (500)" in editor.get(page(draft)).content.decode()
    assert not DBTaskResult.objects.filter(status="READY").exists()


def test_nothing_of_a_draft_is_sent(editor, draft, sites, run_tasks):
    assert "Nothing was sent" in said(press(editor, draft, "send", url=TARGET))[0]
    run_tasks()
    assert sites.asked == []


def test_sending_again(editor, sites, publish, run_tasks):
    article = make_article(body=linking(TARGET))
    sites.answers((400, "<b>No</b> link"), (201, "", {"Location": "/status/7"}))
    publish(article)
    markup = editor.get(page(article)).content.decode()
    for words in ("Not accepted", "No link", "(400)", ">Send again</button>"):
        assert words in markup
    assert said(press(editor, article, "send", url=TARGET)) == ["Sending in the background: 1."]
    run_tasks()
    assert OutgoingLinkback.objects.get().state == State.SENT
    markup = editor.get(page(article)).content.decode()
    assert 'href="https://other.example/status/7"' in markup


def test_unticked_it_is_not_sent_again_and_what_waits_is_taken_back(editor, sites, run_tasks):
    from comments.linkbacks.sending import plan

    article = make_article(body=linking(TARGET))
    plan(article)
    press(editor, article, "send", wanted=[], url=TARGET)
    run_tasks()
    assert sites.asked == []
    assert OutgoingLinkback.objects.get().state == State.FOUND


def test_what_waits_says_when_it_is_tried_next(editor, sites, publish):
    sites.answers((429, "later", {"Retry-After": "600"}))
    publish(article := make_article(body=linking(TARGET)))
    markup = editor.get(page(article)).content.decode()
    row = OutgoingLinkback.objects.get()
    assert "To be sent" in markup
    assert row.next_attempt_at
    assert date_format(row.next_attempt_at, "DATETIME_FORMAT") in markup


@pytest.mark.parametrize("permissions", [[], ["articles.view_article"]])
@pytest.mark.parametrize("method", ["get", "post"])
def test_takes_the_permission_to_change_articles(client, draft, permissions, method):
    client.force_login(make_user(*permissions))
    assert getattr(client, method)(page(draft), {"act": "save"}).status_code == 403
    assert not OutgoingLinkback.objects.exists()


def test_visitors_are_led_to_the_login(client, draft):
    response = client.get(page(draft))
    assert response.status_code == 302
    assert "/admin/login/" in response["Location"]


def test_a_form_of_another_site_is_refused(draft):
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("articles.change_article"))
    assert client.post(page(draft), {"act": "look-up"}).status_code == 403
    assert not OutgoingLinkback.objects.exists()


@pytest.mark.parametrize("act", ["", "delete", "send_again"])
def test_an_unknown_button_does_nothing(editor, draft, act):
    assert editor.post(page(draft), {"act": act}).status_code == 400
    assert not OutgoingLinkback.objects.exists()


def test_an_article_that_is_not_there(editor, sites):
    assert editor.get("/admin/articles/article/99999/linkbacks/").status_code == 404


def test_addresses_are_escaped_and_the_page_holds_no_script(editor, draft):
    OutgoingLinkback.objects.create(
        article=draft,
        target_url="https://x.example/<script>alert(1)</script>",
        target_digest="x",
        sent_at="2026-01-01T00:00Z",
        last_answer="<img src=x onerror=alert(1)>",
        endpoint="javascript:alert(1)",
        protocol="webmention",
        status_url="javascript:alert(1)",
    )
    markup = editor.get(page(draft)).content.decode()
    assert "<script>alert" not in markup
    assert "<img src=x" not in markup
    assert 'href="javascript:' not in markup
    assert "onclick" not in markup
    assert " style=" not in markup


def test_where_sending_is_off_the_page_says_so(editor, draft, settings):
    settings.LINKBACK_SENDING = False
    assert "LINKBACK_SENDING is off" in editor.get(page(draft)).content.decode()


FORM = {
    "title": "New",
    "summary": "",
    "slug": "",
    "author": "",
    "author_name": "",
    "published_at_0": "",
    "published_at_1": "",
    "faq_entries-TOTAL_FORMS": 0,
    "faq_entries-INITIAL_FORMS": 0,
}


def test_saving_in_the_admin_sends_and_the_form_leads_to_the_page(admin_client, sites, run_tasks):
    data = {**FORM, "body": linking(TARGET), "status": "published"}
    assert admin_client.post("/admin/articles/article/add/", data).status_code == 302
    run_tasks()
    assert sites.told == [TARGET]
    article = Article.objects.get()
    change = reverse("admin:articles_article_change", args=[article.pk])
    assert page(article) in admin_client.get(change).content.decode()


def test_publishing_from_the_list_sends_and_deleting_there_tells(admin_client, draft, sites):
    from comments.linkbacks import sending

    changelist = "/admin/articles/article/"
    chosen = {"index": "0", "_selected_action": [draft.pk]}
    admin_client.post(changelist, {"action": "publish", **chosen})
    assert OutgoingLinkback.objects.filter(state=State.PLANNED).count() == 2
    OutgoingLinkback.objects.update(state=State.SENT, sent_at="2026-01-01T00:00Z")
    admin_client.post(changelist, {"action": "delete_selected", "post": "yes", **chosen})
    assert not Article.objects.exists()
    sending.sweep()
    assert OutgoingLinkback.objects.filter(state=State.PLANNED, is_in_text=False).count() == 2


def test_the_list_of_all_is_for_reading_only(admin_client, sites, publish):
    publish(make_article(body=linking(TARGET)))
    row = OutgoingLinkback.objects.get()
    changelist = "/admin/linkbacks/outgoinglinkback/"
    assert TARGET in admin_client.get(changelist, {"state__exact": "sent"}).content.decode()
    assert TARGET not in admin_client.get(changelist, {"state__exact": "failed"}).content.decode()
    detail = f"{changelist}{row.pk}/change/"
    assert admin_client.get(detail).status_code == 200
    assert admin_client.post(detail, {"state": "found"}).status_code == 403
    assert admin_client.get(f"{changelist}add/").status_code == 403
    assert admin_client.post(f"{changelist}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert OutgoingLinkback.objects.get().state == State.SENT
