"""The queue in the admin: what it shows, who may decide, and that addresses stay hidden."""

import re
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from comments.linkbacks.models import Linkback
from comments.models import Comment, ContactReveal, DiscussionSettings, ModerationEvent, Status
from tests.builders import make_article, make_comment, make_pingback, make_user

QUEUE = "/admin/comments/comment/"
MARKER = "marker.reader@hidden-mailbox.example"


@pytest.fixture
def moderating(client: Client, moderator) -> Client:
    client.force_login(moderator)
    return client


@pytest.fixture
def revealing(client: Client, db) -> Client:
    user = make_user(
        "comments.view_comment", "comments.moderate_comment", "comments.reveal_contact"
    )
    client.force_login(user)
    return client


def body(response) -> str:
    return str(response.content, "utf-8")


def shown(response) -> list[int]:
    return [int(pk) for pk in re.findall(r'<tr id="comment-(\d+)"', body(response))]


def buttons(response) -> list[str]:
    return re.findall(r'name="_moderate" value="([^"]+)"', body(response))


def undo_value(response) -> str:
    found = re.search(r'name="_undo" value="([\d,]+)"', body(response))
    assert found, "no Undo on the page"
    return found[1]


def press(client: Client, verb: str, comment: Comment, query: str = "", **data: str):
    return client.post(QUEUE + query, {"_moderate": f"{verb}:{comment.pk}", **data}, follow=True)


def run_action(client: Client, action: str, comments: list[Comment], query: str = "", **extra):
    data = {"action": action, "index": "0", "_selected_action": [c.pk for c in comments], **extra}
    return client.post(QUEUE + query, data, follow=True)


def status_of(comment: Comment) -> str:
    return Comment.objects.get(pk=comment.pk).status


# --- What is shown -----------------------------------------------------------------------------


def test_the_queue_opens_with_what_is_pending_oldest_first(moderating, article):
    older, newer = make_comment(article), make_comment(article)
    make_comment(article, status=Status.APPROVED)

    assert shown(moderating.get(QUEUE)) == [older.pk, newer.pk]
    assert shown(moderating.get(QUEUE, {"order": "newest"})) == [newer.pk, older.pk]


def test_elsewhere_the_last_decision_comes_first(moderating, article):
    first, second = make_comment(article), make_comment(article)
    second.approve()
    first.approve()

    assert shown(moderating.get(QUEUE, {"status": "approved"})) == [first.pk, second.pk]


def test_tabs_count_every_state(moderating, article):
    for status, number in {"pending": 1, "approved": 2, "spam": 3, "trash": 4}.items():
        for _ in range(number):
            make_comment(article, status=status)

    tabs = re.findall(r">(\w+ \(\d+\))</a>", body(moderating.get(QUEUE)))

    assert tabs == ["Pending (1)", "Approved (2)", "Spam (3)", "Trash (4)", "All (10)"]
    assert len(shown(moderating.get(QUEUE, {"status": "all"}))) == 10
    assert len(shown(moderating.get(QUEUE, {"status": "spam"}))) == 3
    assert len(shown(moderating.get(QUEUE, {"status": "nonsense"}))) == 1


def test_kinds_can_be_told_apart(moderating, article):
    reply, pingback = make_comment(article), make_pingback(article)

    assert shown(moderating.get(QUEUE, {"kind": "pingback"})) == [pingback.pk]
    assert set(shown(moderating.get(QUEUE))) == {reply.pk, pingback.pk}


def test_a_row_holds_what_a_decision_rests_on(moderating, article):
    parent = make_comment(article, author_name="Ann", text="The question that was asked")
    comment = make_comment(
        article,
        parent=parent,
        author_name="Bob",
        author_url="https://bob.example/me",
        text="See https://one.example/a and [this](http://two.example/b). " + "Words. " * 200,
    )

    page = unescape(body(moderating.get(QUEUE)))

    for part in (
        comment.text.strip(),
        article.title,
        f'href="{comment.get_absolute_url()}"',
        "In reply to <bdi>Ann</bdi>",
        "The question that was asked",
        "Reply to",
        "<bdi>Bob</bdi>",
        'href="https://bob.example/me"',
        "<code>one.example</code>",
        "<code>two.example</code>",
        "first-time author",
        "<details",
    ):
        assert part in page, part


