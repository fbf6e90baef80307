"""Decisions about comments: states, events, taking back, restoring, purging."""

from itertools import pairwise

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from comments.models import Comment, ModerationEvent, Status
from comments.models.purging import AT_ONCE as PURGED_AT_ONCE
from comments.moderation import decisions
from comments.moderation.seen import Seen
from tests.builders import make_comment

ACTS = {
    "approve": Status.APPROVED,
    "hold": Status.PENDING,
    "mark_spam": Status.SPAM,
    "move_to_trash": Status.TRASH,
}


def status_of(comment: Comment) -> str:
    return Comment.objects.get(pk=comment.pk).status


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("before", Status.values)
def test_every_act_leads_to_its_state_from_every_other(article, moderator, before, act):
    comment = make_comment(article, status=before)

    event = getattr(comment, act)(by=moderator, reasons=["because"])

    assert status_of(comment) == ACTS[act]
    if before == ACTS[act]:
        assert event is None
        assert comment.events.count() == 1
    else:
        assert (event.from_status, event.to_status) == (before, ACTS[act])
        assert (event.actor, event.reasons, event.comment) == (moderator, ["because"], comment)


def test_a_new_state_dates_itself(pending_comment):
    since = pending_comment.status_since

    pending_comment.approve()

    pending_comment.refresh_from_db()
    assert pending_comment.status_since > since
    assert pending_comment.status_since > pending_comment.created_at


def test_of_two_who_decide_at_once_the_first_wins(pending_comment, moderator):
    mine, yours = (Comment.objects.get(pk=pending_comment.pk) for _ in range(2))

    assert mine.approve(by=moderator)
    assert yours.mark_spam(by=moderator) is None

    assert status_of(pending_comment) == Status.APPROVED
    assert [str(event) for event in pending_comment.events.all()] == [
        "pending → approved",
        "new → pending",
    ]


def test_an_unknown_state_is_refused_by_the_database(pending_comment):
    with pytest.raises(IntegrityError), transaction.atomic():
        Comment.objects.filter(pk=pending_comment.pk).update(status="gone")


@pytest.mark.parametrize("before", [Status.PENDING, Status.APPROVED, Status.SPAM])
def test_restore_returns_from_the_trash_to_the_state_before(article, before):
    comment = make_comment(article)
    comment.move_to(before)
    comment.move_to_trash()

    event = comment.restore()

    assert event is not None
    assert event.reasons == ["restored"]
    assert status_of(comment) == before


def test_restoring_spam_twice_never_leads_to_the_trash(approved_comment):
    approved_comment.mark_spam()
    approved_comment.move_to_trash()
    approved_comment.restore()
    assert status_of(approved_comment) == Status.SPAM

    approved_comment.restore()

    assert status_of(approved_comment) == Status.APPROVED


def test_what_came_in_as_spam_is_restored_to_the_queue(article):
    comment = make_comment(article, status=Status.SPAM)

    comment.restore()

    assert status_of(comment) == Status.PENDING


def test_undo_takes_the_last_decision_back_and_says_which(pending_comment, moderator):
    event = pending_comment.approve(by=moderator)

    undo = event.undo(by=moderator)

    assert status_of(pending_comment) == Status.PENDING
    assert undo.undoes == event
    assert undo.reasons == ["undone"]


def test_an_undo_can_be_undone(pending_comment, moderator):
    undo = pending_comment.mark_spam().undo(by=moderator)

    assert undo.undo(by=moderator)

    assert status_of(pending_comment) == Status.SPAM


def test_undo_refuses_after_a_newer_decision(pending_comment, moderator):
    event = pending_comment.approve()
    pending_comment.mark_spam()

    assert event.undo(by=moderator) is None

    assert status_of(pending_comment) == Status.SPAM


def test_undo_happens_once(pending_comment, moderator):
    event = pending_comment.approve()
    assert event.undo(by=moderator)

    assert ModerationEvent.objects.get(pk=event.pk).undo(by=moderator) is None


def test_coming_in_cannot_be_undone(pending_comment, moderator):
    assert pending_comment.events.get().undo(by=moderator) is None


