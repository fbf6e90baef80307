"""The queue: its order, the author's record and the filter's opinion in a row."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from comments.models import Comment, ModerationEvent, Status
from tests.builders import make_comment, make_pingback
from tests.comments.queue import MARKER, QUEUE, body, buttons, press, shown, undo_value


def chips(page) -> list[str]:
    return re.findall(r'<li class="queue-chip[^"]*">([^<]*)</li>', body(page))


def test_what_is_pending_comes_unsure_first_and_then_by_age(moderating, article):
    sure, unsure, as_unsure, half = (
        make_comment(article, doubt=doubt) for doubt in (0.1, 0.9, 0.9, 0.5)
    )

    assert shown(moderating.get(QUEUE)) == [unsure.pk, as_unsure.pk, half.pk, sure.pk]
    oldest = [sure.pk, unsure.pk, as_unsure.pk, half.pk]
    assert shown(moderating.get(QUEUE, {"order": "oldest"})) == oldest
    assert shown(moderating.get(QUEUE, {"order": "newest"})) == oldest[::-1]


def test_spam_can_be_looked_through_least_sure_first(moderating, article):
    sure, unsure = (make_comment(article, status=Status.SPAM, doubt=doubt) for doubt in (0.1, 0.9))
    sure.restore()
    sure.mark_spam()

    assert shown(moderating.get(QUEUE, {"status": "spam"})) == [sure.pk, unsure.pk]
    page = moderating.get(QUEUE, {"status": "spam", "order": "unsure"})
    assert shown(page) == [unsure.pk, sure.pk]
    assert "Least sure first" in body(page)
    assert "sure first" not in body(moderating.get(QUEUE, {"status": "approved"}))


def test_the_authors_record_stands_in_the_row_and_the_address_nowhere(moderating, article):
    make_comment(article, address=MARKER, status=Status.APPROVED)
    make_comment(article, address=MARKER, status=Status.SPAM)
    third = make_comment(article, address=MARKER)
    change = reverse("admin:comments_comment_change", args=[third.pk])

    for page in (body(moderating.get(QUEUE)), body(moderating.get(change))):
        assert "3rd comment, 1 approved, 1 spam" in page
        for secret in (MARKER, "hidden-mailbox", third.contact.blind_index):
            assert secret not in page


def test_who_left_no_address_has_no_record(moderating, pending_comment):
    assert "queue-record" not in body(moderating.get(QUEUE))


def test_a_linkbacks_site_has_a_record(moderating, article):
    make_pingback(article, signals={"host_approved": 2, "host_spam": 1})
    make_pingback(article, signals={"host_approved": 0, "host_spam": 0})

    assert re.findall(r"From this site: ([^<]*)<", body(moderating.get(QUEUE))) == [
        "2 approved, 1 spam"
    ]


@pytest.mark.parametrize(
    ("score", "level", "words"),
    [
        (0.87, "likely", "87 % spam"),
        (0.5, "unsure", "50 % spam"),
        (0.12, "unlikely", "probably fine, 12 % spam"),
        (0.496, "unsure", "probably fine, 49 % spam"),
        (0.4, "unsure", "probably fine, 40 % spam"),
        (0.0, "unlikely", "probably fine, 1 % spam"),
    ],
)
def test_score_and_three_reasons_are_chips_in_words(moderating, article, score, level, words):
    reasons = ["the word “casino”", "3 links", "typed in 2 seconds", "a fourth"]
    comment = make_comment(article, score=score, score_reasons=reasons)
    change = reverse("admin:comments_comment_change", args=[comment.pk])

    for page in (moderating.get(QUEUE), moderating.get(change)):
        assert chips(page) == [words, *reasons[:3]]
        assert f'queue-score-{level}">{words}' in body(page)


def test_without_an_opinion_there_is_no_chip(moderating, pending_comment):
    assert chips(moderating.get(QUEUE)) == []


def test_what_its_author_withdrew_is_not_offered_to_be_shown(moderating, article):
    comment = make_comment(article, status=Status.TRASH)
    Comment.objects.update(withdrawn_at=comment.created_at, edited_at=comment.created_at)

    page = moderating.get(QUEUE, {"status": "trash"})

    assert buttons(page) == [f"spam:{comment.pk}"] * 2, "plain, and with a reason"
    assert chips(page) == ["withdrawn by its author", "edited by its author"]
    assert "_answer" not in body(page)
    assert "_faq" not in body(page)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads the plan as SQLite writes it")
def test_the_queue_is_found_by_an_index_and_the_table_never_read_through(moderating, article):
    make_pingback(article)
    with CaptureQueriesContext(connection) as captured:
        moderating.get(QUEUE)
    (page,) = [query["sql"] for query in captured if '"doubt" DESC' in query["sql"]]

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {page.replace('%', '%%')}")
        plan = [step[3] for step in cursor.fetchall()]

    assert any("comments_comment USING INDEX comment_" in step for step in plan)
    assert not [step for step in plan if step.startswith(("SCAN comments_comment", "SCAN V0"))]


def standing(page) -> list[str]:
    return re.findall(r'<p class="queue-reasons">([^<]*)</p>', body(page))


def test_what_was_undone_says_why_it_waits(moderating, moderator, pending_comment):
    held = pending_comment.events.get()
    ModerationEvent.objects.filter(pk=held.pk).update(reasons=["3 links", "first-time author"])
    assert standing(moderating.get(QUEUE)) == ["Pending: 3 links; first-time author"]
    answer = press(moderating, "spam", pending_comment)

    answer = moderating.post(QUEUE, {"_undo": undo_value(answer)}, follow=True)

    back = f"Pending (undone by {moderator}): 3 links; first-time author"
    assert standing(answer) == [back]
    moderating.post(QUEUE, {"_undo": undo_value(answer)})
    spam = moderating.get(QUEUE, {"status": "spam"})
    assert standing(spam) == [f"Spam (undone by {moderator})"], "nobody gave a reason for it"


def test_reasons_for_another_state_are_not_those_it_waits_for(moderating, moderator, article):
    comment = make_comment(article)
    comment.mark_spam(by=moderator, reasons=["from a.example, which is blocked"])
    comment.restore(by=moderator)

    waits = f"Pending (restored by {moderator}): first-time author"
    assert standing(moderating.get(QUEUE)) == [waits]
    comment.approve(by=moderator)
    shown_page = moderating.get(QUEUE, {"status": "approved"})
    assert standing(shown_page) == [f"Approved by {moderator}"]