@pytest.mark.parametrize(
    "payload",
    ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7|add:7 }}{% now %}"],
)
def test_what_strangers_typed_is_escaped(moderating, payload):
    article = make_article(title=payload)
    parent = make_comment(article, author_name=payload, text=payload)
    comment = make_comment(
        article, parent=parent, author_name=payload, text=payload, author_url=payload
    )
    url = reverse("admin:comments_comment_change", args=[comment.pk])

    for page in (body(moderating.get(QUEUE)), body(moderating.get(url))):
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert payload in unescape(page)


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "http:javascript", "//x.example"]
)
def test_only_web_addresses_become_links(moderating, article, address):
    comment = make_comment(article, author_url=address)
    url = reverse("admin:comments_comment_change", args=[comment.pk])

    for page in (body(moderating.get(QUEUE)), body(moderating.get(url))):
        assert f'href="{address}' not in page
        assert address in page


def test_pages_keep_to_the_security_policy(moderating, pending_comment):
    change = reverse("admin:comments_comment_change", args=[pending_comment.pk])

    for url in (QUEUE, change):
        page = body(moderating.get(url))
        assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son\w+=", page)


def test_search_looks_at_text_name_and_title_alone(moderating, article):
    comment = make_comment(article, author_name="Zoë", text="xylophone", address=MARKER)

    for term in ("Zoë", "xylophone", "Disconnection"):
        assert shown(moderating.get(QUEUE, {"q": term})) == [comment.pk], term
    for term in (MARKER, "hidden-mailbox", comment.private_key, comment.contact.blind_index):
        assert shown(moderating.get(QUEUE, {"q": term})) == [], term


@pytest.mark.parametrize(
    "lookup",
    [
        "private_key__startswith",
        "contact__blind_index__startswith",
        "contact__isnull",
        "user__email",
    ],
)
def test_hidden_fields_cannot_be_spelled_out_by_filters(moderating, pending_comment, lookup):
    assert moderating.get(QUEUE, {lookup: "a"}).status_code == 400


def test_a_queue_of_sixty_takes_as_many_queries_as_one_of_three(moderating, article):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert moderating.get(QUEUE).status_code == 200
        return len(captured)

    parent = make_comment(article, status=Status.APPROVED)
    for _ in range(3):
        make_comment(article, parent=parent)
    few = queries()
    for _ in range(57):
        comment = make_comment(make_article(), parent=parent)
        comment.mark_spam(by=make_user())
        comment.hold(by=make_user())

    assert queries() == few <= 8


# --- Deciding ----------------------------------------------------------------------------------

OFFERED = {
    Status.PENDING: {"approve": "approved", "spam": "spam", "trash": "trash"},
    Status.APPROVED: {"hold": "pending", "spam": "spam", "trash": "trash"},
    Status.SPAM: {"approve": "approved", "restore": "pending", "trash": "trash"},
    Status.TRASH: {"restore": "pending", "spam": "spam"},
}


@pytest.mark.parametrize(
    ("before", "verb", "after"),
    [(before, verb, after) for before, acts in OFFERED.items() for verb, after in acts.items()],
)
def test_each_button_does_what_it_says(moderating, moderator, article, before, verb, after):
    comment = make_comment(article, status=before)
    page = moderating.get(QUEUE, {"status": before})
    assert set(buttons(page)) == {f"{name}:{comment.pk}" for name in OFFERED[before]}

    press(moderating, verb, comment, seen=f"{comment.pk}:{before}")

    assert status_of(comment) == after
    assert comment.events.filter(to_status=after, actor=moderator).count() == 1


def test_reading_changes_nothing(moderating, pending_comment):
    pk = pending_comment.pk
    for query in (
        f"_moderate=approve:{pk}",
        "_undo=1",
        f"action=spam&index=0&_selected_action={pk}",
    ):
        moderating.get(f"{QUEUE}?{query}")
        moderating.get(f"{QUEUE}{pk}/change/?{query}")

    assert status_of(pending_comment) == Status.PENDING
    assert ModerationEvent.objects.count() == 1


def test_a_post_from_elsewhere_is_refused(moderator, pending_comment):
    client = Client(enforce_csrf_checks=True)
    client.force_login(moderator)
    change = reverse("admin:comments_comment_change", args=[pending_comment.pk])

    for url in (QUEUE, change):
        answer = client.post(url, {"_moderate": f"approve:{pending_comment.pk}"})
        assert answer.status_code == 403
    assert status_of(pending_comment) == Status.PENDING

    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', body(client.get(QUEUE)))
    assert token
    data = {"_moderate": f"approve:{pending_comment.pk}", "csrfmiddlewaretoken": token[1]}
    assert client.post(QUEUE, data).status_code == 302
    assert status_of(pending_comment) == Status.APPROVED


