"""The one bare question: after approval only, one a day, three at most, never after a no."""

import datetime

import pytest
from cryptography.fernet import Fernet
from django.core import mail
from django.utils import timezone

from comments.mailing import asking, mailboxes, notices, subscriptions
from comments.models import (
    DiscussionSettings,
    Mailbox,
    MailState,
    ModerationEvent,
    OutgoingMail,
    Subscription,
    SubscriptionState,
)
from tests.builders import make_comment
from tests.comments.mailing.conftest import (
    DAY,
    MINUTE,
    READER,
    everything_said,
    mailbox_of,
    make_wish,
    sent_to,
    state_of,
)

pytestmark = pytest.mark.django_db


def approve_another(article, work, **kwargs) -> Subscription:
    wish = make_wish(article, **kwargs)
    wish.comment.approve()
    work()
    return wish


def test_nothing_is_asked_before_approval(wished, work):
    work()
    assert mail.outbox == []
    assert not Mailbox.objects.exists()


@pytest.mark.parametrize("verb", ["mark_spam", "move_to_trash"])
def test_nothing_is_asked_about_what_was_declined(wished, work, verb):
    getattr(wished.comment, verb)()
    work()
    assert mail.outbox == []


def test_approval_sends_one_bare_question(wished, work):
    wished.comment.approve()
    work()
    work()
    (message,) = mail.outbox
    assert message.to == [READER]
    assert message.subject == "Please confirm: replies by mail from Recovery"
    said = everything_said(message)
    assert f"http://127.0.0.1:8000/mail/{mailbox_of(wished).token}/" in said
    comment = wished.comment
    for words in (comment.text, comment.author_name, comment.article.title, READER, "marker"):
        assert words not in said
    assert state_of(wished) == SubscriptionState.WAITING


def test_nobody_is_asked_who_did_not_wish(article, work):
    make_comment(article, address=READER).approve()
    work()
    assert mail.outbox == []


def test_nothing_goes_out_when_it_was_hidden_again_before_the_mail(wished, work, run_tasks):
    wished.comment.approve()
    asking.ask(wished)
    wished.comment.hold()
    run_tasks()
    assert mail.outbox == []
    assert OutgoingMail.objects.get().state == MailState.DROPPED


def test_an_approval_that_was_taken_back_at_once_asks_nothing(wished, work):
    wished.comment.approve()
    wished.comment.hold()
    work()
    assert mail.outbox == []


def test_old_approvals_are_not_followed(wished):
    wished.comment.approve()
    ModerationEvent.objects.update(at=timezone.now() - 2 * DAY - MINUTE)
    notices.follow(list(ModerationEvent.objects.select_related("comment")))
    assert not OutgoingMail.objects.exists()


def test_nothing_is_asked_when_the_owner_has_switched_it_off(wished, work, tidy):
    DiscussionSettings(pk=1, reply_notices_enabled=False).save()
    wished.comment.approve()
    work()
    tidy()
    assert mail.outbox == []


def test_one_address_is_asked_once_a_day_and_the_rest_the_next_day(
    article, work, tidy, clock, mailed_moderator
):
    approve_another(article, work)
    clock.forward(datetime.timedelta(hours=2))
    approve_another(article, work, address=READER.upper())
    approve_another(article, work, address="another@reader.example")
    tidy()
    assert len(sent_to(READER)) == 1
    assert len(sent_to("another@reader.example")) == 1
    clock.forward(datetime.timedelta(hours=21, minutes=55))
    tidy()
    assert len(mail.outbox) == 2
    clock.forward(10 * MINUTE)
    tidy()
    assert len(sent_to(READER.upper())) == 1
    clock.forward(2 * DAY)
    tidy()
    assert len(mail.outbox) == 3, "no second question about the same"


def test_after_three_without_an_answer_nothing_more_is_asked(article, work, tidy, clock):
    for _ in range(5):
        approve_another(article, work)
        clock.forward(DAY + MINUTE)
        tidy()
    assert len(sent_to(READER)) == asking.UNANSWERED == 3


def test_an_answer_makes_it_possible_to_ask_three_times_again(article, work, clock):
    for _ in range(4):
        wish = approve_another(article, work)
        subscriptions.confirm(mailbox_of(wish))
        clock.forward(DAY + MINUTE)
    assert len(sent_to(READER)) == 4


def test_a_refusal_is_for_ever_however_the_address_is_written(article, work, tidy, clock):
    first = approve_another(article, work)
    subscriptions.refuse(mailbox_of(first))
    assert state_of(first) == SubscriptionState.ENDED
    clock.forward(400 * DAY)
    approve_another(article, work, address=f" {READER.upper()}")
    tidy()
    assert len(mail.outbox) == 1
    assert not OutgoingMail.objects.exclude(created_at__lt=timezone.now() - DAY).exists()


def test_a_refusal_holds_after_the_keys_have_changed(article, work, settings, clock):
    subscriptions.refuse(mailbox_of(approve_another(article, work)))
    settings.CONTACT_KEYS = [Fernet.generate_key().decode(), *settings.CONTACT_KEYS]
    clock.forward(2 * DAY)
    approve_another(article, work)
    assert len(mail.outbox) == 1


def test_the_limits_hold_after_the_keys_have_changed(article, work, settings, clock):
    first = approve_another(article, work)
    settings.CONTACT_KEYS = [Fernet.generate_key().decode(), *settings.CONTACT_KEYS]
    second = approve_another(article, work)
    assert len(mail.outbox) == 1
    # One mailbox, from which both wishes are found.
    assert list(mailboxes.subscriptions_of(Mailbox.objects.get())) == [first, second]


def test_confirming_takes_only_what_is_shown(article, work):
    first, hidden = approve_another(article, work), make_wish(article)
    assert subscriptions.confirm(mailbox_of(first)) == 1
    assert state_of(first) == SubscriptionState.CONFIRMED
    assert state_of(hidden) == SubscriptionState.WAITING


def test_confirming_after_a_refusal_changes_nothing(article, work):
    first = approve_another(article, work)
    subscriptions.refuse(mailbox_of(first))
    second = approve_another(article, work)
    assert subscriptions.confirm(mailbox_of(first)) == 0
    assert state_of(second) == SubscriptionState.WAITING


def test_without_a_contact_nothing_is_asked(wished, work, tidy):
    wished.comment.contact.delete()
    wished.comment.approve()
    work()
    tidy()
    assert mail.outbox == []
