"""Readers who asked to be told, and a worker that does everything that is due."""

import datetime

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from comments import following
from comments.mailing import subscriptions
from comments.models import Comment, Mailbox, Status, Subscription, SubscriptionState
from recovery import housekeeping
from tests.builders import make_comment, make_user

READER = "marker.reader@hidden-mailbox.example"
DAY, MINUTE = datetime.timedelta(days=1), datetime.timedelta(minutes=1)


@pytest.fixture
def clock(db):
    """A clock that runs, and can be put forward."""
    with time_machine.travel(timezone.now(), tick=True) as traveller:
        yield Clock(traveller)


class Clock:
    def __init__(self, traveller):
        self.traveller = traveller

    def forward(self, time: datetime.timedelta) -> None:
        self.traveller.shift(time)


@pytest.fixture
def work(run_tasks):
    """Return a function that does what follows from decisions, as the worker does.

    Tests run in a transaction that is never committed, so what waits for the commit is asked for.
    """

    def do() -> None:
        following.enqueue()
        run_tasks()

    return do


@pytest.fixture
def tidy(run_tasks):
    """Return a function that does the housekeeping, and what it queued."""

    def do() -> None:
        housekeeping.tidy()
        run_tasks()

    return do


@pytest.fixture
def wished(article) -> Subscription:
    """The wish of a reader whose comment waits for a moderator."""
    return make_wish(article)


@pytest.fixture
def confirmed(article) -> Subscription:
    """The wish of a reader who has confirmed it."""
    wish = make_wish(article, status=Status.APPROVED)
    wish.state, wish.confirmed_at = SubscriptionState.CONFIRMED, timezone.now()
    wish.save()
    return wish


@pytest.fixture
def mailed_moderator(db):
    return make_user(
        "comments.view_comment", "comments.moderate_comment", email="moderator@staff.example"
    )


def make_wish(article, address: str = READER, **kwargs) -> Subscription:
    return subscriptions.wish(make_comment(article, address=address, **kwargs))


def make_answer(comment: Comment, **kwargs) -> Comment:
    """Return a reply to the comment, approved."""
    values = {"status": Status.APPROVED, "address": "somebody@else.example", **kwargs}
    return make_comment(comment.article, parent=comment, **values)


def mailbox_of(subscription: Subscription) -> Mailbox:
    return Mailbox.objects.get(blind_index=subscription.comment.contact.blind_index)


def state_of(subscription: Subscription | None) -> str:
    assert subscription
    return Subscription.objects.get(pk=subscription.pk).state


def sent_to(address: str) -> list[str]:
    """Return the subjects of what was sent to the address."""
    return [str(message.subject) for message in mail.outbox if message.to == [address]]


def html_of(message) -> str:
    """Return the HTML part of a mail."""
    ((content, mime),) = message.alternatives
    assert mime == "text/html"
    return str(content)


def everything_said(message) -> str:
    """Return all of a mail that its recipient could read, the header To apart."""
    parsed = message.message()
    del parsed["To"]
    headers = "\n".join(f"{name}: {value}" for name, value in parsed.items())
    bodies = [str(part.get_payload(decode=True) or b"", "utf-8") for part in parsed.walk()]
    return "\n".join([headers, message.subject, *bodies])
