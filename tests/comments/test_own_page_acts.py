"""Withdrawing, putting back, asking for a second look, and the mails about replies."""

import pytest
import time_machine
from django.utils import timezone

from comments.mailing import mailboxes, notices, subscriptions
from comments.models import (
    Comment,
    Contact,
    Mailbox,
    Status,
    Subscription,
    SubscriptionState,
)
from comments.moderation.decisions import decide, take_back, verb_named
from comments.moderation.seen import Seen
from comments.own_comment import taking_back
from comments.own_comment.reasons import ASKED_AGAIN, PUT_BACK, WITHDRAWN
from tests.builders import make_comment
from tests.comments.own_page import do, show

pytestmark = pytest.mark.django_db

ADDRESS = "marker@hidden.example"


def make_subscribed(article, state=SubscriptionState.CONFIRMED, **kwargs):
    """Return a published comment whose author is to be told of replies."""
    values = {"status": Status.APPROVED, "address": ADDRESS, **kwargs}
    comment = make_comment(article, **values)
    confirmed = timezone.now() if state == SubscriptionState.CONFIRMED else None
    Subscription.objects.create(comment=comment, state=state, confirmed_at=confirmed)
    return comment


def state_of(comment):
    return Subscription.objects.get(comment=comment).state


def last(comment):
    event = comment.events.order_by("-pk").first()
    return event.from_status, event.to_status, event.actor, event.reasons


class TestWithdraw:
    @pytest.mark.parametrize("status", [Status.PENDING, Status.APPROVED, Status.SPAM])
    def test_takes_it_out_of_sight_at_once(self, client, article, status):
        comment = make_comment(article, status=status, text="Regretted words.")
        assert do(client, comment, "withdraw").status_code == 303
        assert comment.status == Status.TRASH
        assert comment.withdrawn_at
        assert last(comment) == (status, Status.TRASH, None, [WITHDRAWN])
        assert "Regretted words." not in client.get(article.get_absolute_url()).content.decode()
        assert "You have withdrawn your comment." in show(client, comment)

    def test_from_the_trash_too(self, client, article):
        comment = make_comment(article, status=Status.TRASH)
        do(client, comment, "withdraw")
        assert comment.withdrawn_at
        assert last(comment) == (Status.TRASH, Status.TRASH, None, [WITHDRAWN])

    def test_erases_the_address_and_the_wish_to_be_told(self, client, article):
        comment = make_subscribed(article)
        mailboxes.locked(comment.contact)
        do(client, comment, "withdraw")
        assert not Contact.objects.exists()
        assert not Subscription.objects.exists()
        assert not Mailbox.objects.exists()

    def test_twice_is_once(self, client, pending_comment):
        do(client, pending_comment, "withdraw")
        since = pending_comment.withdrawn_at
        assert do(client, pending_comment, "withdraw").status_code == 303
        assert pending_comment.withdrawn_at == since
        assert pending_comment.events.count() == 2

    @pytest.mark.parametrize("verb", ["approve", "hold", "restore"])
    def test_no_moderator_brings_it_back(self, client, approved_comment, moderator, verb):
        do(client, approved_comment, "withdraw")
        outcome = decide(verb_named(verb), [approved_comment], by=moderator, seen=Seen())
        assert (outcome.events, outcome.missed) == ([], 1)
        approved_comment.refresh_from_db()
        assert approved_comment.status == Status.TRASH

    def test_no_moderator_brings_back_what_is_withdrawn_at_that_moment(
        self, pending_comment, moderator
    ):
        read = Comment.objects.get(pk=pending_comment.pk)
        taking_back.withdraw(pending_comment)
        assert read.approve(by=moderator) is None
        # Nor when it lay in the trash before, so that its state did not change.
        trashed = make_comment(pending_comment.article, status=Status.TRASH)
        read = Comment.objects.get(pk=trashed.pk)
        taking_back.withdraw(trashed)
        assert read.approve(by=moderator) is None
        assert read.hold(by=moderator) is None

    def test_a_decision_from_before_cannot_be_taken_back(self, client, pending_comment, moderator):
        event = pending_comment.move_to_trash(by=moderator)
        do(client, pending_comment, "withdraw")
        outcome = take_back([event.pk], by=moderator)
        assert (outcome.events, outcome.missed) == ([], 1)
        own = pending_comment.events.order_by("-pk").first()
        assert take_back([own.pk], by=moderator).events == []

    def test_replies_to_it_stay(self, client, article):
        comment = make_comment(article, status=Status.APPROVED)
        make_comment(article, status=Status.APPROVED, parent=comment, text="An answer.")
        do(client, comment, "withdraw")
        assert "An answer." in client.get(article.get_absolute_url()).content.decode()


