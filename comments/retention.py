"""How long addresses are kept, and the wishes to be told of replies: carried out by housekeeping."""

import datetime
from collections.abc import Collection
from typing import TypeVar

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from comments.models import (
    Contact,
    DiscussionSettings,
    Mailbox,
    Status,
    Subscription,
    SubscriptionState,
)

# So long after the comment was approved may the mail about it be answered.
CONFIRMABLE_FOR = datetime.timedelta(days=30)
# Since it was last asked to confirm: how often that was is counted, and who has comments erased and
# posts others must not be able to start the count again and have the same person asked for ever.
MAILBOX_KEPT = datetime.timedelta(days=30)
AT_ONCE = 500  # rows

Row = TypeVar("Row", bound=models.Model)


def erase_old_contacts() -> int:
    """Erase the addresses that the owner's rules keep no longer; return how many."""
    return _delete(_contacts_to_erase(DiscussionSettings.current()))


def _contacts_to_erase(rules: DiscussionSettings) -> QuerySet[Contact]:
    due = Q(comment__withdrawn_at__isnull=False)
    if days := rules.erase_declined_contacts_after_days:
        declined = Q(comment__status__in=[Status.SPAM, Status.TRASH])
        due |= declined & Q(comment__status_since__lt=_days_ago(days))
    if days := rules.erase_contacts_after_days:
        approved = Q(comment__status=Status.APPROVED, comment__status_since__lt=_days_ago(days))
        due |= approved & ~Q(Exists(_living_subscriptions()))
    return Contact.objects.filter(due)


def _living_subscriptions() -> QuerySet[Subscription]:
    # What was ended from the mailbox is treated as if nobody had answered: nothing tells of it.
    found = Subscription.objects.filter(comment=OuterRef("comment"))
    return found.exclude(state=SubscriptionState.MUTED)


def _days_ago(days: int) -> datetime.datetime:
    return timezone.now() - datetime.timedelta(days=days)


def forget_subscriptions() -> int:
    """Delete wishes to be told that were not confirmed in time, or have no address any more.

    While the comment waits for a moderator nobody is asked to confirm, and no time runs.
    """
    before = timezone.now() - CONFIRMABLE_FOR
    unanswered = [SubscriptionState.WAITING, SubscriptionState.ENDED]
    unconfirmed = Q(state__in=unanswered, created_at__lt=before)
    decided = ~Q(comment__status=Status.PENDING) & Q(comment__status_since__lt=before)
    return _delete(Subscription.objects.filter(Q(comment__contact=None) | (unconfirmed & decided)))


def forget_mailboxes(*, of: Collection[str] | None = None) -> int:
    """Delete what was agreed about addresses (of these blind indexes) that are behind no comment any more.

    Not where somebody wants no mail from here ever: that must be remembered to be kept to.
    """
    contacts = Contact.objects.filter(blind_index=OuterRef("blind_index"))
    unused = Mailbox.objects.filter(~Exists(contacts), refused_at=None)
    if of is not None:
        unused = unused.filter(blind_index__in=of)
    recently = timezone.now() - MAILBOX_KEPT
    return _delete(unused.exclude(last_asked_at__gt=recently))


def _delete(rows: QuerySet[Row]) -> int:
    """Delete the rows a few at a time, so that nobody who posts waits for all; return how many."""
    gone = 0
    while some := list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        with transaction.atomic():
            # Asked again: somebody may have decided in between.
            gone += rows.filter(pk__in=some).delete()[1].get(rows.model._meta.label, 0)
    return gone
