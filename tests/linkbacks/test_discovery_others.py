"""Where a page says that it takes pingbacks and TrackBacks, and which of several counts."""

import pytest

from comments.linkbacks.discovery import Endpoint, discover, discover_all
from comments.linkbacks.fetching import Headers
from tests.linkbacks.discovering import (
    LINK,
    PAGE,
    WM,
    WRONG,
    found,
    rdf,
)

# Pingback

PB = "https://target.example/xmlrpc"


@pytest.mark.parametrize(
    "html",
    [
        f'<link rel="pingback" href="{PB}">',
        f'<link rel="pingback" href="{PB}" />',
        f"<link href='{PB}' rel='pingback'/>",
        f"<link rel=pingback href={PB}>",
        f'<link rel="pingback" type="x" href="{PB}">',
        f'<LINK REL="Pingback" HREF="{PB}">',
        f'<body><link rel="pingback" href="{PB}">',
        f'<a rel="pingback" href="{WRONG}">x</a><link rel="pingback" href="{PB}">',
        f'<!-- <link rel="pingback" href="{WRONG}"> --><link rel="pingback" href="{PB}">',
        f'<link rel="pingback"><link rel="pingback" href="{PB}">',
    ],
)
def test_pingback_link(html: str):
    assert found(html) == Endpoint("pingback", PB)


def test_pingback_link_written_by_wordpress_with_numeric_references():
    html = f'<link rel="pingback" href="{PB}?a=1&#038;b=2">'

    assert found(html) == Endpoint("pingback", f"{PB}?a=1&b=2")


def test_pingback_link_is_not_relative():
    assert found('<base href="https://b.example/"><link rel="pingback" href="/xmlrpc">') is None


@pytest.mark.parametrize("value", ["/xmlrpc", "xmlrpc", "javascript:x", "https://u@x.example/"])
def test_pingback_header_that_cannot_be_asked_hides_the_link(value: str):
    assert found(f'<link rel="pingback" href="{PB}">', ("X-Pingback", value)) is None


def test_pingback_header_that_cannot_be_asked_is_not_replaced_by_the_next():
    assert found("", ("X-Pingback", "/xmlrpc"), ("X-Pingback", PB)) is None


def test_pingback_header_that_is_empty_says_nothing():
    html = f'<link rel="pingback" href="{PB}">'

    assert found(html, ("X-Pingback", " ")) == Endpoint("pingback", PB)


def test_pingback_header_with_blanks_and_references_is_taken_as_it_is():
    assert found("", ("x-pingback", f" {PB}?a=1&amp;b ")) == Endpoint("pingback", f"{PB}?a=1&amp;b")


# TrackBack

TB = "https://target.example/trackback/5"


@pytest.mark.parametrize(
    "html",
    [
        f"<!-- {rdf(PAGE, TB)} -->",
        f"<!--\n{rdf(PAGE, '/trackback/5')}\n-->",
        f"<body>{rdf(PAGE, TB)}",
        f"<!-- {rdf(PAGE, TB)} -->".replace('"', "'"),
        f"<!-- {rdf('HTTPS://Target.Example:443/blog/post#more', TB)} -->",
        f"<!-- {rdf('https://target.example/other', WRONG)} --><!-- {rdf(PAGE, TB)} -->",
        (
            "<!-- <rdf:RDF>"
            f'<rdf:Description dc:identifier="{WRONG}" trackback:ping="{WRONG}"/>'
            f'<rdf:Description trackback:ping="{WRONG}"/>'
            f'<rdf:Description dc:identifier="{PAGE}"/>'
            f'<rdf:Description dc:identifier="{PAGE}" trackback:ping=""/>'
            f'<rdf:Description\ntrackback:ping="{TB}" dc:identifier="{PAGE}"></rdf:Description> -->'
        ),
        f'<link rel="trackback" href="{TB}">',
        '<p><a href="/trackback/5" rel="nofollow trackback">TrackBack</a>',
        f'<a rel="trackback" href="{WRONG}">x</a><!-- {rdf(PAGE, TB)} -->',
        f'<!-- {rdf(PAGE, "javascript:x")} --><a rel="trackback" href="{TB}">x</a>',
    ],
)
def test_trackback(html: str):
    assert found(html) == Endpoint("trackback", TB)


@pytest.mark.parametrize(
    "html",
    [
        f"<!-- {rdf('https://target.example/blog/', TB)} -->",
        f"<!-- {rdf(f'{PAGE}/', TB)} -->",
        f"<!-- {rdf('', TB)} -->",
        f"<!-- {rdf(PAGE, 'javascript:x')} -->",
        f"<!-- {rdf(PAGE, 'https://user@target.example/')} -->",
        f"<pre>{rdf(PAGE, TB).replace('<', '&lt;')}</pre>",
        f'<!-- <rdf:Descriptions dc:identifier="{PAGE}" trackback:ping="{TB}"/> -->',
        f'<!-- <rdf:Description dc:identifier="{PAGE}" trackback:ping="{TB}"',
        f'<!-- <link rel="trackback" href="{TB}"> -->',
        f'<template><a rel="trackback" href="{TB}">x</a></template>',
    ],
)
def test_no_trackback(html: str):
    assert found(html) is None


def test_trackback_address_with_a_reference():
    assert found(f"<!-- {rdf(PAGE, f'{TB}?a=1&amp;b=2')} -->").url == f"{TB}?a=1&b=2"


# Several protocols

ALL = f'<!-- {rdf(PAGE, TB)} --><link rel="pingback" href="{PB}">{LINK}'


def test_webmention_before_pingback_before_trackback():
    headers = Headers([("X-Pingback", PB)])

    assert discover(url=PAGE, headers=headers, html=ALL) == Endpoint("webmention", WM)
    assert discover_all(url=PAGE, headers=headers, html=ALL) == (
        Endpoint("webmention", WM),
        Endpoint("pingback", PB),
        Endpoint("trackback", TB),
    )


def test_one_tag_may_offer_several():
    html = f'<link rel="trackback pingback webmention" href="{WM}">'
    offered = discover_all(url=PAGE, headers=Headers(), html=html)

    assert [endpoint.protocol for endpoint in offered] == ["webmention", "pingback", "trackback"]


def test_each_protocol_is_listed_once():
    html = f'{LINK}<a rel="webmention" href="{WRONG}">x</a>'

    assert discover_all(url=PAGE, headers=Headers(), html=html) == (Endpoint("webmention", WM),)


def test_another_protocol_is_taken_if_the_better_one_cannot_be_asked():
    html = f'<link rel="webmention" href="javascript:x"><link rel="pingback" href="{PB}">'

    assert found(html) == Endpoint("pingback", PB)


def test_nothing_offered():
    assert discover_all(url=PAGE, headers=Headers(), html=None) == ()
