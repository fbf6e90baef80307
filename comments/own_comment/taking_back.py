"""Withdrawing a comment, putting it back, asking for a second look, and turning mails off and on."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from comments import retention
from comments.models import (
    Comment,
    Contact,
    ModerationEvent,
    Status,
    Subscription,
    SubscriptionState,
)
from comments.own_comment.reasons import ASKED_AGAIN, PUT_BACK, WITHDRAWN
from comments.submission import SubmissionRefused


class NotPossible(SubmissionRefused):
    """The comment is not, or not any more, in the state for it; ``str()`` says so to its author."""

    status = 409


def locked(comment: Comment) -> Comment:
    """Return the comment as it stands now; nobody else changes it before the transaction ends.

    Raises ``NotPossible`` when it has gone.
    """
    # Only the row itself: the article's may be needed by those who post.
    return read_anew(comment, Comment.objects.select_for_update(of=("self",)))


def read_anew(comment: Comment, rows: QuerySet[Comment]) -> Comment:
    """Return the comment as it is among these rows now. Raises ``NotPossible`` when it has gone."""
    now = rows.select_related("article", "user").filter(pk=comment.pk).first()
    if now is None:
        raise NotPossible(gettext("This comment is not here any more."))
    return now


@transaction.atomic
def withdraw(comment: Comment) -> None:
    """Take it out of the conversation at once, and erase the address: nobody is to be told now."""
    now = locked(comment)
    if now.withdrawn_at is not None:
        return
    now.withdrawn_at = timezone.now()
    now.save(update_fields=["withdrawn_at"])
    forget_address(now)
    # What lies in the trash already stays there, now for its author's reason too.
    if now.move_to_trash(reasons=[WITHDRAWN]) is None:
        ModerationEvent.record(now, now.status, reasons=[WITHDRAWN])


def forget_address(comment: Comment) -> None:
    """Erase the address behind it, and the wish to be told of replies."""
    contacts = Contact.objects.filter(comment=comment)
    blind_indexes = list(contacts.values_list("blind_index", flat=True))
    Subscription.objects.filter(comment=comment).delete()
    contacts.delete()
    retention.forget_mailboxes(of=blind_indexes)


@transaction.atomic
def put_back(comment: Comment) -> None:
    """Have a moderator decide about it again, unless it had been declined before.

    Raises ``NotPossible`` when it is not withdrawn.
    """
    now = locked(comment)
    if now.withdrawn_at is None:
        raise NotPossible(gettext("This comment is not withdrawn."))
    status = _state_to_return_to(now)
    now.withdrawn_at = None
    now.save(update_fields=["withdrawn_at"])
    if now.move_to(status, reasons=[PUT_BACK]) is None:
        ModerationEvent.record(now, now.status, reasons=[PUT_BACK])


def _state_to_return_to(comment: Comment) -> Status:
    """Return where it was if that was spam or trash, where a moderator has put it since, or pending."""
    last = comment.events.order_by("-pk").first()
    if last is None or WITHDRAWN not in last.reasons:
        return Status(comment.status)
    was_thrown_away = last.from_status in (Status.SPAM, Status.TRASH)
    return Status(last.from_status) if was_thrown_away else Status.PENDING


def may_ask_again(comment: Comment) -> bool:
    """Say whether a person is still to look at it: no moderator has called it spam, nor been asked."""
    if comment.status != Status.SPAM or comment.withdrawn_at is not None:
        return False
    return not any(
        ASKED_AGAIN in event.reasons or (event.actor_id and event.to_status == Status.SPAM)
        for event in comment.events.all()
    )


@transaction.atomic
def ask_again(comment: Comment) -> None:
    """Have a moderator look at what the filter took for spam: once. Raises ``NotPossible``."""
    now = locked(comment)
    if not may_ask_again(now):
        raise NotPossible(
            gettext("A moderator has looked at this comment, or has been asked to already.")
        )
    now.hold(reasons=[ASKED_AGAIN])


@transaction.atomic
def mute(comment: Comment) -> None:
    """Send no mail about replies to this comment."""
    Subscription.objects.filter(comment=locked(comment)).update(state=SubscriptionState.MUTED)


@transaction.atomic
def unmute(comment: Comment) -> None:
    """Undo ``mute()``: whoever had confirmed the address is told again, nobody else ever is."""
    muted = Subscription.objects.filter(comment=locked(comment), state=SubscriptionState.MUTED)
    muted.filter(confirmed_at=None).update(state=SubscriptionState.WAITING)
    muted.filter(confirmed_at__isnull=False).update(state=SubscriptionState.CONFIRMED)
