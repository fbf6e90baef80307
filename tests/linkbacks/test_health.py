"""What the health page says of linkbacks."""

import datetime

import pytest
from django.utils import timezone

from comments.linkbacks import health
from comments.linkbacks.models import Linkback, OutgoingLinkback, page_digest, target_digest
from tests.builders import make_pingback

pytestmark = pytest.mark.django_db

WEEK = datetime.timedelta(days=7)
State = OutgoingLinkback.State


def refused(article, number, why, ago=datetime.timedelta(days=1)):
    url = f"https://blog.example/{number}"
    return Linkback.objects.create(
        article=article,
        source_url=url,
        source_digest=page_digest(url),
        target_url="https://here.example/",
        state=Linkback.State.REFUSED,
        refusal=why,
        received_at=timezone.now() - ago,
    )


def outgoing(article, number, state, **kwargs):
    url = f"https://other.example/{number}"
    return OutgoingLinkback.objects.create(
        article=article, target_url=url, target_digest=target_digest(url), state=state, **kwargs
    )


def test_what_came_in_this_week_and_why_it_was_refused(article):
    make_pingback(article)
    nowhere = "The page does not link to the article"
    refused(article, 1, f"{nowhere}.")
    refused(article, 2, f"{nowhere}; it does link to https://here.example/a.")
    refused(article, 3, f"{nowhere}; it does link to https://here.example/b.")
    refused(article, 4, "Too old.", ago=WEEK + datetime.timedelta(minutes=1))
    section = health.incoming()
    facts = dict(section.facts)
    assert (facts["Link found"], facts["Refused"], facts["Received, not checked yet"]) == (1, 3, 0)
    assert section.table.rows == ((nowhere, 2), (f"{nowhere}.", 1))


def test_nothing_came_in_and_nothing_went_out():
    assert {value for _, value in health.incoming().facts} == {0}
    assert {value for _, value in health.outgoing().facts} == {0}
    assert health.incoming().table is health.outgoing().table is None
    assert health.outgoing().trouble == ""


def test_what_goes_out(article):
    soon = timezone.now() + WEEK
    outgoing(article, 1, State.PLANNED, next_attempt_at=soon)
    outgoing(article, 2, State.PLANNED, next_attempt_at=soon, attempts=2)
    outgoing(article, 3, State.SENT)
    for number in (4, 5):
        outgoing(article, number, State.FAILED, last_answer="No.", last_status=400)
    outgoing(article, 6, State.FAILED, last_answer="That address could not be reached.")
    section = health.outgoing()
    assert [value for _, value in section.facts] == [2, 1, 3]
    assert section.table.rows == (
        ("No.", 400, 2),
        ("That address could not be reached.", "none", 1),
    )
    assert section.trouble == ""


def test_what_should_have_gone_out_by_now_is_trouble(article):
    outgoing(article, 1, State.PLANNED, next_attempt_at=timezone.now() - WEEK)
    assert health.outgoing().trouble == "Should have been sent by now: 1."


def test_the_page_shows_both(client, moderator, article):
    refused(article, 1, "<b>Bold</b>.")
    outgoing(article, 1, State.FAILED, last_answer="<i>No</i>")
    client.force_login(moderator)
    shown = client.get("/admin/comments/comment/health/").content.decode()
    assert "Linkbacks that came in" in shown
    assert "&lt;b&gt;Bold&lt;/b&gt;." in shown
    assert "&lt;i&gt;No&lt;/i&gt;" in shown
