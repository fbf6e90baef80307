"""Sending: tried again, given up, found again after a crash, and silent about addresses."""

import datetime
import smtplib

import pytest
from cryptography.fernet import Fernet
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.locmem import EmailBackend as Locmem
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from comments.mailing import asking, outbox
from comments.mailing.posting import Outcome
from comments.models import MailKind, MailState, OutgoingMail, SubscriptionState
from tests.comments.mailing.conftest import DAY, MINUTE, READER, make_answer, make_wish, state_of

pytestmark = pytest.mark.django_db
HERE = "tests.comments.mailing.test_outbox."


class Failing(BaseEmailBackend):
    """A mail server that answers as ``errors`` say, with the address, then takes everything."""

    errors: list[Exception] = []

    def send_messages(self, messages):
        if Failing.errors:
            raise Failing.errors.pop(0)
        return Locmem().send_messages(messages)


def refused(code: int, words: bytes = b"no such user marker.reader@hidden-mailbox.example"):
    return smtplib.SMTPRecipientsRefused({READER: (code, words)})


@pytest.fixture
def failing(settings, monkeypatch):
    """Return a function that has the next attempts fail with these errors."""
    settings.EMAIL_BACKEND = HERE + "Failing"

    def fail(*errors: Exception) -> None:
        monkeypatch.setattr(Failing, "errors", list(errors))

    return fail


@pytest.fixture
def planned(confirmed):
    """A notice that is due."""
    reply = make_answer(confirmed.comment)
    outbox.plan(MailKind.NOTICE, subscription=confirmed, comment=reply)
    return OutgoingMail.objects.get()


def again(row: OutgoingMail) -> OutgoingMail:
    return OutgoingMail.objects.get(pk=row.pk)


def test_what_a_mail_server_says_of_an_address_is_kept_nowhere(planned, failing, run_tasks, caplog):
    failing(refused(550))
    run_tasks()
    assert mail.outbox == []
    assert again(planned).fault == "SMTPRecipientsRefused 550"
    kept = [caplog.text, str(list(OutgoingMail.objects.values()))]
    kept += [str(row) for row in DBTaskResult.objects.values()]
    assert "SMTPRecipientsRefused 550 at " in caplog.text
    assert not any("hidden-mailbox" in text or "marker.reader" in text for text in kept)
    assert set(DBTaskResult.objects.values_list("traceback", flat=True)) == {""}


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPDataError(451, f"later, {READER}".encode()),
        smtplib.SMTPSenderRefused(550, f"who? {READER}".encode(), READER),
        smtplib.SMTPAuthenticationError(535, READER.encode()),
        smtplib.SMTPServerDisconnected(READER),
        refused(450),
        OSError(READER),
        ValueError(READER),
    ],
    ids=lambda error: type(error).__name__,
)
def test_other_trouble_is_tried_again_and_as_silent(planned, failing, run_tasks, caplog, error):
    failing(error)
    run_tasks()
    row = again(planned)
    assert row.state == MailState.WAITING
    assert row.fault.startswith(type(error).__name__)
    kept = [caplog.text, row.fault, *(str(row) for row in DBTaskResult.objects.values())]
    assert not any("hidden-mailbox" in text for text in kept)
    assert state_of(row.subscription) == SubscriptionState.CONFIRMED


def test_it_is_tried_again_later_each_time_and_then_given_up(planned, failing, run_tasks, clock):
    failing(*[OSError() for _ in range(9)])
    waits = []
    for _ in range(4):
        run_tasks()
        row = again(planned)
        waits.append(round((row.due_at - timezone.now()).total_seconds(), -1))
        clock.forward(row.due_at - timezone.now() - datetime.timedelta(seconds=5))
        run_tasks()
        assert again(planned).attempts == row.attempts, "not before its time"
        clock.forward(datetime.timedelta(seconds=6))
    run_tasks()
    assert waits == list(outbox.DELAYS)
    assert (again(planned).state, again(planned).attempts) == (MailState.FAILED, 5)
    clock.forward(DAY)
    run_tasks()
    assert again(planned).attempts == 5


def test_what_works_at_last_is_sent_once(planned, failing, run_tasks, clock):
    failing(OSError())
    run_tasks()
    clock.forward(2 * MINUTE)
    run_tasks()
    row = again(planned)
    assert (row.state, row.fault, row.attempts) == (MailState.SENT, "", 2)
    assert row.sent_at
    outbox.send_mail.func(row.pk)
    assert len(mail.outbox) == 1