def test_who_may_only_look_gets_no_buttons_and_changes_nothing(client, pending_comment):
    client.force_login(make_user("comments.view_comment", "comments.change_comment"))
    pk = pending_comment.pk
    change = reverse("admin:comments_comment_change", args=[pk])
    event = pending_comment.events.get()

    assert buttons(client.get(QUEUE)) == []
    assert buttons(client.get(change)) == []
    assert "action-select" not in body(client.get(QUEUE))
    for url in (QUEUE, change):
        for data in (
            {"_moderate": f"approve:{pk}"},
            {"_undo": str(event.pk)},
            {"action": "approve", "index": "0", "_selected_action": str(pk)},
            {"text": "something else", "status": "approved"},
        ):
            assert client.post(url, data).status_code == 403, (url, data)
    assert status_of(pending_comment) == Status.PENDING


def test_strangers_are_led_to_the_login(client, pending_comment):
    answer = client.post(QUEUE, {"_moderate": f"approve:{pending_comment.pk}"})

    assert answer.url.startswith("/admin/login/")
    assert status_of(pending_comment) == Status.PENDING


def test_moderators_edit_nothing(moderating, pending_comment):
    change = reverse("admin:comments_comment_change", args=[pending_comment.pk])
    page = body(moderating.get(change))

    assert 'name="text"' not in page
    assert moderating.post(change, {"text": "something else"}).status_code == 403
    assert moderating.get(QUEUE + "add/").status_code == 403
    assert Comment.objects.get().text == pending_comment.text


@pytest.mark.parametrize("value", ["approve:x", "approve:", "burn:1", "approve", "approve:1e9", ""])
def test_a_decision_nobody_offered_is_refused(moderating, pending_comment, value):
    assert moderating.post(QUEUE, {"_moderate": value}).status_code == 400


def test_a_decision_leads_back_to_the_same_place(moderating, article):
    comment = make_comment(article, text="needle")
    query = "?kind=reply&order=newest&q=needle&status=pending"

    answer = moderating.post(QUEUE + query, {"_moderate": f"approve:{comment.pk}"})

    assert answer.status_code == 302
    assert answer.url == QUEUE + query


def test_each_row_leads_on_to_the_next(moderating, article):
    one, two, three = (make_comment(article) for _ in range(3))

    targets = re.findall(
        r'value="approve:(\d+)"\s+formaction="#comment-(\d+)"', body(moderating.get(QUEUE))
    )

    assert targets == [(str(a.pk), str(b.pk)) for a, b in ((one, two), (two, three), (three, two))]


def test_an_emptied_last_page_leads_to_the_first(moderating, article):
    comments = [make_comment(article) for _ in range(51)]

    answer = press(moderating, "approve", comments[-1], "?order=oldest&p=2")

    assert answer.status_code == 200
    assert len(shown(answer)) == 50


def test_of_two_moderators_the_second_is_told(moderating, pending_comment):
    page = body(moderating.get(QUEUE))
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen
    Comment.objects.get(pk=pending_comment.pk).move_to_trash()

    answer = press(moderating, "approve", pending_comment, seen=seen[1])

    assert "Somebody else decided about it meanwhile." in body(answer)
    assert 'name="_undo"' not in body(answer)
    assert status_of(pending_comment) == Status.TRASH


def test_one_decision_is_undone_from_its_message(moderating, pending_comment):
    answer = press(moderating, "spam", pending_comment)
    assert "Marked 1 comment as spam." in body(answer)

    again = moderating.post(QUEUE, {"_undo": undo_value(answer)}, follow=True)

    assert "Took the decision about 1 comment back." in body(again)
    assert status_of(pending_comment) == Status.PENDING
    moderating.post(QUEUE, {"_undo": undo_value(again)})
    assert status_of(pending_comment) == Status.SPAM


@pytest.mark.parametrize(
    ("action", "before", "after"),
    [
        ("approve", "pending", "approved"),
        ("hold", "approved", "pending"),
        ("spam", "pending", "spam"),
        ("trash", "approved", "trash"),
        ("restore", "trash", "pending"),
    ],
)
def test_many_are_decided_about_and_undone_at_once(moderating, article, action, before, after):
    comments = [make_comment(article, status=before) for _ in range(3)]
    other = make_comment(article, status=before)

    answer = run_action(moderating, action, comments, f"?status={before}")

    assert {status_of(comment) for comment in comments} == {after}
    assert status_of(other) == before
    assert "3 comments" in body(answer)
    moderating.post(QUEUE, {"_undo": undo_value(answer)})
    assert {status_of(comment) for comment in comments} == {before}


