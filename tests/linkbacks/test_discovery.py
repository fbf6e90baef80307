"""Where a page says that it takes linkbacks: the rows of webmention.rocks, and harder ones."""

import pytest

from comments.linkbacks.addresses import parse_source_url
from comments.linkbacks.discovery import Endpoint, absolute
from tests.linkbacks.discovering import (
    LINK,
    PAGE,
    WM,
    WRONG,
    found,
    found_by_header,
    found_in,
)

# webmention.rocks. Each page stands at PAGE, its endpoint at WM if the row says nothing else.


@pytest.mark.parametrize(
    ("links", "html", "expected"),
    [
        pytest.param(["</wm>; rel=webmention"], None, WM, id="row 01 header, relative"),
        pytest.param([f"<{WM}>; rel=webmention"], None, WM, id="row 02 header, absolute"),
        pytest.param([], '<link rel="webmention" href="/wm">', WM, id="row 03 link, relative"),
        pytest.param([], f'<link href="{WM}" rel="webmention">', WM, id="row 04 link, absolute"),
        pytest.param([], '<p><a rel="webmention" href="/wm">x</a>', WM, id="row 05 a, relative"),
        pytest.param([], f'<p><a href="{WM}" rel="webmention">x</a>', WM, id="row 06 a, absolute"),
        pytest.param(['</wm>; rel="webmention"'], None, WM, id="row 08 header, rel in quotes"),
        pytest.param(
            [], '<link rel="webmention somethingelse" href="/wm">', WM, id="row 09 link, many rels"
        ),
        pytest.param(
            ['</wm>; rel="webmention somethingelse"'], None, WM, id="row 10 header, many rels"
        ),
        pytest.param(
            ["</wm>; rel=webmention"],
            f'<link rel="webmention" href="{WRONG}"><a rel="webmention" href="{WRONG}">x</a>',
            WM,
            id="row 11 header before link and a",
        ),
        pytest.param(
            [],
            f'<link rel="not-webmention" href="{WRONG}"><link rel="webmention" href="/wm">',
            WM,
            id="row 12 rel matched exactly",
        ),
        pytest.param(
            [],
            f'<!-- <a href="{WRONG}" rel="webmention"></a> --><a href="/wm" rel="webmention">x</a>',
            WM,
            id="row 13 decoy in a comment",
        ),
        pytest.param(
            [],
            f'<code>&lt;a href="{WRONG}" rel="webmention"&gt;&lt;/a&gt;</code>'
            '<a href="/wm" rel="webmention">x</a>',
            WM,
            id="row 14 decoy in sample code",
        ),
        pytest.param([], '<link rel="webmention" href="">', PAGE, id="row 15 empty href"),
        pytest.param(
            [],
            f'<a rel="webmention" href="/wm">x</a><link rel="webmention" href="{WRONG}">',
            WM,
            id="row 16 a before link",
        ),
        pytest.param(
            [],
            f'<p><link rel="webmention" href="/wm"><a rel="webmention" href="{WRONG}">x</a>',
            WM,
            id="row 17 link before a",
        ),
        pytest.param(
            [f"<{WRONG}>; rel=other", "</wm>; rel=webmention"], None, WM, id="row 18 two headers"
        ),
        pytest.param(
            [f"<{WRONG}>; rel=other, </wm>; rel=webmention"], None, WM, id="row 19 two in a header"
        ),
        pytest.param(
            [],
            '<link rel="webmention"><a rel="webmention" href="/wm">x</a>',
            WM,
            id="row 20 link without href",
        ),
        pytest.param(
            [], '<link rel="webmention" href="/wm?query=yes">', f"{WM}?query=yes", id="row 21 query"
        ),
        pytest.param(
            [],
            '<link rel="webmention" href="post/wm">',
            "https://target.example/blog/post/wm",
            id="row 22 relative to the page",
        ),
    ],
)
def test_webmention_rocks(links: list[str], html: str | None, expected: str):
    assert found(html, *(("Link", link) for link in links)) == Endpoint("webmention", expected)


@pytest.mark.parametrize("name", ["LinK", "link", "LINK"], ids="row 07 odd case, {}".format)
def test_webmention_rocks_header_names(name: str):
    assert found(None, (name, "</wm>; rel=webmention")) == Endpoint("webmention", WM)


@pytest.mark.parametrize(
    ("links", "html"),
    [
        pytest.param(["<wm>; rel=webmention"], None, id="row 23 after a redirect, header"),
        pytest.param([], '<a rel="webmention" href="wm">x</a>', id="row 23 after a redirect, a"),
    ],
)
def test_webmention_rocks_redirect(links: list[str], html: str | None):
    final = "https://target.example/elsewhere/page"
    endpoint = found(html, *(("Link", link) for link in links), url=final)

    assert endpoint == Endpoint("webmention", "https://target.example/elsewhere/wm")


