"""What no page and no address can do to us, whatever is in it."""

import time
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from comments.linkbacks import verification
from comments.linkbacks.exceptions import SourceDoesNotLink
from comments.linkbacks.excerpts import shorten, tidy
from comments.linkbacks.verification import Addresses, SourcePage, normalise, read_source

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


ATTRIBUTE = st.text(st.characters(exclude_characters='"&'), max_size=60)
CONTROLS = "".join(map(chr, range(0x20))) + "\x7f\u202e\ud800"


@given(ATTRIBUTE, ATTRIBUTE, ATTRIBUTE, TEXT, TEXT)
@settings(deadline=None)
@example(CONTROLS, CONTROLS, CONTROLS, CONTROLS, CONTROLS)
@example("x " * 20_000, "en-" * 20, "x" * 3000, "x" * 3000, "x" * 3000)
@example("&#0;&#1;", "&#0;", "&#xd800;&#10;", "&#0;", "&#xd800;")
def test_every_field_is_bounded_and_free_of_what_a_database_refuses(
    rel: str, language: str, path: str, title: str, words: str
):
    page = read(
        f'<html lang="{language}"><title>{title}</title><meta property="og:site_name" content="{path}">'
        f'<p>{words}<a href="https://blog.example/{path}">{words}</a>'
        f'<a href="{TARGET}" rel="{rel}">{words}</a>'
    )

    limits = {page.title: 250, page.site_name or "": 100, page.excerpt: 302, page.link_text: 100}
    limits |= dict.fromkeys(page.rel, 40)
    for text, limit in limits.items():
        assert len(text) <= limit or not text
        assert not {"Cc", "Cs"} & set(map(unicodedata.category, text))
    assert len(page.rel) <= 10


@given(ATTRIBUTE)
@settings(deadline=None)
@example("x" * 1900)
@example("é" * 1900)
def test_a_refusal_is_a_short_sentence(path: str):
    with pytest.raises(SourceDoesNotLink) as refused:
        read(f'<a href="https://blog.example/{path}">x</a>')

    assert len(str(refused.value)) < 300
    assert str(refused.value).isprintable()


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


@given(st.sampled_from(["", "https:", "HTTP:", "ftp:"]), URLS, st.text(max_size=20))
@settings(deadline=None)
@example("https:", "//blog.example:0443/a", "")
@example("", "/\t/ｂlog.example/a", "")
@example("", "//\u00adblog.example/", "")
def test_what_is_put_aside_unread_could_not_have_been_the_article(
    scheme: str, href: str, base: str
):
    reference, start = scheme + href, f"https://blog.example/{base}"
    address = normalise(verification.resolve(start, reference))
    addresses = Addresses(start, {TARGET, "https://blog.example/a", "https://blog.example/"})

    assert addresses.find(reference) == address or address not in addresses.wanted


@pytest.mark.parametrize("path", ["é" * 490_000, "a/" * 1001, "é" * 400], ids=len)
def test_a_base_too_long_for_an_address_is_no_base(path: str):
    addresses = Addresses("https://source.example/post", {TARGET})
    addresses.rebase(f"https://blog.example/{path}")
    addresses.rebase(TARGET)

    assert addresses.base == "https://source.example/post"


def test_an_endless_address_is_compared_with_nothing():
    addresses = Addresses("https://source.example/post", {TARGET})

    assert addresses.find(TARGET + "#" + "x" * 2000) == ""
    assert addresses.work == 0


def test_an_endless_address_is_not_taken_apart():
    url = f"HTTP://{chr(0x315)}{chr(0x316)}" * 500_000

    assert normalise(url) == url


SLASHES, ACCENTS = "a/" * 950, "é" * 300


@pytest.mark.parametrize(
    ("html", "most"),
    [
        pytest.param("<a href='//blog.example.other/{n}'>", 20_000, id="a host like ours"),
        pytest.param("<a href='/{n}'>", 0, id="references on another host"),
        pytest.param("<a href='https://other.example/{n}'>", 0, id="addresses of another host"),
        pytest.param(
            f"<base href='https://blog.example/{SLASHES}'>|<a href='?{{n}}'>", 1600, id="deep base"
        ),
        pytest.param(
            f"<base href='https://blog.example/{ACCENTS}'>|<a href='?{{n}}'>", 1600, id="accents"
        ),
        pytest.param("<base href=''>", 1, id="many bases"),
        pytest.param("<a href='//é{n}.example/'>", 10_000, id="names for IDNA"),
        pytest.param(f"<a href='//{'é' * 250}{{n}}/'>", 500, id="long names for IDNA"),
    ],
)
def test_few_links_of_a_page_are_worth_resolving(
    html: str, most: int, monkeypatch: pytest.MonkeyPatch
):
    calls: list[str] = []
    resolve = verification.resolve

    def recorded(base: str, href: str) -> str:
        calls.append(href)
        return resolve(base, href)

    monkeypatch.setattr(verification, "resolve", recorded)
    head, _, repeated = html.rpartition("|")
    pieces = (repeated.format(n=n) for n in range(1_000_000 // len(repeated)))
    with pytest.raises(SourceDoesNotLink):
        read(head + "".join(pieces))

    assert len(calls) <= most + bool(head)


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
