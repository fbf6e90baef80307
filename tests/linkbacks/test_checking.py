"""Checking noted linkbacks, against a web that is made up here."""

import pytest
from django.db import OperationalError
from django_tasks_db.models import DBTaskResult

from comments.linkbacks import checking
from comments.linkbacks.exceptions import SourceNotFound, UpstreamError
from comments.linkbacks.models import Linkback
from comments.linkbacks.receiving import receive
from comments.models import Comment, DiscussionSettings, Kind, Status

pytestmark = pytest.mark.django_db

SOURCE = "https://blog.example/post"
SITE = "http://127.0.0.1:8000"


@pytest.fixture
def ping(article, run_tasks):
    """Return a function that announces the source and works off the queue."""

    def announce(source=SOURCE):
        linkback = receive(
            Kind.PINGBACK, source, SITE + article.get_absolute_url(), network="192.0.2.0/24"
        ).linkback
        run_tasks()
        linkback.refresh_from_db()
        return linkback

    return announce


def linking(article, text="On what it takes to <a href='{}'>come back</a>, and why it is slow."):
    return (
        f"<title>A post</title><body><p>{text.format(SITE + article.get_absolute_url())}</p></body>"
    )


def test_a_real_link_becomes_a_held_comment(web, ping, article):
    web.page(SOURCE, linking(article))
    linkback = ping()
    assert linkback.state == Linkback.State.VERIFIED
    assert linkback.verified_at
    assert linkback.evidence["link_text"] == "come back"
    comment = linkback.comment
    assert (comment.kind, comment.status) == (Kind.PINGBACK, Status.PENDING)
    assert (comment.author_name, comment.author_url) == ("A post", SOURCE)
    assert comment.text == "On what it takes to come back, and why it is slow."
    assert "trusted sources" in comment.events.get().reasons[0]


def test_approved_it_is_shown_in_brackets_and_links_to_its_source(
    web, ping, article, client, moderator
):
    web.page(SOURCE, linking(article))
    ping().comment.approve(by=moderator)
    page = client.get(article.get_absolute_url()).content.decode()
    assert f"One response to “{article.title}”" in page
    assert "[…] On what it takes to come back, and why it is slow. […]" in page
    assert f'href="{SOURCE}"' in page


def test_a_trusted_source_is_shown_at_once(web, ping, article):
    DiscussionSettings(pk=1, trusted_sources="blog.example").save()
    web.page(SOURCE, linking(article))
    assert ping().comment.status == Status.APPROVED


def test_trust_is_judged_by_where_the_page_really_is(web, ping, article):
    DiscussionSettings(pk=1, trusted_sources="blog.example").save()
    web.page(SOURCE, linking(article), final="https://elsewhere.example/spam")
    assert ping().comment.status == Status.PENDING


def test_an_unknown_address_gains_no_trust_by_leading_to_a_trusted_page(web, ping, article):
    DiscussionSettings(pk=1, trusted_sources="blog.example").save()
    web.page("https://evil.example/x", linking(article), final=SOURCE)
    assert ping("https://evil.example/x").comment.status == Status.PENDING


@pytest.mark.parametrize(
    ("html", "status", "sentence"),
    [
        ("<p>nothing</p>", 200, "link"),
        ("", 200, "link"),
        ("gone", 404, "(404)"),
        ("gone", 410, "(410)"),
        ("oops", 500, "(500)"),
        ("odd", 204, "(204)"),
    ],
)
def test_without_a_link_it_is_refused_and_says_why(web, ping, html, status, sentence):
    web.page(SOURCE, html, status=status)
    linkback = ping()
    assert linkback.state == Linkback.State.REFUSED
    assert sentence in linkback.refusal
    assert not Comment.objects.exists()


@pytest.mark.parametrize("error", [SourceNotFound("No such host."), UpstreamError("Too slow.")])
def test_a_source_that_cannot_be_fetched_is_asked_once_only(web, ping, error):
    web.pages[SOURCE] = error
    linkback = ping()
    assert (linkback.state, linkback.refusal) == (Linkback.State.REFUSED, str(error))
    assert web.asked == [SOURCE]
    assert not DBTaskResult.objects.ready().exists()


def test_refused_and_mended_it_is_taken_when_it_is_sent_again(web, ping, article):
    web.page(SOURCE, "no link yet")
    ping()
    web.page(SOURCE, linking(article))
    assert ping().state == Linkback.State.VERIFIED


def test_our_own_trouble_is_tried_again_later(web, ping, article):
    web.pages[SOURCE] = OperationalError("the database went away")
    linkback = ping()
    assert linkback.state == Linkback.State.RECEIVED
    assert (
        DBTaskResult.objects.filter(status="READY", args_kwargs__kwargs={"attempt": 2}).count() == 1
    )


def test_a_check_that_kills_its_worker_again_and_again_ends(web, ping, article, run_tasks):
    from comments.linkbacks.tasks import verify_linkback

    web.page(SOURCE, linking(article))
    linkback = receive(
        Kind.PINGBACK, SOURCE, SITE + article.get_absolute_url(), network="n"
    ).linkback
    Linkback.objects.update(checks_begun=Linkback.MAX_CHECKS)
    verify_linkback.enqueue(linkback.pk)
    run_tasks()
    linkback.refresh_from_db()
    assert linkback.state == Linkback.State.REFUSED
    assert web.asked == []


def test_checked_twice_it_is_registered_once(web, article, ping):
    web.page(SOURCE, linking(article))
    linkback = ping()
    stale = Linkback.objects.get(pk=linkback.pk)
    stale.state = Linkback.State.RECEIVED
    checking.check(stale)
    assert Comment.objects.count() == 1