# The Link header (RFC 8288)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("</wm>; title=x; rel=webmention; type=y", WM),
        ('</wm>; rel="webmention nofollow"', WM),
        ('</wm>; rel="  nofollow\twebmention "', WM),
        ("</wm>; REL=WebMention", WM),
        ("</wm>;rel=webmention", WM),
        (" </wm> ;\trel = webmention ", WM),
        ('</wm>; rel = "webmention"', WM),
        ("<>; rel=webmention", PAGE),
        ("< /wm >; rel=webmention", WM),
        ("<?to=1>; rel=webmention", f"{PAGE}?to=1"),
        ("<//other.example/wm>; rel=webmention", "https://other.example/wm"),
        ("</a,b>; rel=webmention", "https://target.example/a,b"),
        ("</a;b?c=d;e>; rel=webmention", "https://target.example/a;b?c=d;e"),
        (f'<{WRONG}>; title="a, <{WRONG}>; rel=webmention"; rel=x, </wm>; rel=webmention', WM),
        ('</wm>; title="a;b"; rel=webmention', WM),
        (r'</wm>; title="a \"; b"; rel=webmention', WM),
        (r'</wm>; rel="web\mention"', WM),
        ("</wm>; title; rel=webmention", WM),
        ("</wm>;; rel=webmention;", WM),
        (f",, <{WRONG}>; rel=x ,, </wm>; rel=webmention,", WM),
        (f"nonsense, <{WRONG}> rel=webmention, </wm>; rel=webmention", WM),
        (f'<{WRONG}>; rel="x" nonsense, </wm>; rel=webmention', WM),
        (f'</wm>; rel=webmention; anchor="{PAGE}"', WM),
        ('</wm>; rel=webmention; anchor=""', WM),
        ('</wm>; rel="webmention', WM),
        ("</wm>; rel=x; rel=webmention", None),  # only the first rel counts (RFC 8288, 3.3)
        ("</wm>; rel=webmention; anchor=/other", None),  # about another page (RFC 8288, 3.2)
        ("</wm>; rel=webmention; anchor=javascript:x", None),
        ("</wm>; rev=webmention", None),
        ("</wm>; rel*=UTF-8''webmention", None),
        ("</wm>; rel=webmention-endpoint", None),
        ('</wm>; rel="webmention,x"', None),
        ("</wm>; rel='webmention'", None),
        ("</wm>; rel", None),
        ("</wm>", None),
        ("</wm; rel=webmention", None),
        ("/wm; rel=webmention", None),
        ("", None),
    ],
)
def test_link_header(value: str, expected: str | None):
    assert found_by_header(value) == expected


def test_link_header_the_first_of_several_wins():
    assert (
        found_by_header("</wm>; rel=webmention, </b>; rel=webmention", "<x>; rel=webmention") == WM
    )


def test_link_header_is_not_relative_to_the_base_element():
    html = f'<base href="{WRONG}">'

    assert found(html, ("Link", "</wm>; rel=webmention")) == Endpoint("webmention", WM)


def test_link_header_in_utf_8_is_read_as_it_was_sent():
    sent = "<https://bücher.example/ü>; rel=webmention".encode().decode("latin-1")

    assert found_by_header(sent) == "https://xn--bcher-kva.example/%C3%BC"


def test_header_of_a_page_that_is_not_html():
    pingback = ("X-Pingback", "https://target.example/xmlrpc")

    assert found(None, pingback) == Endpoint("pingback", "https://target.example/xmlrpc")


# What HTML counts


@pytest.mark.parametrize(
    "html",
    [
        f"<LINK REL=WebMention HREF={WM}>",
        f"<a rel='nofollow webmention' href='{WM}'>x</a>",
        f'<link rel="\n webmention\t" href=" {WM}\n">',
        '<link rel="webmention" href="https&#58;//target.example/wm">',
        f'<link rel="webmention" rel="other" href="{WM}" href="{WRONG}"/>',
        f'<a title="a > b" rel="webmention" href="{WM}">x</a>',
        f"<script>'<!--'</script>{LINK}",
        f"<!-->{LINK}",
        f"<template><link rel=webmention href={WRONG}></template>{LINK}",
        f"<template><template></template><a rel=webmention href={WRONG}></a></template>{LINK}",
        f"</template>{LINK}",
        f'<link rel="webmention" href="javascript:alert(1)">{LINK}',
        f'<link rel="webmention" href="mailto:a@b.example">{LINK}',
    ],
)
def test_html_with_an_endpoint(html: str):
    assert found_in(html) == WM


