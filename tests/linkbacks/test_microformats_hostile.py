"""What no page can do to us by its microformats."""

import tracemalloc
import unicodedata
from typing import Literal

import mf2py
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from comments.linkbacks import microformats, outline
from comments.linkbacks.microformats import read
from tests.linkbacks.test_microformats import PAGE, TARGETS, entry, link, page, said


def refused(html: str) -> bool:
    with pytest.raises(outline.TooMuch):
        outline.Outline(PAGE, TARGETS).read(html)
    return read(html, PAGE, TARGETS) is None


def test_no_markup_nor_script_comes_out():
    mention = page("xss")

    assert mention.kind == "reply"
    assert mention.author_name == "Does clicking me alert?"
    assert (mention.author_url, mention.url, mention.published) == (None, None, None)
    assert mention.content == "Text < <script>alert(6)</script>"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "j&#x41vascript:alert(1)",
        "javajavascript:script:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "ftp://source.example/",
        "mailto:a@b.example",
        "http:///nohost",
        "https://user:pw@source.example/",
        "https://source.example/&quot;onclick=x",
        "https://source.example/a b",
        "https://source.example/\u202e",
        "https://[",
        "https://source.example/" + "x" * 2000,
    ],
)
def test_address_that_may_not_stand_in_a_link_is_dropped(url: str):
    html = f'<a class="p-author h-card" href="{url}">Ada</a><a class="u-url" href="{url}">x</a>'
    mention = said(entry(html))

    assert (mention.author_name, mention.author_url, mention.url) == ("Ada", None, None)


def test_parser_gets_text_and_never_an_address(monkeypatch: pytest.MonkeyPatch):
    calls: list[dict[str, object]] = []
    parse = mf2py.parse

    def recorded(**given: object) -> object:
        calls.append(given)
        return parse(**given)

    monkeypatch.setattr(mf2py, "parse", recorded)
    page("reply")

    (call,) = calls
    assert sorted(call) == ["doc", "html_parser"]
    assert call["html_parser"] == "html.parser"
    assert isinstance(call["doc"], str)


