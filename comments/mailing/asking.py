"""The one bare mail that asks whether an address wants to be told of replies.

Anybody can type any address, so the mail carries nothing that a visitor wrote, goes out only after
a moderator or a rule has approved the comment, and is limited by address.
"""

import datetime

from django.db import transaction
from django.utils import timezone

from comments.mailing import mailboxes, outbox
from comments.models import (
    DiscussionSettings,
    Mailbox,
    MailKind,
    OutgoingMail,
    Status,
    Subscription,
    SubscriptionState,
)

EVERY = datetime.timedelta(days=1)
UNANSWERED = 3  # mails that nobody answered; then nothing more is asked
# What was approved longer ago is not news: nobody remembers having asked.
ASKED_WITHIN = datetime.timedelta(days=3)
AT_ONCE = 500
# Addresses asked in a day of those typed in one network: one mailbox can have many (ann+1@, ann+2@).
FROM_ONE_NETWORK = 5


@transaction.atomic
def ask(subscription: Subscription) -> None:
    """Plan the mail for a waiting subscription, unless its address has been asked enough.

    A mail leads to everything that waits for that address, so one that went out after the comment
    was approved covers it.
    """
    mailbox = mailboxes.locked(subscription.comment.contact)
    if not _may_ask(mailbox) or _was_asked(mailbox, subscription):
        return
    if _asks_many(subscription.comment.network_key):
        return
    mailbox.last_asked_at = timezone.now()
    mailbox.times_asked += 1
    mailbox.save(update_fields=["last_asked_at", "times_asked"])
    outbox.plan(MailKind.CONFIRM, mailbox=mailbox, subscription=subscription)


def _may_ask(mailbox: Mailbox) -> bool:
    if mailbox.refused_at or mailbox.times_asked >= UNANSWERED:
        return False
    return mailbox.last_asked_at is None or timezone.now() - mailbox.last_asked_at >= EVERY


def _was_asked(mailbox: Mailbox, subscription: Subscription) -> bool:
    asked = mailbox.last_asked_at
    return asked is not None and asked >= subscription.comment.status_since


def _asks_many(network_key: str) -> bool:
    asked = OutgoingMail.objects.filter(
        kind=MailKind.CONFIRM, created_at__gt=timezone.now() - EVERY
    ).filter(subscription__comment__network_key=network_key)
    return bool(network_key) and asked.count() >= FROM_ONE_NETWORK


def ask_again() -> None:
    """Ask about comments that were approved when their address had been asked that day already."""
    if not DiscussionSettings.current().reply_notices_enabled:
        return
    waiting = Subscription.objects.filter(
        state=SubscriptionState.WAITING,
        comment__status=Status.APPROVED,
        comment__status_since__gte=timezone.now() - ASKED_WITHIN,
        comment__contact__isnull=False,
    )
    for subscription in waiting.select_related("comment__contact").order_by("pk")[:AT_ONCE]:
        ask(subscription)
