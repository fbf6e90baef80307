"""What no page and no header can do to discovery."""

from urllib.parse import SplitResult, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from comments.linkbacks.addresses import parse_source_url
from comments.linkbacks.discovery import MAX_TRIED, discover, discover_all
from comments.linkbacks.fetching import Headers
from tests.linkbacks.discovering import (
    LINK,
    PAGE,
    WM,
    found,
    found_by_header,
    rdf,
)

# What no page and no header can do to us

TB = "https://target.example/trackback/5"
LINE = st.text(max_size=40)
WORD = st.sampled_from(
    ["<", ">", "; rel=webmention", 'rel="', '"', "\\", ",", ";", "=", "/wm", "https://", "[", "://"]
)
TAG = st.builds(
    '<{} rel="{}" href="{}">'.format,
    st.sampled_from(["link", "a", "base", "template", "/template", "!--", "script"]),
    st.sampled_from(["webmention", "pingback", "trackback", "x"]),
    LINE,
)
RDF = st.builds(rdf, st.one_of(st.just(PAGE), LINE), LINE)
HTML = st.lists(st.one_of(TAG, RDF, WORD, LINE), max_size=12).map("".join)
VALUE = st.lists(st.one_of(WORD, LINE), max_size=12).map("".join)
HEADERS = st.lists(st.tuples(st.sampled_from(["Link", "X-Pingback"]), VALUE), max_size=4)


@given(st.one_of(st.just(PAGE), LINE), HEADERS, st.one_of(st.none(), HTML))
@settings(deadline=None)
@example("https://[", [("Link", "<>; rel=webmention")], "<base href='//['>")
@example(PAGE, [("X-Pingback", "https://\ud800.example/")], "<a rel=webmention href=//\ud800>")
@example(PAGE, [("Link", "<//" + "ü" * 300 + ">; rel=webmention")], "&#" + "9" * 5_000 + ";")
def test_any_page_offers_addresses_that_can_be_asked_or_none(
    url: str, headers: list[tuple[str, str]], html: str | None
):
    offered = discover_all(url=url, headers=Headers(headers), html=html)

    for endpoint in offered:
        asked = parse_source_url(endpoint.url, allowed_ports=[(1, 65535)])
        assert asked.scheme in ("http", "https")
        assert "#" not in endpoint.url
    assert discover(url=url, headers=Headers(headers), html=html) == next(iter(offered), None)


SIZE = 1_000_000


def repeated(text: str) -> str:
    return text * (SIZE // len(text))


DEEP_BASE = f"<base href='https://x.example:99999/{'a/' * 250_000}'>"


@pytest.mark.parametrize(
    "html",
    [
        pytest.param(repeated("<link rel=webmention href=javascript:>"), id="useless endpoints"),
        pytest.param(repeated("<link rel=webmention href=//[>"), id="broken endpoints"),
        pytest.param(repeated("<a rel=webmention>"), id="endpoints without address"),
        pytest.param(DEEP_BASE + repeated("<a rel=webmention href=x:>")[:500_000], id="deep base"),
        pytest.param(f"<link rel=webmention href='{repeated('../')}'>", id="a long way up"),
        pytest.param(f"<link rel=webmention href='https://{repeated('ü')}'>", id="a long host"),
        pytest.param(f"<link rel='{repeated('x ')}webmention' href=javascript:>", id="many rels"),
        pytest.param(repeated("<template>"), id="nested templates"),
        pytest.param(repeated("<!--"), id="comments never closed"),
        pytest.param(repeated("<rdf:Description "), id="descriptions never closed"),
        pytest.param(repeated("<rdf:Description a='"), id="descriptions in open quotes"),
        pytest.param(repeated("<rdf:Description><"), id="empty descriptions"),
        pytest.param(
            repeated(f"<rdf:Description dc:identifier='{PAGE}' trackback:ping='x:'>"),
            id="descriptions without use",
        ),
        pytest.param(repeated("<rdf:"), id="almost descriptions"),
        pytest.param("<rdf:Description " + repeated("\n"), id="a description of blanks"),
    ],
)
def test_hostile_page_is_read_to_its_end(html: str):
    assert discover_all(url=PAGE, headers=Headers(), html=html) == ()


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(repeated("<"), id="open brackets"),
        pytest.param(repeated("<>"), id="empty links"),
        pytest.param("<>" + repeated(";"), id="semicolons"),
        pytest.param("<>" + repeated("; a"), id="names"),
        pytest.param("<>;" + repeated(" "), id="blanks"),
        pytest.param("<>; a=" + repeated('"'), id="quotes"),
        pytest.param('<>; a="' + repeated("\\"), id="backslashes"),
        pytest.param("<>; a=" + repeated("a"), id="a long value"),
        pytest.param(repeated("<x:>; rel=webmention,"), id="useless endpoints"),
        pytest.param('<>; rel="' + repeated("x "), id="many rels"),
    ],
)
def test_hostile_header_is_read_to_its_end(value: str):
    assert discover_all(url=PAGE, headers=Headers([("Link", value)]), html=None) == ()


def test_few_anchors_of_endless_headers_are_resolved(monkeypatch: pytest.MonkeyPatch):
    calls: list[str] = []

    def recorded(url: str) -> SplitResult:
        calls.append(url)
        return urlsplit(url)

    monkeypatch.setattr("comments.linkbacks.verification.urlsplit", recorded)
    deep = f"https://target.example/{'a/' * 900}"
    header = repeated("<x:>; rel=webmention; anchor=x,")

    assert discover(url=deep, headers=Headers([("Link", header)]), html=None) is None
    assert len(calls) < 2000


def test_identifier_longer_than_any_address_is_not_taken_apart(monkeypatch: pytest.MonkeyPatch):
    taken: list[int] = []

    def recorded(url: str) -> SplitResult:
        taken.append(len(url))
        return urlsplit(url)

    monkeypatch.setattr("comments.linkbacks.verification.urlsplit", recorded)

    assert found(rdf(f"http://{repeated(chr(0x315) + chr(0x316))}/", TB)) is None
    assert max(taken) <= 2000


@pytest.mark.parametrize(
    ("useless", "useful"),
    [
        pytest.param("<link rel=webmention href=x:>", LINK, id="HTML"),
        pytest.param(rdf(PAGE, "x:"), rdf(PAGE, TB), id="RDF"),
    ],
)
def test_useless_addresses_are_tried_up_to_a_limit(useless: str, useful: str):
    assert found(useless * (MAX_TRIED - 1) + useful) is not None
    assert found(useless * MAX_TRIED + useful) is None


def test_useless_addresses_in_the_header_are_tried_up_to_a_limit():
    useless = ["<x:>; rel=webmention"] * MAX_TRIED

    assert found_by_header(*useless[1:], "</wm>; rel=webmention") == WM
    assert found_by_header(*useless, "</wm>; rel=webmention") is None