def test_undo_spares_what_somebody_decided_since(moderating, article):
    one, two = make_comment(article), make_comment(article)
    answer = run_action(moderating, "approve", [one, two])
    Comment.objects.get(pk=two.pk).mark_spam()

    again = moderating.post(QUEUE, {"_undo": undo_value(answer)}, follow=True)

    assert (status_of(one), status_of(two)) == (Status.PENDING, Status.SPAM)
    assert "Somebody else decided about it meanwhile." in body(again)


def test_decisions_on_the_page_of_one_comment(moderating, pending_comment):
    change = reverse("admin:comments_comment_change", args=[pending_comment.pk])

    answer = moderating.post(change, {"_moderate": f"approve:{pending_comment.pk}"}, follow=True)

    assert answer.redirect_chain == [(change, 302)]
    assert status_of(pending_comment) == Status.APPROVED
    moderating.post(change, {"_undo": undo_value(answer)})
    assert status_of(pending_comment) == Status.PENDING


def test_the_page_of_one_comment_tells_its_story(moderating, moderator, pending_comment):
    pending_comment.approve(by=moderator, reasons=["thoughtful"])
    change = reverse("admin:comments_comment_change", args=[pending_comment.pk])

    page = body(moderating.get(change))

    for part in (
        "new → pending",
        "pending → approved",
        "thoughtful",
        moderator.username,
        "The rules",
    ):
        assert part in page


def test_the_page_of_a_pingback_shows_its_evidence(moderating, article):
    comment = make_pingback(article, source_url="https://blog.example/answer")
    Linkback.objects.update(
        evidence={"link_text": "<b>read this</b>", "in_content": True, "rel": []}
    )

    page = body(moderating.get(reverse("admin:comments_comment_change", args=[comment.pk])))

    assert 'href="https://blog.example/answer"' in page
    assert "&lt;b&gt;read this&lt;/b&gt;" in page
    reply = make_comment(article)
    other = body(moderating.get(reverse("admin:comments_comment_change", args=[reply.pk])))
    assert "The page behind it" not in other


# --- Deleting for good -------------------------------------------------------------------------


def test_only_the_trash_is_deleted_and_only_when_confirmed(client, article):
    client.force_login(make_user("comments.moderate_comment", "comments.delete_comment"))
    trashed = make_comment(article, status=Status.TRASH)
    reply = make_comment(article, parent=trashed)
    kept = make_comment(article, status=Status.SPAM)

    asked = run_action(client, "delete_selected", [trashed, kept], "?status=all")
    assert "Are you sure" in body(asked)
    assert str(kept) not in body(asked)
    assert Comment.objects.count() == 3
    data = {"action": "delete_selected", "_selected_action": [trashed.pk, kept.pk], "post": "yes"}
    client.post(QUEUE + "?status=all", data)

    assert set(Comment.objects.all()) == {reply, kept}
    assert Comment.objects.get(pk=reply.pk).parent is None


def test_one_comment_is_deleted_from_the_trash_alone(client, article):
    client.force_login(make_user("comments.moderate_comment", "comments.delete_comment"))
    trashed, kept = make_comment(article, status=Status.TRASH), make_comment(article)

    for comment in (trashed, kept):
        client.post(reverse("admin:comments_comment_delete", args=[comment.pk]), {"post": "yes"})

    assert list(Comment.objects.all()) == [kept]


def test_without_permission_nothing_is_deleted(moderating, article):
    trashed = make_comment(article, status=Status.TRASH)
    data = {"action": "delete_selected", "_selected_action": [trashed.pk], "post": "yes"}

    assert "delete_selected" not in body(moderating.get(QUEUE, {"status": "trash"}))
    moderating.post(QUEUE + "?status=trash", data)
    url = reverse("admin:comments_comment_delete", args=[trashed.pk])
    assert moderating.post(url, {"post": "yes"}).status_code == 403
    assert Comment.objects.filter(pk=trashed.pk).exists()


# --- Addresses ---------------------------------------------------------------------------------


