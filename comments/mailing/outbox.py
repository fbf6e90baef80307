"""Mails that are planned: each is claimed, written, sent, and tried again when that fails.

A mail is sent at least once: should a worker die between the mail server's yes and our note of it,
it goes out again under the same ``Message-ID``.
"""

import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django_tasks import task

from comments.mailing import mailboxes, posting
from comments.mailing.posting import Outcome
from comments.models import MailKind, MailState, OutgoingMail, Subscription

# Seconds before the next attempt, for each that failed; then it is given up.
DELAYS = (60, 900, 7_200, 43_200)
# No attempt takes so long: its worker was killed.
LOST_AFTER = datetime.timedelta(minutes=15)
# A mail that is overdue by this has lost its task.
OVERDUE_AFTER = datetime.timedelta(minutes=10)
KEPT = datetime.timedelta(days=30)
AT_ONCE = 50


def plan(kind: MailKind, *, due_at: datetime.datetime | None = None, **about: object) -> None:
    """Plan a mail and queue its task, in the caller's transaction; one for each notice.

    ``about`` are the columns that say what it is about and for whom. A notice that was dropped,
    because its reply was hidden when it was due, is taken up again.
    """
    due = due_at or timezone.now()
    mail = OutgoingMail(kind=kind, due_at=due, **about)
    try:
        with transaction.atomic():
            mail.save(force_insert=True)
            _enqueue(mail.pk, due)
    except IntegrityError:
        _take_up_again(mail)


def _take_up_again(mail: OutgoingMail) -> None:
    same = OutgoingMail.objects.filter(
        kind=mail.kind, subscription=mail.subscription, comment=mail.comment
    )
    for dropped in same.filter(state=MailState.DROPPED):
        _queue_again(dropped.pk, MailState.DROPPED)


def _enqueue(mail_id: int, due: datetime.datetime) -> None:
    send_mail.using(run_after=due).enqueue(mail_id)


@task()
def send_mail(mail_id: int) -> None:
    """Make the attempt that is due, if one is and nobody else makes it, and settle what follows."""
    mail = _claim(mail_id)
    if mail is None:
        return
    if mail.attempts > len(DELAYS) + 1:
        # Workers died of it, one after the other.
        outcome = Outcome(MailState.FAILED, fault="Sending could not be completed")
    else:
        outcome = posting.post(mail)
    _settle(mail, outcome)


def _claim(mail_id: int) -> OutgoingMail | None:
    now = timezone.now()
    due = OutgoingMail.objects.filter(pk=mail_id, state=MailState.WAITING, due_at__lte=now)
    # From now on ``due_at`` says since when it is being sent.
    if not due.update(state=MailState.SENDING, attempts=F("attempts") + 1, due_at=now):
        return None
    rows = OutgoingMail.objects.select_related(
        "mailbox", "moderator", "comment__article", "subscription__comment__article"
    )
    return rows.get(pk=mail_id)


@transaction.atomic
def _settle(mail: OutgoingMail, outcome: Outcome) -> None:
    """Write down what became of the attempt, unless the mail has been claimed anew since."""
    mine = OutgoingMail.objects.filter(pk=mail.pk, state=MailState.SENDING, attempts=mail.attempts)
    if not mine.update(fault=outcome.fault, **_next(mail, outcome)):
        return
    if outcome.state == MailState.SENT and outcome.letter:
        outcome.letter.when_sent()
    if outcome.is_unreachable and mail.subscription_id:
        mailboxes.end(Subscription.objects.filter(pk=mail.subscription_id))


def _next(mail: OutgoingMail, outcome: Outcome) -> dict[str, object]:
    now = timezone.now()
    if outcome.state == MailState.SENT:
        return {"state": MailState.SENT, "sent_at": now}
    if outcome.is_final or mail.attempts > len(DELAYS):
        return {"state": outcome.state}
    later = now + datetime.timedelta(seconds=DELAYS[mail.attempts - 1])
    _enqueue(mail.pk, later)
    return {"state": MailState.WAITING, "due_at": later}


def sweep() -> None:
    """Queue again what lost its task or its worker; bounded work."""
    now = timezone.now()
    for state, before in (
        (MailState.SENDING, now - LOST_AFTER),
        (MailState.WAITING, now - OVERDUE_AFTER),
    ):
        lost = OutgoingMail.objects.filter(state=state, due_at__lt=before).order_by("due_at", "pk")
        for pk in list(lost.values_list("pk", flat=True)[:AT_ONCE]):
            _queue_again(pk, state)


@transaction.atomic
def _queue_again(mail_id: int, state: MailState) -> None:
    now = timezone.now()
    # Due now, so that the next sweep does not queue it once more beside this task.
    if OutgoingMail.objects.filter(pk=mail_id, state=state).update(
        state=MailState.WAITING, due_at=now
    ):
        _enqueue(mail_id, now)


def forget_old() -> int:
    """Delete what is known of mails long settled; notices stay, so that none goes out twice."""
    settled = Q(state__in=[MailState.SENT, MailState.DROPPED, MailState.FAILED])
    old = OutgoingMail.objects.filter(settled, created_at__lt=timezone.now() - KEPT)
    return old.exclude(kind=MailKind.NOTICE).delete()[0]
