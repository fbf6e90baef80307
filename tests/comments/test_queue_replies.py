"""Replying in the queue: approves and publishes in one act, and gives every text back."""

import re
from html import unescape

import pytest
from django.urls import reverse

from comments.models import Comment, ModerationEvent, Status
from tests.builders import make_article, make_comment, make_pingback, make_user
from tests.comments.queue import QUEUE, body, shown, status_of, undo_value

TEXT = "Thank you!\n\nI have *mended* it."


@pytest.fixture
def answering(client, db):
    """A moderator with a full name, signed in."""
    user = make_user("comments.moderate_comment", first_name="Ada", last_name="King")
    client.force_login(user)
    client.user = user
    return client


def send(client, comment: Comment, text: str = TEXT, query: str = "", **more: str):
    data = {"_answer": str(comment.pk), f"reply-{comment.pk}": text, **more}
    return client.post(QUEUE + query, data, follow=True)


def given_back(page, field: str, comment: Comment) -> str:
    found = re.search(
        rf'<textarea id="{field}-{comment.pk}"[^>]*>\n(.*?)</textarea>', body(page), re.S
    )
    assert found
    return unescape(found[1])


def test_one_act_approves_and_publishes_the_reply(answering, pending_comment):
    page = send(answering, pending_comment)

    reply = Comment.objects.get(parent=pending_comment)
    assert status_of(pending_comment) == Status.APPROVED
    assert (reply.status, reply.text, reply.user) == (Status.APPROVED, TEXT, answering.user)
    assert (reply.author_name, reply.article) == ("Ada King", pending_comment.article)
    assert "<em>mended</em>" in reply.text_html
    assert "Approved the comment and published your reply." in body(page)
    assert pending_comment.events.filter(actor=answering.user, to_status="approved").exists()
    public = body(answering.get(pending_comment.article.get_absolute_url()))
    assert "<em>mended</em>" in public


def test_undo_takes_both_back_and_undo_of_that_brings_both(answering, pending_comment):
    page = send(answering, pending_comment)
    reply = Comment.objects.get(parent=pending_comment)

    page = answering.post(QUEUE, {"_undo": undo_value(page)}, follow=True)

    assert (status_of(pending_comment), status_of(reply)) == (Status.PENDING, Status.TRASH)
    answering.post(QUEUE, {"_undo": undo_value(page)})
    assert (status_of(pending_comment), status_of(reply)) == (Status.APPROVED, Status.APPROVED)


def test_what_is_shown_is_only_replied_to(answering, approved_comment):
    queue = answering.get(QUEUE, {"status": "approved"})
    assert "Publish the reply" in body(queue)
    seen = f"{approved_comment.pk}:approved"

    page = send(answering, approved_comment, query="?status=approved", seen=seen)

    assert "Published your reply." in body(page)
    assert approved_comment.events.count() == 1
    answering.post(QUEUE, {"_undo": undo_value(page)})
    assert status_of(approved_comment) == Status.APPROVED
    assert not approved_comment.children.approved().exists()


@pytest.mark.parametrize("text", ["", "   \n ", "\u200b"])
def test_an_empty_reply_approves_nothing(answering, pending_comment, text):
    page = send(answering, pending_comment, text)

    assert "Nothing was done. Please type your comment." in body(page)
    assert status_of(pending_comment) == Status.PENDING
    assert Comment.objects.count() == 1


def test_a_refused_reply_comes_back_in_its_row_with_the_reason(answering, pending_comment):
    text = "\n  </textarea><b>" + "x" * 10_000
    answer = answering.post(
        QUEUE, {"_answer": str(pending_comment.pk), f"reply-{pending_comment.pk}": text}
    )
    assert answer.url == f"{QUEUE}#reply-{pending_comment.pk}"

    page = answering.get(QUEUE)

    assert given_back(page, "reply", pending_comment) == text
    assert "10,000 is the most we can take." in unescape(body(page))
    assert f'aria-describedby="error-{pending_comment.pk}"' in body(page)
    assert re.search(r'<details class="queue-open queue-reply" open>', body(page))
    assert given_back(answering.get(QUEUE), "reply", pending_comment) == "", "given back once"


def test_nothing_is_approved_when_the_reply_cannot_be_published(answering):
    comment = make_comment(make_article(comments_open=False))

    page = send(answering, comment)

    assert "Comments are closed for this article." in body(page)
    assert status_of(comment) == Status.PENDING
    assert ModerationEvent.objects.count() == 1
    assert given_back(page, "reply", comment) == TEXT


def test_who_was_overtaken_keeps_the_text(answering, pending_comment):
    seen = f"{pending_comment.pk}:pending:{pending_comment.words_digest}"
    Comment.objects.get(pk=pending_comment.pk).mark_spam()

    page = send(answering, pending_comment, query="?status=all", seen=seen)

    assert "Somebody else decided about it in the meantime." in body(page)
    assert given_back(page, "reply", pending_comment) == TEXT
    assert status_of(pending_comment) == Status.SPAM


def test_what_is_typed_into_other_rows_is_kept(answering, article):
    one, two, three = (make_comment(article) for _ in range(3))
    data = {
        "_moderate": f"spam:{one.pk}",
        f"reply-{one.pk}": "never mind",
        f"reply-{two.pk}": TEXT,
        f"words-{three.pk}": "Not here.",
        f"reply-{three.pk}": " ",
    }

    page = answering.post(QUEUE, data, follow=True)

    assert shown(page) == [two.pk, three.pk]
    assert given_back(page, "reply", two) == TEXT
    assert given_back(page, "words", three) == "Not here."
    answering.post(QUEUE, {"_moderate": f"restore:{one.pk}"})
    assert given_back(answering.get(QUEUE), "reply", one) == ""


