"""Addresses are erased when their time has come, and not before."""

import datetime

import pytest
from django.utils import timezone

from comments import retention
from comments.mailing import mailboxes
from comments.models import (
    Comment,
    Contact,
    DiscussionSettings,
    Mailbox,
    OutgoingMail,
    Status,
    Subscription,
    SubscriptionState,
)
from recovery import housekeeping
from tests.builders import make_comment

pytestmark = pytest.mark.django_db

WAITING, CONFIRMED, MUTED, ENDED = SubscriptionState


def ago(**kwargs):
    return timezone.now() - datetime.timedelta(**kwargs)


def make_kept(article, status, since, subscription=None, **kwargs):
    """Return a comment with an address that has been in this state since then."""
    comment = make_comment(
        article, status=status, status_since=since, address="ann@example.org", **kwargs
    )
    if subscription:
        Subscription.objects.create(comment=comment, state=subscription, created_at=since)
    return comment


def has_address(comment):
    return Contact.objects.filter(comment=comment).exists()


class TestContacts:
    @pytest.mark.parametrize(
        ("status", "days"), [(Status.APPROVED, 90), (Status.SPAM, 7), (Status.TRASH, 7)]
    )
    def test_go_after_the_days_of_the_state(self, article, status, days):
        old = make_kept(article, status, ago(days=days, seconds=1))
        young = make_kept(article, status, ago(days=days, seconds=-60))
        assert retention.erase_old_contacts() == 1
        assert (has_address(old), has_address(young)) == (False, True)
        assert Comment.objects.count() == 2

    def test_stay_while_the_comment_waits(self, article):
        comment = make_kept(article, Status.PENDING, ago(days=4000), created_at=ago(days=4000))
        assert retention.erase_old_contacts() == 0
        assert has_address(comment)

    def test_the_days_are_the_owners(self, article):
        DiscussionSettings(
            pk=1, erase_contacts_after_days=5, erase_declined_contacts_after_days=2
        ).save()
        make_kept(article, Status.APPROVED, ago(days=6))
        make_kept(article, Status.SPAM, ago(days=3))
        kept = make_kept(article, Status.APPROVED, ago(days=3))
        assert retention.erase_old_contacts() == 2
        assert Contact.objects.get().comment == kept

    def test_zero_days_mean_never(self, article):
        DiscussionSettings(
            pk=1, erase_contacts_after_days=0, erase_declined_contacts_after_days=0
        ).save()
        for status in Status:
            make_kept(article, status, ago(days=4000))
        assert retention.erase_old_contacts() == 0

    def test_of_withdrawn_comments_go_at_once_and_always(self, article):
        DiscussionSettings(
            pk=1, erase_contacts_after_days=0, erase_declined_contacts_after_days=0
        ).save()
        make_kept(article, Status.TRASH, timezone.now(), withdrawn_at=timezone.now())
        assert retention.erase_old_contacts() == 1

    @pytest.mark.parametrize(
        ("state", "is_kept"),
        [(WAITING, True), (CONFIRMED, True), (MUTED, False), (ENDED, True), (None, False)],
    )
    def test_a_living_wish_to_be_told_keeps_them(self, article, state, is_kept):
        comment = make_kept(article, Status.APPROVED, ago(days=91), state)
        Subscription.objects.update(created_at=timezone.now())
        retention.erase_old_contacts()
        assert has_address(comment) == is_kept

    def test_the_wish_keeps_no_address_of_what_was_declined(self, article):
        comment = make_kept(article, Status.SPAM, ago(days=8), CONFIRMED)
        retention.erase_old_contacts()
        assert not has_address(comment)

    def test_more_than_are_erased_at_once(
        self, article, monkeypatch, django_assert_max_num_queries
    ):
        monkeypatch.setattr(retention, "AT_ONCE", 2)
        for _ in range(5):
            make_kept(article, Status.SPAM, ago(days=8))
        assert retention.erase_old_contacts() == 5

    def test_of_what_is_approved_in_between_stay(self, article):
        comment = make_kept(article, Status.SPAM, ago(days=8))
        due = retention._contacts_to_erase(DiscussionSettings.current())
        assert due.exists()
        comment.approve()
        assert due.delete()[0] == 0


class TestSubscriptions:
    def test_nobody_confirms_for_ever(self, article):
        make_kept(article, Status.APPROVED, ago(days=30, seconds=1), WAITING)
        kept = [
            make_kept(article, Status.APPROVED, ago(days=29), WAITING),
            make_kept(article, Status.APPROVED, ago(days=31), CONFIRMED),
            make_kept(article, Status.APPROVED, ago(days=31), MUTED),
        ]
        assert retention.forget_subscriptions() == 1
        assert {each.comment for each in Subscription.objects.all()} == set(kept)

    def test_no_time_runs_before_anybody_could_be_asked(self, article):
        make_kept(article, Status.PENDING, ago(days=100), WAITING)
        late = make_kept(article, Status.APPROVED, ago(days=100), WAITING)
        Comment.objects.filter(pk=late.pk).update(status_since=ago(days=2))
        assert retention.forget_subscriptions() == 0

    def test_without_an_address_there_is_nobody_to_tell(self, article):
        comment = make_comment(article, status=Status.APPROVED)
        Subscription.objects.create(comment=comment, state=CONFIRMED)
        assert retention.forget_subscriptions() == 1


class TestMailboxes:
    def test_that_nothing_refers_to_go(self, article):
        comment, other = (
            make_kept(article, Status.APPROVED, ago(days=1)),
            make_comment(article, address="bob@example.org"),
        )
        gone, kept = mailboxes.locked(comment.contact), mailboxes.locked(other.contact)
        OutgoingMail.objects.create(kind="confirm", mailbox=gone)
        assert retention.forget_mailboxes() == 0
        comment.contact.delete()
        assert retention.forget_mailboxes() == 1, "rows that go with them are not counted"
        assert Mailbox.objects.get() == kept

    def test_one_that_wants_nothing_is_kept_for_ever(self):
        Mailbox.objects.create(blind_index="a" * 64, refused_at=ago(days=4000))
        assert retention.forget_mailboxes() == 0

    def test_one_that_was_asked_lately_is_counted_on(self):
        Mailbox.objects.create(blind_index="a" * 64, last_asked_at=ago(days=29))
        Mailbox.objects.create(blind_index="b" * 64, last_asked_at=ago(days=31))
        assert retention.forget_mailboxes() == 1
        assert Mailbox.objects.get().blind_index == "a" * 64

    def test_only_of_those_asked_about(self):
        for letter in "ab":
            Mailbox.objects.create(blind_index=letter * 64)
        assert retention.forget_mailboxes(of=["a" * 64, "c" * 64]) == 1
        assert Mailbox.objects.get().blind_index == "b" * 64


def test_housekeeping_does_it_all_in_one_go(article):
    """A wish that nobody confirmed, then the address it kept, then what was agreed with that."""
    comment = make_kept(article, Status.APPROVED, ago(days=91), WAITING)
    mailboxes.locked(comment.contact)
    housekeeping.tidy()
    assert not Subscription.objects.exists()
    assert not Contact.objects.exists()
    assert not Mailbox.objects.exists()
    assert Comment.objects.get() == comment
