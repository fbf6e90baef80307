"""The line about moderation on the admin's first page."""

import datetime
import re

import pytest
from django.utils import timezone

from comments.models import DiscussionSettings, MailKind, MailState, OutgoingMail
from tests.builders import make_comment, make_user
from tests.comments.queue import body

pytestmark = pytest.mark.django_db

LINE = re.compile(r">Comments</a>: (.*?)\. <a href=\"/admin/comments/comment/health/\">Health</a>")


@pytest.fixture
def summary(client, moderator):
    """Return a function that reads the line."""
    client.force_login(moderator)
    return lambda: LINE.search(body(client.get("/admin/"))).group(1)


def held_for(**time) -> None:
    make_comment(status_since=timezone.now() - datetime.timedelta(**time))


def test_of_an_empty_site(summary):
    assert summary() == "nothing waiting; filter learning"


def test_what_just_came_in_waits_for_less_than_a_minute(summary):
    held_for(seconds=50)
    assert summary() == "1 waiting, oldest less than a minute; filter learning"


def test_of_a_busy_one(summary):
    held_for(days=3)
    held_for(days=2)
    for _ in range(2):
        OutgoingMail.objects.create(kind=MailKind.NOTICE, state=MailState.FAILED)
    assert summary() == "2 waiting, oldest 3 days; filter learning; 2 emails failed"


def test_a_filter_that_may_not_act_is_said_to_be_off(summary):
    DiscussionSettings(pk=1, filter_enabled=False).save()
    assert summary() == "nothing waiting; filter switched off"


def test_it_is_for_moderators_only(client):
    client.force_login(make_user("comments.view_comment"))
    page = body(client.get("/admin/"))
    assert "Comments" in page
    assert not LINE.search(page)
