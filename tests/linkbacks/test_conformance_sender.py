"""What the standards ask of whoever sends a linkback, each test named after its clause.

Discovery is tested on answers already fetched; what needs a request is tested elsewhere.
"""

import pytest

from comments.linkbacks.discovery import Endpoint, discover
from comments.linkbacks.fetching import Headers

TARGET = "https://target.example/blog/post"


def discovered(html: str | None, *headers: tuple[str, str], url: str = TARGET) -> Endpoint | None:
    return discover(url=url, headers=Headers(headers), html=html)


def webmention(path: str) -> Endpoint:
    return Endpoint("webmention", f"https://target.example/{path}")


# Webmention, 3.1.2 "Sender discovers receiver Webmention endpoint"

HEADER = ("Link", "</header>; rel=webmention")
LINK = '<link rel="webmention" href="/link">'
ANCHOR = '<a rel="webmention" href="/anchor">webmention</a>'


def test_3_1_2_must_check_for_an_http_link_header_with_a_rel_value_of_webmention():
    assert discovered(None, HEADER) == webmention("header")


@pytest.mark.parametrize(("html", "path"), [(LINK, "link"), (ANCHOR, "anchor")], ids=["link", "a"])
def test_3_1_2_if_html_must_look_for_a_link_and_a_element_with_a_rel_value_of_webmention(
    html: str, path: str
):
    assert discovered(html) == webmention(path)


def test_3_1_2_if_more_than_one_is_present_the_first_http_link_header_takes_precedence():
    second = ("Link", "</second>; rel=webmention")

    assert discovered(ANCHOR + LINK, HEADER, second) == webmention("header")


@pytest.mark.parametrize(
    ("html", "path"),
    [
        pytest.param(LINK + ANCHOR, "link", id="link first"),
        pytest.param(ANCHOR + LINK, "anchor", id="a first"),
    ],
)
def test_3_1_2_followed_by_the_first_link_or_a_element_in_document_order(html: str, path: str):
    assert discovered(html) == webmention(path)


@pytest.mark.parametrize("in_header", [True, False], ids=["header", "HTML"])
def test_3_1_2_the_endpoint_may_be_relative_and_must_be_resolved_relative_to_the_target(
    in_header: bool,
):
    header = [("Link", "<wm>; rel=webmention")] if in_header else []
    html = None if in_header else '<link rel="webmention" href="wm">'

    assert discovered(html, *header) == webmention("blog/wm")


def test_3_1_2_the_endpoint_may_contain_query_string_parameters_which_must_be_preserved():
    html = '<link rel="webmention" href="/wm?key=1&amp;to=%2fa%26b&amp;empty=">'

    assert discovered(html) == webmention("wm?key=1&to=%2fa%26b&empty=")


# Pingback 1.0, 2 "Server Autodiscovery", as far as it is about the client

ENDPOINT = "https://target.example/xmlrpc"
PINGBACK = Endpoint("pingback", ENDPOINT)


def test_2_1_client_must_examine_the_http_headers():
    assert discovered(None, ("X-Pingback", ENDPOINT)) == PINGBACK


def test_2_1_if_there_are_several_x_pingback_headers_the_first_is_used():
    second = ("X-Pingback", "https://wrong.example/")

    assert discovered(None, ("X-Pingback", ENDPOINT), second) == PINGBACK


def test_2_the_http_header_shall_override_the_link_element():
    html = '<link rel="pingback" href="https://wrong.example/">'

    assert discovered(html, ("X-Pingback", ENDPOINT)) == PINGBACK


def test_2_1_the_header_value_is_an_absolute_uri():
    assert discovered(None, ("X-Pingback", "/xmlrpc")) is None


def test_2_1_the_link_header_is_not_used_for_pingback():
    assert discovered(None, ("Link", f'<{ENDPOINT}>; rel="pingback"')) is None


@pytest.mark.parametrize("end", [">", " >", "/>", " />"])
def test_2_2_without_a_header_must_search_for_the_first_match_of_the_pattern(end: str):
    first = f'<link rel="pingback" href="{ENDPOINT}"{end}'
    second = '<link rel="pingback" href="https://wrong.example/">'

    assert discovered(f"<!DOCTYPE html><title>x</title>{first}{second}") == PINGBACK


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("?a&amp;b", "?a&b"),
        ("?a&lt;b", "?a%3Cb"),
        ("?a&gt;b", "?a%3Eb"),
        ("?a&quot;b", "?a%22b"),
        ("?a&amp;lt;b", "?a&lt;b"),
    ],
)
def test_2_2_the_four_entities_must_be_expanded_once(written: str, meant: str):
    html = f'<link rel="pingback" href="{ENDPOINT}{written}">'

    assert discovered(html) == Endpoint("pingback", f"{ENDPOINT}{meant}")


def test_2_2_the_link_element_gives_an_absolute_uri():
    assert discovered('<link rel="pingback" href="/xmlrpc">') is None
