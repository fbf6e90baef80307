"""What no page and no address can do to us, whatever is in it."""

import time
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from comments.linkbacks.exceptions import SourceDoesNotLink
from comments.linkbacks.excerpts import shorten, tidy
from comments.linkbacks.verification import SourcePage, normalise, read_source

TARGET = "https://blog.example/articles/recovery/"
LINK = f'<a href="{TARGET}">the article</a>'


def read(html: str) -> SourcePage:
    return read_source(html, "https://source.example/post", {TARGET})


TEXT = st.text(st.characters(exclude_characters="<&"), max_size=300)


@given(TEXT, TEXT, TEXT)
@settings(deadline=None)
@example("", "\u0301" * 200, "x")
@example(" \u0301" * 90, "\ufeff", "\ud800" * 200)
def test_an_excerpt_is_bounded_free_of_tags_and_holds_the_link(before: str, link: str, after: str):
    page = read(f"<p>{before}<b><a href={TARGET}>{link}</a></b>{after}</p>")

    assert len(page.excerpt) <= 302
    assert page.link_text in page.excerpt
    assert "<" not in page.excerpt
    assert page.excerpt == tidy(page.excerpt)
    assert not {"Cc", "Cs"} & set(map(unicodedata.category, page.excerpt))


TAGS = ["p", "div", "a", "b", "nav", "li", "svg", "title", "template", "h1", "script", "td", "br"]
MARKUP = st.one_of(
    st.sampled_from([*(f"<{name}>" for name in TAGS), *(f"</{name}>" for name in TAGS)]),
    st.sampled_from(
        [LINK, "<!--", "-->", "<![CDATA[", "]]>", "<a href='", '"', ">", "<", "&#", " ", "x"]
    ),
    st.text(max_size=5),
)


@given(st.lists(MARKUP, max_size=60).map("".join))
@settings(deadline=None)
def test_any_page_is_read_or_refused(html: str):
    try:
        page = read(html)
    except SourceDoesNotLink:
        return
    assert page.link_text in page.excerpt
    assert len(page.excerpt) <= 302
    assert len(page.title) <= 250


URLS = st.one_of(
    st.text(),
    st.builds(
        "{}://{}{}{}".format,
        st.sampled_from(["http", "HTTPS", "ftp"]),
        st.one_of(
            st.text(min_size=1),
            st.sampled_from(
                ["u:p@H.example:0080", "[::1]:443", "ß.example", "İ.example", "a:", "[v1.a]"]
            ),
        ),
        st.sampled_from(["", "/", "?", "#"]),
        st.text(),
    ),
)


@given(URLS)
@settings(deadline=None)
def test_normalising_twice_is_normalising_once(url: str):
    assert normalise(normalise(url)) == normalise(url)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://Blog.Example", "http://blog.example/"),
        ("http://blog.example:80/a", "http://blog.example/a"),
        ("https://blog.example:443?q", "https://blog.example/?q"),
        ("https://blog.example:80/", "https://blog.example:80/"),
        ("https://blog.example:/", "https://blog.example/"),
        ("https://blog.example/a#b", "https://blog.example/a"),
        ("https://blog.example/a/?", "https://blog.example/a/"),
        ("https://blog.example/%e2%82%ac b", "https://blog.example/%E2%82%AC%20b"),
        ("https://blog.example/A/b", "https://blog.example/A/b"),
        (" https://blog.\nexample/a\t", "https://blog.example/a"),
        ("https://u:P@Blog.example/", "https://u:P@blog.example/"),
        ("https://[2001:DB8::1]:443/", "https://[2001:db8::1]/"),
        ("mailto:A@b.example", "mailto:A@b.example"),
        ("https://blog.example:99999/", "https://blog.example:99999/"),
        ("https://[", "https://["),
        ("/a", "/a"),
        ("", ""),
    ],
)
def test_normalise(url: str, expected: str):
    assert normalise(url) == expected


@given(st.text(), st.integers(2, 300))
@settings(deadline=None)
def test_shortened_text_is_never_longer_than_allowed(text: str, limit: int):
    assert len(shorten(text, limit)) <= limit


# Hostile pages: each makes a parser that builds a tree, or searches again and again, run for minutes


@pytest.mark.parametrize(
    "html",
    [
        pytest.param("<div>" * 20_000, id="20,000 nested elements"),
        pytest.param("<a>" * 170_000, id="500 KB of links without address"),
        pytest.param("<a href=x>" * 50_000, id="500 KB of links"),
        pytest.param("".join(f"<a href=/{n}>" for n in range(40_000)), id="500 KB of addresses"),
        pytest.param("<div>" * 20_000 + "</p>" * 100_000, id="end tags without a start"),
        pytest.param(
            "<p>" + "".join(f"<b a={n}>" for n in range(20_000)) + "<p>x" * 20_000,
            id="formatting reopened in every paragraph",
        ),
        pytest.param(
            "<div " + " ".join(f"a{n}" for n in range(80_000)) + ">", id="80,000 attributes"
        ),
        pytest.param("<!--" * 125_000, id="comments never closed"),
        pytest.param("<!----!>" * 60_000, id="comments wrongly closed"),
        pytest.param("<a href='" * 60_000, id="quotes never closed"),
        pytest.param("<a " + "= " * 250_000, id="equals signs"),
        pytest.param("<script></scrip" * 35_000, id="a script never closed"),
        pytest.param("<svg>" * 100_000 + "<p>", id="nested drawings"),
        pytest.param("<h1> </h1>" * 50_000, id="blank headings"),
        pytest.param("<title></title>" * 33_000, id="blank titles"),
        pytest.param("<p></p>" * 70_000, id="empty blocks"),
        pytest.param(" " * 500_000, id="blanks"),
        pytest.param("&" * 500_000, id="ampersands"),
        pytest.param("<" * 500_000, id="brackets"),
        pytest.param(f"<a href='http://{'ü' * 500_000}/'>", id="an endless host"),
        pytest.param("e" + "\u0301" * 500_000, id="one letter with 500,000 accents"),
    ],
)
def test_hostile_pages_are_read_quickly(html: str):
    begin = time.process_time()
    try:
        page = read(f"<p>a {LINK} b</p>{html}")
        assert page.link_text == "the article"
        read(f"{html}<div>{LINK}</div>{html}")
    except SourceDoesNotLink:
        pass  # swallowed by what was left open
    # Two reads, the second of a page twice as long: far from the minutes of anything quadratic.
    assert time.process_time() - begin < 6