def every_page(client: Client, comment: Comment) -> dict[str, str]:
    """Return what each page of the admin says that this user may open."""
    from django.contrib import admin

    pk, urls = comment.pk, [QUEUE + "by-address/", reverse("admin:index")]
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        urls.append(reverse(f"{name}_changelist"))
        for one in model._default_manager.all()[:5]:
            urls += [
                reverse(f"{name}_{page}", args=[one.pk]) for page in ("change", "history", "delete")
            ]
    urls += [f"{QUEUE}?status={status}" for status in [*Status.values, "all"]]
    urls += [
        f"{QUEUE}?q=hidden-mailbox",
        f"/comments/{comment.private_key}/",
        f"{QUEUE}{pk}/reveal/",
    ]
    return {url: body(client.get(url, follow=True)) for url in urls}


@pytest.mark.parametrize(
    "permissions",
    [
        ("comments.view_comment", "comments.moderate_comment", "comments.view_contactreveal"),
        ("comments.moderate_comment", "comments.reveal_contact", "comments.delete_comment"),
        "superuser",
    ],
)
def test_no_page_of_the_admin_shows_an_address(client, article, permissions):
    superuser = permissions == "superuser"
    user = make_user(*(() if superuser else permissions), is_superuser=superuser)
    client.force_login(user)
    comment = make_comment(article, address=MARKER)
    make_pingback(article)
    comment.approve(by=user)
    comment.move_to_trash(by=user)
    hidden = {MARKER, comment.contact.blind_index, "hidden-mailbox"}

    for url, page in every_page(client, comment).items():
        for text in hidden - ({"hidden-mailbox"} if "q=" in url else set()):
            assert text not in page, (url, text)
    for url, page in every_page(client, comment).items():
        assert comment.private_key not in page or url.startswith("/comments/"), url


def test_an_address_is_revealed_once_for_a_reason_and_written_down(revealing, article):
    comment = make_comment(article, address=MARKER)
    url = reverse("admin:comments_comment_reveal", args=[comment.pk])
    change = reverse("admin:comments_comment_change", args=[comment.pk])
    assert "An address is kept" in body(revealing.get(change))

    answer = revealing.post(url, {"reason": "They asked for a copy of their data"})

    assert MARKER in body(answer)
    assert "no-store" in answer["Cache-Control"]
    look = ContactReveal.objects.get()
    assert (look.comment, look.reason) == (comment, "They asked for a copy of their data")
    assert look.user_id == int(revealing.session["_auth_user_id"])
    page = body(revealing.get(change))
    assert "They asked for a copy of their data" in page
    assert MARKER not in page
    assert not any(MARKER in str(entry.__dict__) for entry in LogEntry.objects.all())


@pytest.mark.parametrize("reason", ["", "   "])
def test_without_a_reason_nothing_is_revealed(revealing, article, reason):
    comment = make_comment(article, address=MARKER)

    answer = revealing.post(
        reverse("admin:comments_comment_reveal", args=[comment.pk]), {"reason": reason}, follow=True
    )

    assert "Say why you need the address." in body(answer)
    assert MARKER not in body(answer)
    assert not ContactReveal.objects.exists()


def test_revealing_takes_a_post_and_the_permission(revealing, moderator, article):
    comment = make_comment(article, address=MARKER)
    url = reverse("admin:comments_comment_reveal", args=[comment.pk])
    assert revealing.get(url, {"reason": "curious"}).status_code == 405

    revealing.force_login(moderator)

    assert revealing.post(url, {"reason": "curious"}).status_code == 403
    change = reverse("admin:comments_comment_change", args=[comment.pk])
    assert "Show the address" not in body(revealing.get(change))
    assert not ContactReveal.objects.exists()


def test_a_comment_without_address_has_nothing_to_reveal(revealing, pending_comment):
    url = reverse("admin:comments_comment_reveal", args=[pending_comment.pk])

    assert revealing.post(url, {"reason": "curious"}).status_code == 404


def test_an_address_that_no_key_opens_is_said_so(revealing, article, settings):
    comment = make_comment(article, address=MARKER)
    settings.CONTACT_KEYS = ["MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA="]

    url = reverse("admin:comments_comment_reveal", args=[comment.pk])
    answer = revealing.post(url, {"reason": "curious"}, follow=True)

    assert "None of the keys" in body(answer)


def test_comments_are_found_by_the_full_address_and_that_is_written_down(revealing, article):
    comment = make_comment(article, address=MARKER)
    make_comment(article, address="somebody.else@mail.example")
    url = reverse("admin:comments_comment_by_address")

    answer = revealing.post(url, {"address": MARKER.upper(), "reason": "wants a copy"})

    assert "1 comment from that address" in body(answer)
    assert str(comment) in body(answer)
    assert "no-store" in answer["Cache-Control"]
    look = ContactReveal.objects.get()
    assert (look.comment, look.reason) == (comment, "By address: wants a copy")


