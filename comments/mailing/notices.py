"""Telling readers of replies to what they said: planned when a reply is approved."""

import datetime
from collections.abc import Iterable

from django.utils import timezone

from comments.mailing import asking, outbox
from comments.mailing.recipients import of_notice
from comments.models import (
    Comment,
    DiscussionSettings,
    MailKind,
    ModerationEvent,
    Status,
    Subscription,
    SubscriptionState,
)

RECENT = datetime.timedelta(days=2)
# Of what was answered before the address was confirmed: the latest.
EARLIER = 5


def follow(events: list[ModerationEvent]) -> None:
    """Do for readers what follows from approvals: ask about a wish, tell of a reply."""
    if not DiscussionSettings.current().reply_notices_enabled:
        return
    for comment in _newly_shown(events):
        _ask(comment)
        _tell_parent(comment)


def _newly_shown(events: list[ModerationEvent]) -> Iterable[Comment]:
    since = timezone.now() - RECENT
    shown = {
        event.comment.pk: event.comment
        for event in events
        if event.comment is not None
        and event.at >= since
        and event.to_status == event.comment.status == Status.APPROVED
    }
    return shown.values()


def _ask(comment: Comment) -> None:
    waiting = Subscription.objects.filter(
        comment=comment, state=SubscriptionState.WAITING, comment__contact__isnull=False
    )
    if subscription := waiting.select_related("comment__contact").first():
        asking.ask(subscription)


def _tell_parent(reply: Comment) -> None:
    above = Subscription.objects.filter(comment=reply.parent_id)
    if subscription := above.select_related("comment__contact").first():
        tell(subscription, reply)


def tell(subscription: Subscription, reply: Comment) -> None:
    """Plan the notice of a reply, once, if it is still wanted and somebody else's."""
    if of_notice(subscription, reply):
        outbox.plan(MailKind.NOTICE, subscription=subscription, comment=reply)


def tell_of_earlier(subscription: Subscription) -> None:
    """Tell of replies that were approved since the wish, before it was confirmed."""
    subscription.refresh_from_db()
    said = subscription.comment.children.approved()
    since = said.filter(status_since__gte=subscription.created_at)
    for reply in reversed(since.order_by("-created_at", "-pk")[:EARLIER]):
        tell(subscription, reply)