def test_who_has_no_name_is_asked_once(moderating, moderator, article):
    one, two = make_comment(article), make_comment(article)
    assert f'name="name-{one.pk}"' in body(moderating.get(QUEUE))
    assert "Please fill in your name." in body(send(moderating, one))

    send(moderating, one, **{f"name-{one.pk}": "The house"})

    assert f'name="name-{two.pk}"' not in body(moderating.get(QUEUE))
    send(moderating, two, "Another answer.")
    names = Comment.objects.filter(user=moderator).values_list("author_name", flat=True)
    assert list(names) == ["The house", "The house"]


def test_who_gave_no_name_is_led_to_its_field(moderating, pending_comment):
    pk = pending_comment.pk
    data = {"_answer": str(pk), f"reply-{pk}": TEXT, f"name-{pk}": "  "}

    answer = moderating.post(QUEUE, data)

    assert answer.url == f"{QUEUE}#name-{pk}"
    page = body(moderating.get(QUEUE))
    (name,) = re.findall(rf'<input type="text"[^>]* id="name-{pk}"[^>]*>', page)
    assert f'aria-invalid="true" aria-describedby="error-{pk}"' in name
    assert page.count("aria-invalid") == page.count(f'id="error-{pk}"') == 1


def test_what_is_wrong_with_an_empty_reply_stands_beside_it(answering, pending_comment):
    page = body(send(answering, pending_comment, ""))

    assert re.search(r'<details class="queue-open queue-reply" open>', page)
    assert '<details class="queue-open queue-why">' in page
    assert page.index('class="queue-error"') < page.index(f'id="reply-{pending_comment.pk}"')


def test_a_chosen_reason_is_kept_while_another_row_is_decided_about(answering, article):
    one, two = make_comment(article), make_comment(article)
    data = {"_moderate": f"spam:{one.pk}", f"why-{two.pk}": "It is advertising."}

    page = body(answering.post(QUEUE, data, follow=True))

    assert "<option selected>It is advertising.</option>" in page


def test_pages_are_not_replied_to(moderating, article):
    make_pingback(article)

    assert "_answer" not in body(moderating.get(QUEUE))


def test_the_page_of_one_comment_takes_a_reply(answering, pending_comment):
    change = reverse("admin:comments_comment_change", args=[pending_comment.pk])
    assert "Approve and reply" in body(answering.get(change))
    data = {"_answer": str(pending_comment.pk), f"reply-{pending_comment.pk}": TEXT}

    answering.post(change, data)

    assert pending_comment.children.approved().count() == 1


def test_who_may_only_look_replies_to_nobody(client, pending_comment):
    client.force_login(make_user("comments.view_comment"))
    assert "_answer" not in body(client.get(QUEUE))

    assert send(client, pending_comment).status_code == 403
    assert Comment.objects.count() == 1


@pytest.mark.parametrize("pk", ["x", "", "999999", "9" * 30])
def test_a_reply_to_nothing_is_refused(answering, pending_comment, pk):
    assert answering.post(QUEUE, {"_answer": pk}).status_code == 400


# --- Declining, with a reason ---------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["spam", "trash"])
@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"why": "It is advertising."}, "It is advertising."),
        ({"words": " Please  be\nkind. "}, "Please be kind."),
        ({"why": "It is advertising.", "words": "And twice."}, "And twice."),
        ({}, ""),
    ],
)
def test_the_reason_is_kept_for_the_author(moderating, pending_comment, verb, typed, message):
    pk = pending_comment.pk
    data = {f"{field}-{pk}": text for field, text in typed.items()}

    moderating.post(QUEUE, {"_moderate": f"{verb}:{pk}", **data})

    assert pending_comment.events.first().message == message
    page = body(moderating.get(QUEUE, {"status": verb}))
    assert (f'Said to its author: <q dir="auto">{message}</q>' in page) == bool(message)


def test_an_approval_needs_no_reason(moderating, pending_comment):
    pk = pending_comment.pk
    moderating.post(QUEUE, {"_moderate": f"approve:{pk}", f"words-{pk}": "no"})

    assert pending_comment.events.first().message == ""


def test_a_reason_that_is_too_long_comes_back(moderating, pending_comment):
    pk, words = pending_comment.pk, "x" * 501

    page = moderating.post(QUEUE, {"_moderate": f"spam:{pk}", f"words-{pk}": words}, follow=True)

    assert "501 characters long; 500 is the most" in body(page)
    assert given_back(page, "words", pending_comment) == words
    assert status_of(pending_comment) == Status.PENDING


def test_a_reason_with_an_address_is_refused_and_kept_nowhere(moderating, pending_comment):
    pk, words = pending_comment.pk, "Write to Ann@Secret.example instead"

    page = moderating.post(QUEUE, {"_moderate": f"spam:{pk}", f"words-{pk}": words})

    drafts = str(dict(moderating.session))
    assert "Write to (address) instead" in drafts
    assert "secret.example" not in drafts.lower()
    page = moderating.get(QUEUE)
    assert "There seems to be an email address in it." in body(page)
    assert given_back(page, "words", pending_comment) == "Write to (address) instead"
    assert status_of(pending_comment) == Status.PENDING


def test_only_authors_who_have_a_page_are_told_reasons(moderating, moderator, article):
    make_pingback(article)
    make_comment(article, user=moderator)
    assert "Give a reason" not in body(moderating.get(QUEUE))

    make_comment(article)
    page = body(moderating.get(QUEUE))
    assert page.count("Give a reason") == 1
    assert "It is not about the article." in page
