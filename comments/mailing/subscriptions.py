"""To be told of replies: wished, confirmed, refused, muted."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from comments.mailing import mailboxes, notices
from comments.models import Comment, Mailbox, Status, Subscription, SubscriptionState

WAITING, CONFIRMED = SubscriptionState.WAITING, SubscriptionState.CONFIRMED


def wish(comment: Comment) -> Subscription:
    """Write down that the comment's author wants to be told of replies to it.

    To be called in the transaction that writes the comment. It neither looks at the address nor
    at what was agreed with it: nothing that can be seen from outside depends on that.
    """
    return Subscription.objects.create(comment=comment)


def waiting(mailbox: Mailbox) -> QuerySet[Subscription]:
    """Return what the owner of the mailbox is asked about: of comments that are shown."""
    found = mailboxes.subscriptions_of(mailbox).filter(comment__status=Status.APPROVED)
    return found.filter(state=WAITING)


def confirmed(mailbox: Mailbox) -> QuerySet[Subscription]:
    """Return what the owner of the mailbox has agreed to, as far as the comments are shown."""
    found = mailboxes.subscriptions_of(mailbox).filter(comment__status=Status.APPROVED)
    return found.filter(state=CONFIRMED)


@transaction.atomic
def confirm(mailbox: Mailbox) -> int:
    """Take the owner's yes to everything they are asked about; return to how many comments.

    A refusal stands: whoever said never is asked about nothing. Of what was answered while the
    question was on its way they are told now.
    """
    mailbox = Mailbox.objects.select_for_update().get(pk=mailbox.pk)
    if mailbox.refused_at:
        return 0
    agreed = list(waiting(mailbox))
    found = Subscription.objects.filter(pk__in=[one.pk for one in agreed], state=WAITING)
    found.update(state=CONFIRMED, confirmed_at=timezone.now())
    Mailbox.objects.filter(pk=mailbox.pk).update(times_asked=0)
    for subscription in agreed:
        notices.tell_of_earlier(subscription)
    return len(agreed)


@transaction.atomic
def refuse(mailbox: Mailbox) -> None:
    """Never write to this address again, whoever types it."""
    Mailbox.objects.filter(pk=mailbox.pk, refused_at=None).update(refused_at=timezone.now())
    stop(mailbox)


@transaction.atomic
def stop(mailbox: Mailbox) -> None:
    """End every wish there is for this address; of comments to come its owner may be asked again."""
    wishes = mailboxes.subscriptions_of(mailbox).values_list("pk", flat=True)
    mailboxes.end(Subscription.objects.filter(pk__in=list(wishes)))


def mute(subscription: Subscription) -> None:
    """Tell of no more replies to this comment."""
    mailboxes.end(Subscription.objects.filter(pk=subscription.pk))