def test_nothing_of_the_parser_that_fetches_is_reached(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("mf2py.parser.requests.get", lambda *_, **__: pytest.fail("It fetched."))
    html = entry('<a class="u-author" href="https://eve.example/">x</a>' + link("in-reply-to"))

    assert said(html).author_url == "https://eve.example/"
    assert read("", PAGE, TARGETS) is None


@pytest.mark.parametrize("error", [RecursionError, MemoryError, TypeError, AssertionError])
def test_page_the_parser_cannot_read_is_a_plain_mention(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(mf2py, "parse", fail)

    assert read(entry("x"), PAGE, TARGETS) is None
    assert "could not be read" in caplog.text


@pytest.mark.parametrize(
    "html",
    [
        pytest.param("<div>" * 20_000, id="20,000 nested elements"),
        pytest.param("<a>" * 160_000, id="500 KB of links"),
        pytest.param("<br>" * 120_000, id="500 KB of line breaks"),
        pytest.param(
            "<p>" + "".join(f"<b a={i}>" for i in range(2000)) + "<p>x" * 2000, id="reopened b"
        ),
        pytest.param("<p>" + "<b><i>" * 5000 + "</b></i>" * 5000, id="misnested"),
        pytest.param("<table>" * 5000, id="tables"),
        pytest.param(
            '<p class="p-x"><i class="p-y"><b class="p-z">' + "<br>w" * 9000 + "x" * 400_000,
            id="text in many properties",
        ),
        pytest.param('<div class="h-cite u-a p-b">' * 200, id="roots that are two properties"),
        pytest.param("x" * outline.MAX_CHARACTERS, id="long"),
        pytest.param(
            f"<base href='https://blog.example/{'a/' * 900}'>" + "<a href='?'></a>" * 9000,
            id="a long base before many links",
        ),
        pytest.param(
            '<i class="p-x">' * 90 + f'<img alt="{"x" * 400_000}">', id="alt in many properties"
        ),
    ],
)
def test_page_that_would_cost_too_much_is_refused_before_parsing(
    html: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(mf2py, "parse", lambda **_: pytest.fail("It was parsed."))

    assert refused(entry(html))


def test_refusing_needs_hardly_any_memory():
    html = entry("<a>" * 160_000)
    tracemalloc.start()
    try:
        assert read(html, PAGE, TARGETS) is None
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 8 * len(html)


def test_as_deep_as_allowed_the_parser_does_not_run_out_of_stack():
    depth = outline.MAX_DEPTH - 1
    inside = '<i class="p-a h-cite">' * depth

    assert said(f'<div class="h-entry">{inside}').kind == "mention"
    assert said(f'<div class="h-entry">{"<i>" * depth}').kind == "mention"
    assert refused(f'<div class="h-entry">{"<i>" * (depth + 1)}')


def test_base_too_long_for_an_address_is_no_base():
    written = outline.Outline(PAGE, TARGETS)
    written.read(f"<base href='http://a.example/{'é' * 400_000}'>" + entry("<a href='?x'></a>"))

    assert '<a href="https://source.example/notes/1?x">' in "".join(written.pieces)


def test_endless_reference_is_no_address():
    html = f'<a class="u-url" href="{"../" * 100_000}">x</a>' + link("in-reply-to")

    assert (said(entry(html)).kind, said(entry(html)).url) == ("reply", None)


def test_only_the_beginning_of_an_endless_name_is_compared(monkeypatch: pytest.MonkeyPatch):
    lengths: list[int] = []
    normalize = unicodedata.normalize

    def recorded(form: Literal["NFKD"], text: str) -> str:
        lengths.append(len(text))
        return normalize(form, text)

    accents = "a" + f"{chr(0x315)}{chr(0x316)}" * 5000
    monkeypatch.setattr("comments.linkbacks.microformats.unicodedata.normalize", recorded)
    said(entry(f'<p class="p-name">{accents * 10}</p><p class="p-summary">x</p>'))

    assert max(lengths) <= microformats.CONTENT_LIMIT


def test_element_that_is_a_root_is_only_one_property():
    """Else the parser reads it once for each, and everything nested in it twice as often again."""
    written = outline.Outline(PAGE, TARGETS)
    written.read('<div class="h-cite p-x u-author e-content u-in-reply-to">')

    assert "".join(written.pieces) == '<div class="h-cite u-in-reply-to"></div>'


def test_extract_is_well_formed_and_holds_nothing_that_was_not_asked_for():
    written = outline.Outline(PAGE, TARGETS)
    written.read(
        'out <b>side</b><p class="h-entry x" id=i onclick=o style=s>a<h1 class=p-name>b &lt;i></p>'
        '<div class="h-card"><hr>c<img src=x alt=d></div>'
        '<textarea><div class="h-entry"></textarea><plaintext>c'
    )

    assert "".join(written.pieces) == (
        '<p class="h-entry">a</p><div class="h-card"><div></div>c<img alt="d"></div>'
    )


PIECES = st.sampled_from(
    [
        *(
            "<div>",
            "</div>",
            "<p>",
            "</p>",
            "<a>",
            "</a>",
            "<li>",
            "</ul>",
            "<br>",
            "<table>",
            "<td>",
        ),
        *("<svg>", "</svg>", "<template>", "</template>", "<!--", "-->", "<script>", "<title>"),
        *("<", ">", "&", "'", '"', "/", "=", "&lt;script>", "&#0;", "&#xD800;", "\u202e", "\x00"),
        *("\x1f", "\x7f", "\ud800", "&#1;", "&#x85;", "&#xDFFF;"),
        *(
            "<base href=x>",
            "<base href=http://[>",
            "class=",
            "h-entry",
            "2024-01-01",
            "12:00",
            "+02",
        ),
        *("<div class='h-feed'>", "<div class='h-entry'>", "<div class='h-cite u-in-reply-to'>"),
        *("<b class='p-author h-card'>", "<b class='p-name'>", "<b class='e-content'>"),
        *("<i class='value'>", "<i class='value-title' title='+0200'>", "<i class='p-rsvp'>"),
        *("<i class='dt-published'>", "<time class='dt-a'>", "<img class='u-url' alt='a'>"),
        *("<data class='u-url' value='['>", "<a class='u-url' href='//['>"),
        "<a class='u-like-of' href='https://blog.example/articles/recovery/'>",
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES | st.text(max_size=8), max_size=40).map("".join), st.text(max_size=20))
def test_whatever_a_page_holds_the_result_is_bounded_plain_text(html: str, url: str):
    for page_url in (PAGE, url):
        mention = read('<div class="h-entry">' + html, page_url, TARGETS)
        if mention is None:
            continue
        assert mention.kind in ("mention", "reply", "like", "repost")
        assert len(mention.content or "") <= microformats.CONTENT_LIMIT
        assert len(mention.name or "") <= microformats.NAME_LIMIT
        assert len(mention.author_name or "") <= microformats.AUTHOR_LIMIT
        for address in (mention.author_url, mention.url):
            assert address is None or address.startswith(("https://", "http://"))
            assert len(address or "") <= microformats.URL_LIMIT
        assert mention.published is None or mention.published.tzinfo is not None
        texts = (mention.author_name, mention.author_url, mention.name, mention.url)
        for text in (*texts, (mention.content or "").replace("\n", " ")):
            assert not {"Cc", "Cs"} & set(map(unicodedata.category, text or ""))


@settings(max_examples=100, deadline=None)
@example("<div class='h-feed'><p><b class='p-author h-card'>")
@given(st.lists(PIECES | st.text(max_size=8), max_size=40).map("".join))
def test_writing_an_extract_anew_changes_nothing(html: str):
    """The parser's tokenizer and ours cannot differ about a page written like this."""
    once = outline.Outline(PAGE, frozenset())
    once.read(html)
    extract = "".join(once.pieces)
    again = outline.Outline(PAGE, frozenset())
    again.read(extract)

    assert "".join(again.pieces) == extract
