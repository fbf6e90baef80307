"""From the queue into the FAQ of the article."""

import pytest
from django.urls import reverse

from articles.models import FaqEntry
from comments.models import Status
from tests.builders import make_comment, make_faq_entry, make_pingback, make_user
from tests.comments.queue import QUEUE, body


@pytest.fixture
def editing(client, db):
    user = make_user(
        "comments.moderate_comment", "articles.change_article", "articles.view_article"
    )
    client.force_login(user)
    return client


@pytest.mark.parametrize("where", ["queue", "comment"])
def test_a_question_becomes_a_draft_to_be_edited(editing, article, where):
    comment = make_comment(article, text="How long does it take?", status=Status.APPROVED)
    change = reverse("admin:comments_comment_change", args=[comment.pk])
    place = change if where == "comment" else f"{QUEUE}?status=approved"
    assert f'name="_faq" value="{comment.pk}"' in body(editing.get(place))

    answer = editing.post(place, {"_faq": str(comment.pk)}, follow=True)

    entry = FaqEntry.objects.get()
    assert (entry.question, entry.is_published) == ("How long does it take?", False)
    form = reverse("admin:articles_article_change", args=[article.pk])
    assert answer.redirect_chain[0][0] == f"{form}#faq-drafts"
    assert '<div id="faq-drafts" tabindex="-1"><h2>Drafts from' in body(answer)
    assert "is a draft in the FAQ of the article" in body(answer)
    assert f'<a href="{place}#comment-{comment.pk}">Back</a>' in body(answer)


def test_who_may_not_edit_the_article_stays_in_the_queue(moderating, pending_comment):
    answer = moderating.post(QUEUE, {"_faq": str(pending_comment.pk)}, follow=True)

    assert answer.redirect_chain == [(f"{QUEUE}#comment-{pending_comment.pk}", 302)]
    assert FaqEntry.objects.count() == 1


def test_who_may_edit_entries_is_led_to_the_fields_of_the_new_one(admin_client, article):
    first = make_faq_entry(article, position=0)
    comment = make_comment(article, text="No question, but worth an entry.")
    assert ">Draft FAQ entry</button>" in body(admin_client.get(QUEUE))

    answer = admin_client.post(QUEUE, {"_faq": str(comment.pk)}, follow=True)

    entry = FaqEntry.objects.exclude(pk=first.pk).get()
    assert answer.redirect_chain[0][0].endswith("/change/#faq_entries-1")
    page = body(answer)
    assert 'id="faq_entries-1"' in page
    assert f'name="faq_entries-1-id" value="{entry.pk}"' in page
    assert entry.question == "No question, but worth an entry."


def test_a_published_entry_is_not_called_a_draft(admin_client, article):
    comment = make_comment(article, text="How long?", status=Status.APPROVED)
    admin_client.post(QUEUE, {"_faq": str(comment.pk)})
    FaqEntry.objects.update(is_published=True)

    answer = admin_client.post(QUEUE, {"_faq": str(comment.pk)}, follow=True)

    assert "“How long?” is in the FAQ of the article already." in body(answer)


def test_a_refusal_is_said(editing, article):
    comment = make_comment(article, status=Status.SPAM)
    assert 'name="_faq"' not in body(editing.get(QUEUE, {"status": "spam"}))

    answer = editing.post(f"{QUEUE}?status=spam", {"_faq": str(comment.pk)}, follow=True)

    assert "No question was made from it." in body(answer)
    assert not FaqEntry.objects.exists()


def test_linkbacks_ask_nothing(editing, article):
    make_pingback(article)

    assert 'name="_faq"' not in body(editing.get(QUEUE))


@pytest.mark.parametrize("pk", ["", "x", "99999"])
def test_no_question_is_made_of_nothing(editing, pk):
    assert editing.post(QUEUE, {"_faq": pk}).status_code == 400


def test_who_may_only_look_makes_no_question(client, pending_comment):
    client.force_login(make_user("comments.view_comment"))

    assert client.post(QUEUE, {"_faq": str(pending_comment.pk)}).status_code == 403
    assert not FaqEntry.objects.exists()
