"""One thread, one truth: whoever reads an article, in whatever form, reads the same responses."""

import datetime
from itertools import combinations

import pytest
from django.utils import timezone

from comments.models import Kind, ResponseType, Status
from tests.builders import make_article, make_comment, make_faq_entry, make_pingback
from tests.one_thread import FEEDS, PAGES, Told, from_html

pytestmark = pytest.mark.django_db
HOSTILE = '</script><!-- *a* [b](c) "q" & <i>x</i>'


@pytest.fixture
def conversation(article):
    """A conversation with one of everything; return the numbers of those that readers see, in order."""
    make_faq_entry(article, question="Why?")
    said = {"article": article, "status": Status.APPROVED}
    top = make_comment(**said, author_name="Ann", text="First *of* all.\n\n- one\n- two & `three`")
    chain = [top]
    for number in range(6):
        chain.append(make_comment(**said, parent=chain[-1], text=f"Answer {number}."))
    hidden = make_comment(article, parent=top, text="Waiting.")
    below = make_comment(**said, parent=hidden, author_name=HOSTILE, text=HOSTILE)
    page = make_pingback(**said, author_name=f"A page {HOSTILE}", text="words *around* <it>")
    likes = ResponseType.LIKE
    make_pingback(**said, kind=Kind.WEBMENTION, response_type=likes, text="")
    reply = ResponseType.REPLY
    answer = make_pingback(**said, kind=Kind.WEBMENTION, response_type=reply, text="I wrote this.")
    make_comment(article, status=Status.SPAM)
    return [one.pk for one in (*chain, below, page, answer)]


def disagreements(told):
    """Return where two forms tell different things of the responses."""
    return [
        (one, other, mine, theirs)
        for one, other in combinations(told, 2)
        for mine, theirs in zip(told[one], told[other], strict=True)
        if not mine.agrees(theirs)
    ]


@pytest.mark.parametrize("form", PAGES)
def test_each_page_tells_of_those_that_readers_see(client, article, conversation, form):
    assert [told.pk for told in PAGES[form](client, article)] == conversation


@pytest.mark.parametrize("form", FEEDS)
def test_each_feed_tells_of_them_newest_first(client, article, conversation, form):
    newest_first = sorted(conversation, reverse=True)
    assert [told.pk for told in FEEDS[form](client, article)] == newest_first


def test_all_forms_tell_the_same(client, article, conversation):
    told = {
        form: sorted(read(client, article), key=lambda one: one.pk)
        for form, read in {**PAGES, **FEEDS}.items()
    }
    assert len(told) == 6
    assert disagreements(told) == []


def test_what_they_tell_is_what_was_said(client, article, conversation):
    told = {one.pk: one for one in from_html(client, article)}
    first, second, *_ = conversation
    assert told[first].words == "First of all. one two & three"
    assert told[first].answers is None
    assert told[second].answers == first
    # At the seventh level the indent has ended, and below a hidden one its parent counts.
    assert told[conversation[6]].answers == conversation[5]
    assert told[conversation[7]].answers == first
    assert told[conversation[7]].name == HOSTILE


def test_on_further_pages_and_in_threads_of_their_own(client, article, monkeypatch):
    monkeypatch.setattr("comments.thread_pages.THREADS_SHOWN", 2)
    monkeypatch.setattr("comments.thread_pages.REPLIES_SHOWN", 1)
    monkeypatch.setattr("comments.models.conversation.FIRST_SHOWN", 2)
    now = timezone.now()
    heads = [
        make_comment(
            article, status=Status.APPROVED, created_at=now + datetime.timedelta(seconds=n)
        )
        for n in range(3)
    ]
    parent = heads[0]
    for _ in range(3):
        parent = make_comment(article, status=Status.APPROVED, parent=parent)
    for query in ("?page=2", f"?thread={heads[0].pk}"):
        told = {form: read(client, article, query) for form, read in PAGES.items()}
        assert len(told["HTML"]) in (1, 4)
        assert disagreements(told) == []


@pytest.mark.parametrize("read", [*PAGES.values(), *FEEDS.values()])
def test_where_nothing_was_said_there_is_nothing(client, read):
    assert read(client, make_article()) == []


def test_the_comparison_finds_a_difference():
    one = Told(1, "Ann", "2026-01-01T00:00:00Z", "Words.")
    assert one.agrees(Told(1, "Ann", "2026-01-01T00:00:00Z", answers=2))
    assert not one.agrees(Told(1, "Ann", "2026-01-01T00:00:00Z", "Other words."))
    assert not one.agrees(Told(1, "Eve", "2026-01-01T00:00:00Z"))
    assert disagreements({"a": [one], "b": [Told(1, "Eve", one.when)]})
