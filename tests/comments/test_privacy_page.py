"""The privacy page says what the code does: change a number and it changes with it."""

import datetime
import re

import pytest
from django.utils import timezone

from comments import pace, retention
from comments.filter import lessons
from comments.mailing import asking, outbox
from comments.models import Contact, DiscussionSettings, Status
from comments.own_comment import editing
from comments.views.privacy import numbers
from recovery import housekeeping
from tests.builders import make_comment
from tests.test_templates import page

pytestmark = pytest.mark.django_db


def said(client):
    response = client.get("/privacy/")
    assert response.status_code == 200
    page(response)
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(text.split())


def test_is_linked_from_every_page(client, article):
    for path in ("/", article.get_absolute_url(), "/privacy/"):
        assert 'href="/privacy/"' in client.get(path).content.decode()


def test_sets_no_cookie_and_may_be_kept_by_anybody(client):
    response = client.get("/privacy/")
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")
    assert client.post("/privacy/").status_code == 405


def test_says_the_owners_days(client):
    DiscussionSettings(
        pk=1,
        erase_contacts_after_days=41,
        erase_declined_contacts_after_days=1,
        purge_spam_after_days=43,
        purge_trash_after_days=44,
    ).save()
    text = said(client)
    assert "41 days after it was published" in text
    assert "declined or taken for spam: 1 day." in text
    assert "What was declined: 44 days." in text
    assert "What was taken for spam: 43 days." in text


def test_says_never_where_the_owner_keeps_it(client):
    DiscussionSettings(
        pk=1,
        erase_contacts_after_days=0,
        erase_declined_contacts_after_days=0,
        purge_spam_after_days=0,
        purge_trash_after_days=0,
    ).save()
    text = said(client)
    assert "as long as the comment is published" in text
    assert text.count("until a moderator deletes it") == 2
    assert " 0 day" not in text


@pytest.mark.parametrize("days", [3, 50])
def test_and_it_is_so(client, article, days):
    DiscussionSettings(pk=1, erase_contacts_after_days=days).save()
    days_said = int(re.search(r"Then (\d+) days? after it was published", said(client))[1])
    day = datetime.timedelta(days=1)
    for distance in (-day / 24, day / 24):
        since = timezone.now() - days_said * day - distance
        make_comment(article, status=Status.APPROVED, status_since=since, address="ann@example.org")
    housekeeping.tidy()
    assert Contact.objects.count() == 1


@pytest.mark.parametrize(
    ("module", "name", "value", "key", "shown"),
    [
        (pace, "KEPT", datetime.timedelta(hours=13), "network_hours", "13 hours."),
        (editing, "EDITABLE_FOR", datetime.timedelta(minutes=17), "editable_minutes", "17 minutes"),
        (retention, "CONFIRMABLE_FOR", datetime.timedelta(days=19), "confirmable_days", "19 days"),
        (retention, "MAILBOX_KEPT", datetime.timedelta(days=23), "mailbox_days", "23 days"),
        (asking, "EVERY", datetime.timedelta(hours=29), "asking_hours", "29 hours"),
        (asking, "UNANSWERED", 37, "asked_times", "after 37"),
        (outbox, "KEPT", datetime.timedelta(days=53), "mail_log_days", "53 days"),
        (lessons, "MOST_LESSONS", 5901, "most_lessons", "5901"),
    ],
)
def test_each_number_is_the_one_the_code_reads(
    client, monkeypatch, module, name, value, key, shown
):
    before = numbers()[key]
    monkeypatch.setattr(module, name, value)
    assert numbers()[key] != before
    assert shown in said(client)


def test_every_number_comes_from_there():
    assert all(isinstance(number, int) and number > 0 for number in numbers().values())


@pytest.mark.parametrize("enabled", [True, False])
def test_of_mails_it_says_what_is_switched_on(client, enabled):
    DiscussionSettings(pk=1, reply_notices_enabled=enabled).save()
    text = said(client)
    assert ("unless you ask to be told about replies" in text) == enabled
    assert ("this site does not tell readers about replies" in text) != enabled