class TestPutBack:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (Status.PENDING, Status.PENDING),
            (Status.APPROVED, Status.PENDING),
            (Status.SPAM, Status.SPAM),
            (Status.TRASH, Status.TRASH),
        ],
    )
    def test_a_moderator_decides_again_unless_it_was_declined(self, client, article, before, after):
        comment = make_comment(article, status=before)
        do(client, comment, "withdraw")
        assert do(client, comment, "put-back").status_code == 303
        assert comment.status == after
        assert comment.withdrawn_at is None
        assert last(comment) == (Status.TRASH, after, None, [PUT_BACK])

    def test_what_a_moderator_called_spam_meanwhile_stays_spam(
        self, client, pending_comment, moderator
    ):
        do(client, pending_comment, "withdraw")
        pending_comment.mark_spam(by=moderator)
        do(client, pending_comment, "put-back")
        assert pending_comment.status == Status.SPAM
        assert do(client, pending_comment, "ask-again").status_code == 409

    def test_what_was_declined_by_a_moderator_cannot_be_washed_clean(
        self, client, pending_comment, moderator
    ):
        pending_comment.mark_spam(by=moderator)
        for _ in range(2):
            do(client, pending_comment, "withdraw")
            do(client, pending_comment, "put-back")
        assert pending_comment.status == Status.SPAM
        assert not taking_back.may_ask_again(pending_comment)

    def test_can_be_approved_again(self, client, pending_comment, moderator):
        do(client, pending_comment, "withdraw")
        do(client, pending_comment, "put-back")
        assert pending_comment.approve(by=moderator)

    def test_of_what_is_not_withdrawn(self, client, article):
        comment = make_comment(article, status=Status.TRASH)
        assert do(client, comment, "put-back").status_code == 409
        assert comment.events.count() == 1


class TestAskAgain:
    def test_once(self, client, article, moderator):
        comment = make_comment(article, status=Status.SPAM)
        assert do(client, comment, "ask-again").status_code == 303
        assert last(comment) == (Status.SPAM, Status.PENDING, None, [ASKED_AGAIN])
        # Should a rule take it for spam again, no second time.
        comment.mark_spam()
        assert "look again" not in show(client, comment).replace("moderator to look again.", "")
        assert do(client, comment, "ask-again").status_code == 409
        assert comment.status == Status.SPAM

    def test_not_of_a_person(self, client, pending_comment, moderator):
        pending_comment.mark_spam(by=moderator)
        assert do(client, pending_comment, "ask-again").status_code == 409
        assert pending_comment.status == Status.SPAM

    @pytest.mark.parametrize("status", [Status.PENDING, Status.APPROVED, Status.TRASH])
    def test_only_about_spam(self, client, article, status):
        comment = make_comment(article, status=status)
        assert do(client, comment, "ask-again").status_code == 409
        assert comment.status == status


class TestMails:
    def test_are_muted_and_unmuted(self, client, article):
        comment = make_subscribed(article)
        assert do(client, comment, "mute").status_code == 303
        assert state_of(comment) == SubscriptionState.MUTED
        assert "You are not told of replies." in show(client, comment)
        do(client, comment, "unmute")
        assert state_of(comment) == SubscriptionState.CONFIRMED

    def test_muted_without_ever_having_said_yes_they_wait_for_a_yes(self, client, article):
        comment = make_subscribed(article, SubscriptionState.WAITING)
        do(client, comment, "mute")
        do(client, comment, "unmute")
        assert state_of(comment) == SubscriptionState.WAITING

    @pytest.mark.parametrize("state", [SubscriptionState.WAITING, SubscriptionState.CONFIRMED])
    def test_unmuting_what_is_not_muted_confirms_nothing(self, client, article, state):
        comment = make_subscribed(article, state)
        do(client, comment, "unmute")
        assert state_of(comment) == state

    def test_whoever_ended_them_from_the_mailbox_is_not_overruled(self, client, article):
        comment = make_subscribed(article)
        subscriptions.mute(comment.subscription)
        do(client, comment, "mute")
        do(client, comment, "unmute")
        assert state_of(comment) == SubscriptionState.WAITING

    def test_without_a_wish_nothing_is_offered_or_begun(self, client, approved_comment):
        shown = show(client, approved_comment)
        assert 'value="mute"' not in shown
        assert 'value="unmute"' not in shown
        for act in ("mute", "unmute"):
            do(client, approved_comment, act)
        assert not Subscription.objects.exists()

    def test_the_page_does_not_tell_whether_the_mailbox_said_yes(self, client, article):
        """Whoever typed somebody else's address learns nothing about its owner."""
        pages = []
        for state in (SubscriptionState.WAITING, SubscriptionState.CONFIRMED):
            comment = make_subscribed(article, state, author_name="Ann", text=f"In {len(state)}.")
            pages.append(
                show(client, comment)
                .replace(comment.private_key, "KEY")
                .replace(f"comment-{comment.pk}", "comment-N")
                .replace(comment.text, "TEXT")
            )
        assert pages[0] == pages[1]


def test_nothing_depends_on_what_was_agreed_with_the_address(client, article):
    """The same page and the same download for an address that is known, refused or new here."""
    known = make_subscribed(article, address="known@hidden.example")
    refused = make_subscribed(article, address="refused@hidden.example")
    mailboxes.locked(known.contact)
    subscriptions.refuse(mailboxes.locked(refused.contact))
    seen = {asked_with(client, article, who) for who in ("known", "refused", "new")}
    assert len(seen) == 1


def asked_with(client, article, who):
    """Return what the author of a published comment is shown who asked to be told of replies."""
    with time_machine.travel("2026-11-22 12:00Z", tick=False):
        comment = make_comment(
            article, address=f"{who}@hidden.example", author_name="Ann", text="Same."
        )
        subscriptions.wish(comment)
        comment.approve()
        notices.follow(list(comment.events.order_by("pk")))
        paths = (comment.private_path, f"{comment.private_path}download/")
        shown = "\n".join(client.get(path).content.decode() for path in paths)
    own = (comment.private_key, f"comment-{comment.pk}", f'"number": {comment.pk}')
    for mark in own:
        shown = shown.replace(mark, "-")
    comment.delete()
    return shown
