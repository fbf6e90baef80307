"""The queue in the admin: what it shows."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from comments.models import ResponseType, Status
from tests.builders import make_article, make_comment, make_pingback, make_user
from tests.comments.queue import (
    MARKER,
    QUEUE,
    body,
    shown,
)


def test_the_queue_opens_with_what_is_pending_oldest_first(moderating, article):
    older, newer = make_comment(article), make_comment(article)
    make_comment(article, status=Status.APPROVED)

    assert shown(moderating.get(QUEUE)) == [older.pk, newer.pk]
    assert shown(moderating.get(QUEUE, {"order": "newest"})) == [newer.pk, older.pk]


def test_elsewhere_the_last_decision_comes_first(moderating, article):
    first, second = make_comment(article), make_comment(article)
    second.approve()
    first.approve()

    assert shown(moderating.get(QUEUE, {"status": "approved"})) == [first.pk, second.pk]


def test_tabs_count_every_state(moderating, article):
    for status, number in {"pending": 1, "approved": 2, "spam": 3, "trash": 4}.items():
        for _ in range(number):
            make_comment(article, status=status)

    tabs = re.findall(r">(\w+ \(\d+\))</a>", body(moderating.get(QUEUE)))

    assert tabs == ["Pending (1)", "Approved (2)", "Spam (3)", "Trash (4)", "All (10)"]
    assert len(shown(moderating.get(QUEUE, {"status": "all"}))) == 10
    assert len(shown(moderating.get(QUEUE, {"status": "spam"}))) == 3
    assert len(shown(moderating.get(QUEUE, {"status": "nonsense"}))) == 1


def test_kinds_can_be_told_apart(moderating, article):
    reply, pingback = make_comment(article), make_pingback(article)

    assert shown(moderating.get(QUEUE, {"kind": "pingback"})) == [pingback.pk]
    assert set(shown(moderating.get(QUEUE))) == {reply.pk, pingback.pk}


def test_a_row_holds_what_a_decision_rests_on(moderating, article):
    parent = make_comment(article, author_name="Ann", text="The question that was asked")
    comment = make_comment(
        article,
        parent=parent,
        author_name="Bob",
        author_url="https://bob.example/me",
        text="See https://one.example/a and [this](http://two.example/b). " + "Words. " * 200,
    )

    page = unescape(body(moderating.get(QUEUE)))

    for part in (
        comment.text.strip(),
        article.title,
        f'href="{article.get_absolute_url()}"',
        "In reply to <bdi>Ann</bdi>",
        "The question that was asked",
        "Reply to",
        "<bdi>Bob</bdi>",
        'href="https://bob.example/me"',
        "<code>one.example</code>",
        "<code>two.example</code>",
        "first-time author",
        "<details",
    ):
        assert part in page, part


@pytest.mark.parametrize(
    ("values", "is_on_the_page"),
    [
        ({"status": Status.APPROVED}, True),
        ({"status": Status.APPROVED, "response_type": ResponseType.LIKE}, False),
        ({"status": Status.PENDING}, False),
        ({"status": Status.SPAM}, False),
        ({"status": Status.TRASH}, False),
    ],
)
def test_only_what_readers_see_is_linked_where_they_see_it(
    moderating, article, values, is_on_the_page
):
    comment = make_comment(article, **values)
    url = reverse("admin:comments_comment_change", args=[comment.pk])
    place = comment.get_absolute_url() if is_on_the_page else article.get_absolute_url()

    for page in (body(moderating.get(QUEUE, {"status": "all"})), body(moderating.get(url))):
        assert f'href="{place}"' in page
        assert (f'/#comment-{comment.pk}"' in page) == is_on_the_page
    assert f'href="{place}" class="viewsitelink"' in body(moderating.get(url))


@pytest.mark.parametrize(
    "payload",
    ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7|add:7 }}{% now %}"],
)
def test_what_strangers_typed_is_escaped(moderating, payload):
    article = make_article(title=payload)
    parent = make_comment(article, author_name=payload, text=payload)
    comment = make_comment(
        article, parent=parent, author_name=payload, text=payload, author_url=payload
    )
    url = reverse("admin:comments_comment_change", args=[comment.pk])

    for page in (body(moderating.get(QUEUE)), body(moderating.get(url))):
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert payload in unescape(page)


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "http:javascript", "//x.example"]
)
def test_only_web_addresses_become_links(moderating, article, address):
    comment = make_comment(article, author_url=address)
    url = reverse("admin:comments_comment_change", args=[comment.pk])

    for page in (body(moderating.get(QUEUE)), body(moderating.get(url))):
        assert f'href="{address}' not in page
        assert address in page


def test_pages_keep_to_the_security_policy(moderating, pending_comment):
    change = reverse("admin:comments_comment_change", args=[pending_comment.pk])

    for url in (QUEUE, change):
        page = body(moderating.get(url))
        assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son\w+=", page)


def test_search_looks_at_text_name_and_title_alone(moderating, article):
    comment = make_comment(article, author_name="Zoë", text="xylophone", address=MARKER)

    for term in ("Zoë", "xylophone", "Disconnection"):
        assert shown(moderating.get(QUEUE, {"q": term})) == [comment.pk], term
    for term in (MARKER, "hidden-mailbox", comment.private_key, comment.contact.blind_index):
        assert shown(moderating.get(QUEUE, {"q": term})) == [], term


@pytest.mark.parametrize(
    "lookup",
    [
        "private_key__startswith",
        "contact__blind_index__startswith",
        "contact__isnull",
        "user__email",
        "status__exact",
        "nothing",
    ],
)
def test_hidden_fields_cannot_be_spelled_out_by_filters(
    moderating, pending_comment, lookup, caplog
):
    """They are left aside without an error: what an address holds beside the tabs says nothing."""
    page = moderating.get(QUEUE, {lookup: "no such value"})

    assert (page.status_code, shown(page)) == (200, [pending_comment.pk])
    assert not caplog.records


def test_a_queue_of_sixty_takes_as_many_queries_as_one_of_three(moderating, article):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert moderating.get(QUEUE).status_code == 200
        return len(captured)

    parent = make_comment(article, status=Status.APPROVED)
    for _ in range(3):
        make_comment(article, parent=parent)
    few = queries()
    for _ in range(57):
        comment = make_comment(make_article(), parent=parent)
        comment.mark_spam(by=make_user())
        comment.hold(by=make_user())

    assert queries() == few <= 15