def test_purge_moves_replies_up_and_keeps_the_log(article):
    top = make_comment(article)
    middle = make_comment(article, parent=top)
    lower = make_comment(article, parent=middle)
    leaf = make_comment(article, parent=lower)
    events = ModerationEvent.objects.count()

    assert Comment.objects.filter(pk__in=[middle.pk, lower.pk]).purge() == 2

    leaf.refresh_from_db()
    assert leaf.parent == top
    assert ModerationEvent.objects.count() == events
    assert ModerationEvent.objects.filter(comment=None).count() == 2


def test_purging_a_whole_branch_leaves_its_replies_on_top(article):
    top = make_comment(article)
    leaf = make_comment(article, parent=make_comment(article, parent=top))

    Comment.objects.exclude(pk=leaf.pk).purge()

    leaf.refresh_from_db()
    assert leaf.parent is None


def make_many(article, number: int, *, in_a_chain: bool = False, **kwargs) -> list[Comment]:
    comments = [Comment(article=article, author_name="Bot", **kwargs) for _ in range(number)]
    Comment.objects.bulk_create(comments)
    if in_a_chain:
        for above, below in pairwise(comments):
            below.parent = above
        Comment.objects.bulk_update(comments, ["parent"])
    return comments


def test_a_chain_longer_than_a_chunk_hands_its_replies_all_the_way_up(article):
    chain = make_many(article, 1_202, in_a_chain=True)
    kept = [chain[0], chain[700], chain[-1]]
    aside = make_comment(article, parent=chain[650])

    assert Comment.objects.exclude(pk__in=[*(c.pk for c in kept), aside.pk]).purge() == 1_199

    parents = dict(Comment.objects.values_list("pk", "parent"))
    top, middle, last = (comment.pk for comment in kept)
    assert parents == {top: None, middle: top, last: middle, aside.pk: top}


def test_purging_takes_a_few_queries_and_one_transaction_a_chunk(article):
    parent = make_comment(article)
    doomed = make_many(article, 1_200, status=Status.SPAM, parent=parent)
    alone = make_many(article, 1_200 - 700, status=Status.PENDING)
    for comment, above in zip(alone, doomed[350:850], strict=True):
        comment.parent = above
    Comment.objects.bulk_update(alone, ["parent"])

    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert Comment.objects.filter(status=Status.SPAM).purge() == 1_200

    queries = [query["sql"] for query in captured]
    chunks = [query for query in queries if query.startswith("SAVEPOINT")]
    moves = [query for query in queries if "CASE WHEN" in query]
    assert len(chunks) == 1_200 // PURGED_AT_ONCE + 2, "the last finds nothing"
    assert len(moves) == 2, "the oldest chunk has no replies"
    assert len(queries) <= 20 * len(chunks)
    assert set(Comment.objects.exclude(pk=parent.pk).values_list("parent", flat=True)) == {
        parent.pk
    }


@pytest.mark.parametrize("status", Status.values)
def test_no_button_leads_to_the_state_a_comment_is_in(article, status):
    for verb in decisions.verbs_for(status):
        comment = make_comment(article, status=status)
        assert verb.act(comment, None, ""), verb.name
        assert status_of(comment) != status


def test_where_states_are_mixed_every_verb_is_offered():
    assert {verb.name for verb in decisions.verbs_for("all")} == set(decisions.VERBS)


def test_a_decision_in_words(article, moderator):
    one, two = make_comment(article), make_comment(article)
    spam = decisions.VERBS["spam"]

    outcome = decisions.decide(spam, [one, two], by=moderator, seen=Seen())

    assert outcome.sentence == "Marked 2 comments as spam."
    assert outcome.regret == ""
    assert decisions.take_back([event.pk for event in outcome.events], by=moderator).sentence == (
        "Took back the decision about 2 comments."
    )


def test_a_decision_rests_on_what_was_seen(pending_comment, moderator):
    pending_comment.move_to_trash()
    approve = decisions.VERBS["approve"]

    outcome = decisions.decide(
        approve, [pending_comment], by=moderator, seen=Seen({pending_comment.pk: Status.PENDING})
    )

    assert outcome.regret == "Somebody else decided about it in the meantime."
    assert outcome.events == []
    assert status_of(pending_comment) == Status.TRASH
