"""What an article links to, and which edits are worth telling of."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comments.linkbacks.outgoing_links import MAX_LINKS, fingerprint, links_in

ARTICLE = "https://blog.example/articles/recovery/"


def is_own(url: str) -> bool:
    return url.startswith("https://blog.example/")


def links(*parts: str, own: Callable[[str], bool] = is_own) -> tuple[str, ...]:
    return links_in(parts, base=ARTICLE, is_own=own)


def link(href: str) -> str:
    return f'<a href="{href}">x</a>'


def test_links_are_taken_in_order_from_all_parts():
    body = f"<p>{link('https://b.example/2')} and {link('http://a.example/1')}</p>"
    answer = link("https://c.example/")

    assert links(body, answer) == (
        "https://b.example/2",
        "http://a.example/1",
        "https://c.example/",
    )


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("https://a.example/post#comment-3", "https://a.example/post#comment-3"),
        ("HTTPS://A.example:443", "HTTPS://A.example:443"),
        ("https://a.example/?", "https://a.example/?"),
        ("https://a.example/?a=1&amp;b=2", "https://a.example/?a=1&b=2"),
        ("https://bücher.example/ü", "https://bücher.example/ü"),
        (" https://a.example/\n", "https://a.example/"),
        ("//a.example/post", "https://a.example/post"),
        ("https://[2001:db8::1]:8080/", "https://[2001:db8::1]:8080/"),
    ],
)
def test_address_stays_as_it_is_written(href: str, expected: str):
    assert links(link(href)) == (expected,)


def test_relative_addresses_are_resolved_against_the_article():
    html = link("../other/") + link("?page=2")

    assert links(html, own=lambda url: False) == (
        "https://blog.example/articles/other/",
        "https://blog.example/articles/recovery/?page=2",
    )


def test_what_is_own_is_asked_of_absolute_addresses():
    asked: list[str] = []

    def own(url: str) -> bool:
        asked.append(url)
        return False

    links(link("/x#y") + link("//A.example"), own=own)

    assert asked == ["https://blog.example/x#y", "https://A.example"]


@pytest.mark.parametrize(
    "html",
    [
        link("mailto:a@b.example"),
        link("tel:+4912345"),
        link("javascript:alert(1)"),
        link("ftp://a.example/"),
        link("https://user:pass@a.example/"),
        link("https://"),
        link("https://["),
        link("https://a.example/a b"),
        link("/articles/other/"),
        link("#fn:1"),
        link(""),
        "<a>x</a>",
        "<a name='https://a.example/'>x</a>",
        "<link href='https://a.example/'><img src='https://a.example/x.png'>",
        "<code>&lt;a href='https://a.example/'&gt;</code> https://a.example/",
        "<!-- <a href='https://a.example/'> -->",
        "",
    ],
)
def test_nothing_to_tell(html: str):
    assert links(html) == ()


def test_an_address_is_taken_once_in_its_first_spelling():
    html = (
        link("https://A.example/post#one")
        + link("https://a.example:443/post")
        + link("https://a.example/post#two")
        + link("https://a.example/post/")
    )

    assert links(html) == ("https://A.example/post#one", "https://a.example/post/")


def test_an_own_spelling_does_not_hide_what_comes_after():
    html = link("https://a.example/#x") + link("https://a.example/")

    assert links(html, own=lambda url: url.endswith("#x")) == ("https://a.example/",)


def test_a_link_that_search_engines_should_not_follow_counts():
    assert links('<a rel="nofollow" href="https://a.example/">x</a>') == ("https://a.example/",)


def test_part_that_is_never_closed_does_not_hide_the_next():
    assert links("<!-- ", "<textarea>", link("https://a.example/")) == ("https://a.example/",)


def test_number_of_links_is_limited():
    html = "".join(link(f"https://a.example/{n}") for n in range(MAX_LINKS + 1))

    assert links(html) == tuple(f"https://a.example/{n}" for n in range(MAX_LINKS))


def test_own_and_repeated_links_do_not_use_up_the_limit():
    html = (link("/") + link("https://a.example/")) * MAX_LINKS + link("https://b.example/")

    assert links(html) == ("https://a.example/", "https://b.example/")


@given(st.lists(st.one_of(st.text(), st.text().map(link)), max_size=5))
@settings(deadline=None)
def test_any_text_is_read(parts: list[str]):
    assert all(url[:4].lower() == "http" for url in links(*parts))
    assert fingerprint(parts) == fingerprint(parts)


# What changes the fingerprint

TEXT = '<p>I read <a href="https://a.example/">the book</a>.</p><p>It is good.</p>'


def test_fingerprint_is_a_sha_256_in_hexadecimal():
    assert len(fingerprint([TEXT])) == 64
    assert int(fingerprint([TEXT]), 16)


def test_fingerprint_stays_the_same_between_releases():
    """A new one would tell every receiver of every article again."""
    known = "b6d3a8e4aec2e67cfc42b7aecc7526ed989316148537daddcc452aecd257bb0e"

    assert fingerprint([TEXT]) == known


@pytest.mark.parametrize(
    "html",
    [
        TEXT.replace(" ", "\n  "),
        TEXT.replace("<p>", '\n<p class="x" id="s-1">\n'),
        TEXT.replace("book", "<em>bo</em>ok"),
        TEXT.replace("good", "go<wbr>od"),
        TEXT.replace("</p>", ""),
        TEXT.replace("<p>", "<div>").replace("</p>", "</div>"),
        TEXT.replace("https:", "https&#58;").replace("I ", "&#73;&nbsp;"),
        TEXT.replace("<a ", '<a rel="nofollow" '),
        TEXT.replace("https:", " https:"),
        TEXT.replace(".</p>", ".</p><!-- note --><hr>"),
        TEXT.replace('"', "'"),
    ],
)
def test_markup_and_blanks_do_not_matter(html: str):
    assert html != TEXT
    assert fingerprint([html]) == fingerprint([TEXT])


def test_division_into_parts_does_not_matter():
    first, last = TEXT.split("</p>", 1)

    assert fingerprint([first, last]) == fingerprint([TEXT])
    assert fingerprint(iter([TEXT, "", " "])) == fingerprint([TEXT])
    assert fingerprint(["one", "two"]) == fingerprint(["one two"]) != fingerprint(["onetwo"])


@pytest.mark.parametrize(
    "html",
    [
        TEXT.replace("good", "bad"),
        TEXT.replace("It is", "Itis"),
        TEXT.replace("</p><p>", ""),
        TEXT.replace("It", "it"),
        TEXT.replace("a.example/", "a.example/2"),
        TEXT.replace("a.example/", "a.example/#2"),
        TEXT.replace("<a ", '<a href="https://b.example/"></a><a '),
        TEXT.replace('<a href="https://a.example/">the book</a>', "the book"),
        TEXT.replace("https://", "mailto:"),
        TEXT.replace("the book", "<del>the</del> book").replace("book", ""),
        "",
    ],
)
def test_words_and_links_matter(html: str):
    assert fingerprint([html]) != fingerprint([TEXT])


def test_text_that_looks_like_a_link_is_no_link():
    assert fingerprint(["a", link("b")]) != fingerprint(["a x b"])