@pytest.mark.parametrize(
    "html",
    [
        f"<!-- {LINK} -->",
        f"<template>{LINK}</template>",
        f"<script>{LINK}</script>",
        f"<style>{LINK}</style>",
        f"<textarea>{LINK}</textarea>",
        f"<title>{LINK}</title>",
        f"<noscript>{LINK}</noscript>",
        LINK.replace("<", "&lt;"),
        f'<p title="{LINK}'.replace('"', "'") + "'>",
        LINK.removesuffix(">"),
        '<link rel="webmention">',
        '<a rel="webmention">x</a>',
        f'<link rev="webmention" href="{WM}">',
        f'<link rel="web mention" href="{WM}">',
        f'<link rel="webmentions" href="{WM}">',
        f'<link rel="https://webmention.org/" href="{WM}">',
        f'<area rel="webmention" href="{WM}"><form rel="webmention" action="{WM}">',
        '<meta http-equiv="Link" content="</wm>; rel=webmention">',
        '<meta http-equiv="X-Pingback" content="https://target.example/xmlrpc">',
        '<meta name="webmention" content="/wm">',
        "",
    ],
)
def test_html_without_an_endpoint(html: str):
    assert found(html) is None


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<base href="/a/"><link rel=webmention href=wm>', "https://target.example/a/wm"),
        ('<base href="https://b.example"><link rel=webmention href=wm>', "https://b.example/wm"),
        ('<base href="//b.example/"><link rel=webmention href=wm>', "https://b.example/wm"),
        ('<link rel=webmention href=wm><base href="/a/">', "https://target.example/a/wm"),
        (
            '<base><base href="/a/"><base href="/b/"><a rel=webmention href=wm>',
            WM.replace("wm", "a/wm"),
        ),
        ('<base href="/a/"><link rel=webmention href="/wm">', WM),
        ('<base href="/a/"><link rel=webmention href="">', "https://target.example/a/"),
        ('<base href="">' + LINK.replace(WM, "/wm"), WM),
        ('<base href="data:text/html,x"><link rel=webmention href="/wm">', WM),
        ('<base href="https://["><link rel=webmention href="/wm">', WM),
        ('<base href="https://u@b.example/"><link rel=webmention href="/wm">', WM),
        (f"<base href='/{'a' * 2_000}/'><link rel=webmention href='/wm'>", WM),
        ('<template><base href="/a/"></template><link rel=webmention href="/wm">', WM),
        ('<!-- <base href="/a/"> --><link rel=webmention href="../wm">', WM),
    ],
)
def test_base(html: str, expected: str):
    assert found_in(html) == expected


# Which addresses can be asked


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("https://[2001:db8::1]:8443/wm", "https://[2001:db8::1]:8443/wm"),
        ("http://[2001:DB8::1]/wm", "http://[2001:db8::1]/wm"),
        ("https://bücher.example/wm", "https://xn--bcher-kva.example/wm"),
        ("HTTPS://Target.Example:443/wm", WM),
        ("https://target.example", "https://target.example/"),
        ("https://target.example?a=b", "https://target.example/?a=b"),
        ("/wm?a=1&amp;b=2&copy=3", f"{WM}?a=1&b=2&copy=3"),
        ("/wm?url=https://x.example/?a%26b%2fc", f"{WM}?url=https://x.example/?a%26b%2fc"),
        ("/wm?", WM),
        ("/wm#top", WM),
        ("#top", PAGE),
        ("/wm/ü", f"{WM}/%C3%BC"),
        ("http://localhost/wm", "http://localhost/wm"),  # for the sender to refuse
        ("javascript:alert(1)", None),
        ("data:text/plain,x", None),
        ("file:///etc/passwd", None),
        ("ftp://target.example/wm", None),
        ("https://user@target.example/wm", None),
        ("https://user:pass@target.example/wm", None),
        ("https://@target.example/wm", None),
        ("https:///wm", None),
        ("https://[::1", None),
        ("https://[::1]x/wm", None),
        ("https://target.example:99999/wm", None),
        ("https://target.example:0/wm", None),
        ("https://target.example:x/wm", None),
        ("https://tar get.example/wm", None),
        ("https://target.example\\@evil.example/", None),
        ("/wm\x00", WM),
        ("/w\x00m", None),
        ("/w\nm", WM),
        ("https://target.example/w\r\n\tm", WM),
        (f"/{'a' * 2_000}", None),
    ],
)
def test_address(href: str, expected: str | None):
    assert found_in(f'<link rel="webmention" href="{href}">') == expected


def test_endpoint_is_written_as_the_fetch_will_ask_for_it():
    endpoint = found('<link rel="webmention" href="/ü?a=%2f&amp;c">')

    assert parse_source_url(endpoint.url).url == endpoint.url


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        (" HTTPS://X.example/a?#b\n", "HTTPS://X.example/a?#b"),
        ("../a?b#c", "https://target.example/a?b#c"),
        ("https:wm", "https://target.example/blog/wm"),
        ("tel:+1", None),
    ],
)
def test_absolute_keeps_what_is_written(reference: str, expected: str | None):
    assert absolute(PAGE, reference) == expected