def test_a_mailbox_that_does_not_exist_gets_nothing_more(planned, failing, run_tasks):
    failing(refused(550, b"5.1.1 unknown"))
    run_tasks()
    assert again(planned).state == MailState.FAILED
    assert state_of(planned.subscription) == SubscriptionState.ENDED


def test_a_server_that_will_not_send_for_us_ends_no_wish(planned, failing, run_tasks):
    failing(refused(554, b"5.7.1 relay access denied"))
    run_tasks()
    assert again(planned).state == MailState.FAILED
    assert state_of(planned.subscription) == SubscriptionState.CONFIRMED


def test_refused_words_are_not_tried_again(planned, failing, run_tasks):
    failing(smtplib.SMTPDataError(554, b"looks like spam"))
    run_tasks()
    assert (again(planned).state, again(planned).fault) == (MailState.FAILED, "SMTPDataError 554")


def test_an_address_that_no_key_reads_fails_in_silence(planned, run_tasks, settings):
    settings.CONTACT_KEYS = [Fernet.generate_key().decode()]
    run_tasks()
    assert again(planned).fault == "InvalidToken"
    assert mail.outbox == []


def test_a_mistake_of_ours_is_named_with_its_place(planned, run_tasks, monkeypatch, caplog):
    def broken(*arguments: object) -> None:
        raise KeyError(READER)

    monkeypatch.setattr("comments.mailing.letters.write", broken)
    run_tasks()
    assert again(planned).fault == "KeyError"
    assert "test_outbox.py:" in caplog.text
    assert "hidden-mailbox" not in caplog.text


def test_nothing_is_claimed_before_its_time(planned):
    OutgoingMail.objects.update(due_at=timezone.now() + MINUTE)
    assert outbox._claim(planned.pk) is None


def test_one_worker_sends_what_two_were_told_to(planned):
    first, second = outbox._claim(planned.pk), outbox._claim(planned.pk)
    assert (first is None, second is None) == (False, True)


class TestCrash:
    def test_between_claim_and_sending_is_made_good(self, planned, tidy, clock):
        assert outbox._claim(planned.pk)
        DBTaskResult.objects.all().delete()
        clock.forward(outbox.LOST_AFTER - MINUTE)
        tidy()
        assert mail.outbox == []
        clock.forward(2 * MINUTE)
        tidy()
        assert len(mail.outbox) == 1
        assert (again(planned).state, again(planned).attempts) == (MailState.SENT, 2)

    def test_a_lost_task_is_queued_again_once(self, planned, clock):
        DBTaskResult.objects.all().delete()
        clock.forward(outbox.OVERDUE_AFTER + MINUTE)
        outbox.sweep()
        outbox.sweep()
        assert DBTaskResult.objects.filter(status=TaskResultStatus.READY).count() == 1

    def test_what_is_due_later_is_left_alone(self, planned, clock):
        OutgoingMail.objects.update(due_at=timezone.now() + DAY)
        DBTaskResult.objects.all().delete()
        outbox.sweep()
        assert not DBTaskResult.objects.exists()

    def test_of_every_worker_is_given_up(self, planned, run_tasks):
        OutgoingMail.objects.update(attempts=5)
        run_tasks()
        assert again(planned).state == MailState.FAILED
        assert mail.outbox == []

    def test_a_worker_that_wakes_late_decides_nothing(self, planned, run_tasks, clock):
        late = outbox._claim(planned.pk)
        assert late
        clock.forward(outbox.LOST_AFTER + MINUTE)
        outbox.sweep()
        run_tasks()
        outbox._settle(late, Outcome(MailState.FAILED, fault="late"))
        assert (again(planned).state, again(planned).fault) == (MailState.SENT, "")

    def test_the_same_mail_has_the_same_name(self, planned, run_tasks):
        run_tasks()
        OutgoingMail.objects.update(state=MailState.WAITING)
        outbox.send_mail.func(planned.pk)
        first, second = [message.message()["Message-ID"] for message in mail.outbox]
        assert first == second


def test_settled_mails_are_forgotten_after_a_month_but_notices(planned, article, run_tasks, clock):
    wish = make_wish(article, status="approved")
    asking.ask(wish)
    run_tasks()
    assert len(mail.outbox) == 2
    clock.forward(31 * DAY)
    assert outbox.forget_old() == 1
    assert OutgoingMail.objects.get().kind == MailKind.NOTICE


def test_a_question_to_nobody_ends_the_wish(article, failing, run_tasks):
    wish = make_wish(article, status="approved")
    asking.ask(wish)
    failing(refused(550))
    run_tasks()
    assert state_of(wish) == SubscriptionState.ENDED
