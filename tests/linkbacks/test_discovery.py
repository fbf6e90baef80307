"""Where a page says that it takes linkbacks: the rows of webmention.rocks, and harder ones."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from comments.linkbacks.addresses import parse_source_url
from comments.linkbacks.discovery import MAX_TRIED, Endpoint, absolute, discover, discover_all
from comments.linkbacks.fetching import Headers

PAGE = "https://target.example/blog/post"
WM = "https://target.example/wm"
LINK = f'<link rel="webmention" href="{WM}">'
WRONG = "https://wrong.example/"


def found(html: str | None = "", *headers: tuple[str, str], url: str = PAGE) -> Endpoint | None:
    return discover(url=url, headers=Headers(headers), html=html)


def found_by_header(*values: str) -> str | None:
    return webmention(found(None, *(("Link", value) for value in values)))


def found_in(html: str) -> str | None:
    return webmention(found(html))


def webmention(endpoint: Endpoint | None) -> str | None:
    if endpoint is None:
        return None
    assert endpoint.protocol == "webmention"
    return endpoint.url


def rdf(identifier: str, ping: str) -> str:
    return f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
        xmlns:dc="http://purl.org/dc/elements/1.1/"
        xmlns:trackback="http://madskills.com/public/xml/rss/module/trackback/">
    <rdf:Description rdf:about="{identifier}" dc:identifier="{identifier}"
        dc:title="A post" trackback:ping="{ping}" /></rdf:RDF>"""


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


# What no page and no header can do to us

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