@pytest.mark.parametrize("address", ["marker.reader@", "hidden-mailbox.example", "other@x.example"])
def test_part_of_an_address_finds_nothing(revealing, article, address):
    make_comment(article, address=MARKER)
    url = reverse("admin:comments_comment_by_address")

    answer = revealing.post(url, {"address": address, "reason": "curious"})

    assert "/change/" not in body(answer)
    assert not ContactReveal.objects.exists()


def test_finding_by_address_takes_the_permission_and_a_post(revealing, moderator, article):
    make_comment(article, address=MARKER)
    url = reverse("admin:comments_comment_by_address")
    asked = {"address": MARKER, "reason": "curious"}
    assert "from that address" not in body(revealing.get(url, asked))

    revealing.force_login(moderator)

    assert revealing.get(url).status_code == 403
    assert revealing.post(url, asked).status_code == 403
    assert "by-address" not in body(revealing.get(QUEUE))


# --- Logs, settings, linkbacks -----------------------------------------------------------------


@pytest.mark.parametrize("model", ["moderationevent", "contactreveal"])
def test_logs_cannot_be_changed(admin_client, pending_comment, model):
    logs = {"moderationevent": pending_comment.events, "contactreveal": pending_comment.reveals}
    pending_comment.reveals.create(reason="a copy")
    one = logs[model].get()
    name = f"admin:comments_{model}"

    assert admin_client.get(reverse(f"{name}_changelist")).status_code == 200
    assert admin_client.get(reverse(f"{name}_change", args=[one.pk])).status_code == 200
    assert admin_client.post(reverse(f"{name}_change", args=[one.pk]), {}).status_code == 403
    assert admin_client.get(reverse(f"{name}_add")).status_code == 403
    delete = reverse(f"{name}_delete", args=[one.pk])
    assert admin_client.post(delete, {"post": "yes"}).status_code == 403


def test_the_rules_are_one_form(admin_client, db):
    listing = reverse("admin:comments_discussionsettings_changelist")
    form = reverse("admin:comments_discussionsettings_change", args=[1])
    assert admin_client.get(listing).url == form
    assert admin_client.get(form).status_code == 200

    numbers = {"hold_from_links": 5, "close_after_days": 0}
    numbers |= {"purge_trash_after_days": 7, "purge_spam_after_days": 7}
    answer = admin_client.post(form, {**numbers, "held_words": "casino"})

    assert answer.status_code == 302
    rules = DiscussionSettings.current()
    assert (rules.pk, rules.hold_from_links, rules.held_words) == (1, 5, "casino")
    assert rules.hold_first_time_authors is False
    assert admin_client.get(reverse("admin:comments_discussionsettings_add")).status_code == 403
    delete = reverse("admin:comments_discussionsettings_delete", args=[1])
    assert admin_client.post(delete, {"post": "yes"}).status_code == 403


def test_a_refused_linkback_is_checked_again(admin_client, article, queued_checks):
    make_pingback(article)
    refused = Linkback.objects.create(
        article=article,
        source_url="https://late.example/",
        source_digest="0" * 64,
        target_url="http://127.0.0.1:8000/",
        state=Linkback.State.REFUSED,
        refusal="There was no link.",
    )
    url = reverse("admin:linkbacks_linkback_changelist")
    assert "There was no link." in body(admin_client.get(url, {"state__exact": "refused"}))
    every = [linkback.pk for linkback in Linkback.objects.all()]

    admin_client.post(url, {"action": "check_again", "index": "0", "_selected_action": every})

    refused.refresh_from_db()
    assert (refused.state, refused.refusal) == (Linkback.State.RECEIVED, "")
    assert queued_checks() == [[refused.pk]]


def test_an_article_goes_with_its_whole_conversation(admin_client, article):
    make_comment(article, address=MARKER)
    make_pingback(article)

    admin_client.post(reverse("admin:articles_article_delete", args=[article.pk]), {"post": "yes"})

    assert not Comment.objects.exists()
    assert not Linkback.objects.exists()
    assert ModerationEvent.objects.exists()


@pytest.fixture
def queued_checks(db):
    """Return a function that lists the arguments of every queued check of a linkback."""
    from django_tasks_db.models import DBTaskResult

    def queued() -> list[list[int]]:
        results = DBTaskResult.objects.filter(task_path__endswith="verify_linkback")
        return [result.args_kwargs["args"] for result in results]

    return queued
