"""What is taken from a page's microformats."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from comments.linkbacks import microformats
from comments.linkbacks.microformats import Mention, read

PAGES = Path(__file__).parent / "pages"
PAGE = "https://source.example/notes/1"
TARGET = "https://blog.example/articles/recovery/"
TARGETS = frozenset({TARGET, "http://blog.example/?p=1"})


def said(html: str, url: str = PAGE) -> Mention:
    mention = read(html, url, TARGETS)
    assert mention is not None
    return mention


def page(name: str, url: str = PAGE) -> Mention:
    return said((PAGES / f"mf2-{name}.html").read_text(), url)


def entry(inside: str) -> str:
    return f'<div class="h-entry">{inside}</div>'


def link(kind: str, url: str = TARGET) -> str:
    return f'<a class="u-{kind}" href="{url}">it</a>'


# What a page says


def test_reply_with_all_that_belongs_to_it():
    assert page("reply") == Mention(
        kind="reply",
        author_name="Ada & Co",
        author_url="https://source.example/about",
        published=datetime(2024, 5, 1, 12, 30, tzinfo=timezone(timedelta(hours=2))),
        content="That is a great idea 👍\nSecond line <b>.",
        name=None,
        url=PAGE,
    )


def test_like_and_nothing_else_on_a_page_with_a_base():
    mention = page("like")

    assert (mention.kind, mention.author_name, mention.published) == ("like", None, None)


def test_repost_of_several_addresses_one_of_them_cited():
    mention = page("repost-many")

    assert (mention.kind, mention.author_name) == ("repost", "Ada")
    assert mention.url == "https://social.example/1"


@pytest.mark.parametrize(
    ("inside", "kind"),
    [
        pytest.param(link("in-reply-to"), "reply", id="reply"),
        pytest.param(link("in-reply-to") + '<a class="u-url" href=""></a>', "reply", id="u-url"),
        pytest.param(link("in-reply-to", "http://BLOG.example:80/?p=1#x"), "reply", id="alias"),
        pytest.param(
            link("in-reply-to", "https://other.example/") + link("in-reply-to"), "reply", id="two"
        ),
        pytest.param(
            link("in-reply-to", "https://other.example/") + link("like-of"), "like", id="mixed"
        ),
        pytest.param(
            f'<div class="u-in-reply-to h-cite"><p><a href="{TARGET}">it</a></div>',
            "reply",
            id="implied url of a citation",
        ),
        pytest.param(
            f'<a class="h-cite p-x u-in-reply-to" href="{TARGET}">it</a>', "reply", id="root itself"
        ),
        pytest.param(
            f'<data class="u-like-of" value="{TARGET}"></data>', "like", id="data element"
        ),
        pytest.param(f'<span class="u-repost-of">{TARGET}</span>', "repost", id="written as text"),
        pytest.param(link("bookmark-of"), "mention", id="bookmark"),
        pytest.param(f'<p class="e-content"><a href="{TARGET}">it</a>', "mention", id="plain link"),
        pytest.param(link("in-reply-to") + '<i class="p-rsvp">yes</i>', "mention", id="rsvp"),
        pytest.param(
            link("in-reply-to") + '<i class="p-invitee h-card">Bob</i>', "mention", id="invitation"
        ),
        pytest.param(link("in-reply-to", TARGET + "x"), "mention", id="another address"),
        pytest.param(link("in-reply-to", TARGET + "?a"), "mention", id="with a query"),
        pytest.param(
            '<div class="u-comment h-entry">' + link("in-reply-to") + "</div>",
            "mention",
            id="someone else's comment",
        ),
        pytest.param(
            '<div class="h-entry">' + link("in-reply-to") + "</div>", "mention", id="child entry"
        ),
    ],
)
def test_kind(inside: str, kind: str):
    assert said(entry(inside)).kind == kind


@pytest.mark.parametrize(
    "html",
    [
        pytest.param("", id="nothing"),
        pytest.param(f'<a href="{TARGET}">h-entry</a>', id="only the word"),
        pytest.param(f'<!-- <p class="h-entry">{link("like-of")} -->', id="in a comment"),
        pytest.param(f'<template><p class="h-entry">{link("like-of")}</template>', id="template"),
        pytest.param(f'<p class="h-entryx">{link("like-of")}', id="another class"),
        pytest.param(f'<div class="hentry">{link("in-reply-to")}</div>', id="microformats 1"),
        pytest.param(
            '<div class="h-event"><div class="h-entry">' + link("like-of") + "</div></div>",
            id="entry inside something else",
        ),
    ],
)
def test_page_without_an_entry_of_its_own(html: str):
    assert read(html, PAGE, TARGETS) is None


def test_entry_at_the_pages_address_comes_before_the_first():
    other, own = entry(link("like-of")), entry(link("in-reply-to") + link("url", "/notes/1"))

    assert said(other + own).kind == "reply"
    assert said(own + other).kind == "reply"
    assert said(other + entry(link("in-reply-to"))).kind == "like"


def test_in_a_feed_the_only_entry_with_the_link_counts():
    mention = page("feed")

    assert (mention.name, mention.url) == ("Second", "https://source.example/2")
    assert mention.author_name == "Feed's author"
    assert mention.content == "See Recovery, all of you."


def test_in_a_feed_the_entry_at_the_pages_address_counts():
    assert page("feed", "https://source.example/1").name == "First"


def test_in_a_feed_with_the_link_in_two_entries_neither_counts():
    two = entry(link("like-of")) * 2

    assert read(f'<div class="h-feed">{two}</div>', PAGE, TARGETS) is None


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        pytest.param('<b class="p-author">Ada</b>', ("Ada", None), id="a name"),
        pytest.param(
            '<a class="p-author h-card" href="/">Ada</a>',
            ("Ada", "https://source.example/"),
            id="card",
        ),
        pytest.param(
            '<a class="p-author u-author h-card" href="/">Ada</a>',
            ("Ada", "https://source.example/"),
            id="card in two roles",
        ),
        pytest.param(
            '<a class="u-author" href="/me"></a>', (None, "https://source.example/me"), id="address"
        ),
        pytest.param(
            '<a class="u-author" href="mailto:a@b.example">A</a>', (None, None), id="mail"
        ),
        pytest.param('<b class="p-author"> </b>', (None, None), id="blank"),
        pytest.param(
            '<b class="p-author">' + "x" * 500 + "</b>", ("x" * 99 + "…", None), id="long name"
        ),
        pytest.param('<b class="p-author">A\u202eB\ufffe</b>', ("AB", None), id="direction"),
    ],
)
def test_author(author: str, expected: tuple[str | None, str | None]):
    mention = said(entry(author))

    assert (mention.author_name, mention.author_url) == expected


def test_author_given_by_address_is_named_by_a_card_on_the_same_page():
    card = '<a class="h-card" href="/me#i">Ada</a>'
    html = card + entry('<a class="u-author" href="/me"></a>')

    assert said(html).author_name == "Ada"


@pytest.mark.parametrize("url", ["/", PAGE])
def test_pages_only_card_stands_for_the_author(url: str):
    card = f'<a class="h-card" href="{url}">Ada</a>'

    assert said(card + entry("x")).author_name == "Ada"
    assert said(card * 2 + entry("x")).author_name is None


def test_card_of_another_site_does_not():
    assert (
        said('<a class="h-card" href="https://eve.example/">Eve</a>' + entry("")).author_url is None
    )


@pytest.mark.parametrize(
    ("name", "content", "title"),
    [
        pytest.param("A title", "Other words.", "A title", id="title"),
        pytest.param("Recovery", "On recovery and more.", "Recovery", id="quoted further on"),
        pytest.param("Other words.", "Other words.", None, id="the content itself"),
        pytest.param("Ada: Other words!", "other WORDS", None, id="more than the content"),
        pytest.param("Other wo…", "Other words.", None, id="the content's beginning"),
        pytest.param("مرحبا", "مرحبا بالعالم", None, id="not only Latin letters"),
        pytest.param("A title", "", "A title", id="no content"),
    ],
)
def test_name_is_a_title_only_if_it_says_more(name: str, content: str, title: str | None):
    html = entry(f'<h1 class="p-name">{name}</h1><div class="e-content">{content}</div>')

    assert said(html).name == title


def test_reply_without_content_says_its_name():
    mention = said(entry(link("in-reply-to") + '<span class="p-name">Well done!</span>'))

    assert (mention.name, mention.content) == (None, "Well done!")


def test_content_is_cut_between_words():
    content = said(entry('<p class="e-content">' + "word " * 5000)).content

    assert content is not None
    assert len(content) <= microformats.CONTENT_LIMIT
    assert content.endswith("word…")


def test_content_of_many_lines_is_cut_too():
    content = said(entry('<pre class="e-content">' + "a line\n" * 3000)).content

    assert content is not None
    assert microformats.CONTENT_LIMIT - 10 < len(content) <= microformats.CONTENT_LIMIT


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        pytest.param("2024-05-01T12:00:00Z", datetime(2024, 5, 1, 12, tzinfo=UTC), id="UTC"),
        pytest.param("2024-05-01 12:00", datetime(2024, 5, 1, 12, tzinfo=UTC), id="no zone"),
        pytest.param("2024-05-01", datetime(2024, 5, 1, tzinfo=UTC), id="a day"),
        pytest.param("2024-05-01T14:00+0200", datetime(2024, 5, 1, 12, tzinfo=UTC), id="offset"),
        pytest.param("1970-01-01", None, id="before the Web"),
        pytest.param("0001-01-01T00:00:00+14:00", None, id="the first moment"),
        pytest.param("9999-12-31T23:59:59-14:00", None, id="the last moment"),
        pytest.param("yesterday", None, id="words"),
        pytest.param("", None, id="empty"),
        pytest.param("1" * 5000, None, id="long"),
        pytest.param("٢٠٢٤-٠٥-٠١", None, id="other digits"),
    ],
)
def test_published(written: str, moment: datetime | None):
    html = entry(f'<time class="dt-published" datetime="{written}">x</time>')

    assert said(html).published == moment


def test_optional_end_tags_may_be_left_out():
    html = entry(
        '<ul><li class="p-author">Ada<li class="p-name">Title</ul><p class="p-content">Words<p>No.'
    )
    mention = said(html)

    assert (mention.author_name, mention.name, mention.content) == ("Ada", "Title", "Words")


def test_value_class_pattern():
    html = entry(
        '<p class="dt-published"><b class="value">2024-05-01</b> at <b class="value">12:00</b></p>'
        '<p class="p-author"><span class="value-title" title="Ada"> </span>hidden</p>'
        '<p class="p-name"><span class="value-title">Title</span></p>'
    )
    mention = said(html)

    assert mention.published == datetime(2024, 5, 1, 12, tzinfo=UTC)
    assert (mention.author_name, mention.name) == ("Ada", "Title")


def test_drawing_and_scripts_say_nothing():
    html = entry(
        '<p class="e-content">A <svg><title>T</title><path/><svg></svg><path/></svg>'
        "<script>s</script><style>s</style><template><p>t</template>B"
    )

    assert said(html).content == "A B"
