"""Whatever arrives is a ping or a fault, and whatever leaves is well-formed and bounded."""

import re
from contextlib import suppress
from urllib.parse import parse_qs, quote, urlencode
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.linkbacks import trackback
from comments.linkbacks.trackback import (
    CONTENT_TYPE,
    FORM,
    MAX_BYTES,
    Ping,
    TrackbackFault,
    answer,
    form,
    parse_answer,
    parse_ping,
    rdf,
)

URL = "https://source.example/post"


def ping(body: bytes, content_type: str = FORM) -> Ping:
    return parse_ping(body, content_type)


def fault(body: bytes, content_type: str = FORM) -> str:
    with pytest.raises(TrackbackFault) as caught:
        parse_ping(body, content_type)
    assert str(caught.value) == caught.value.message
    assert caught.value.message.endswith(".")
    return caught.value.message


def encoded(title: str, charset: str) -> bytes:
    return f"url={URL}&title=".encode() + quote(title.encode(charset)).encode()


# Charsets


@pytest.mark.parametrize(
    ("charset", "title"),
    [
        ("utf-8", "Grüße 👍"),
        ("iso-8859-1", "Grüße"),
        ("ISO-8859-15", "10 €"),
        ("windows-1251", "Привет"),
        ("koi8-r", "Привет"),
        ("shift_jis", "こんにちは"),
        ("euc-jp", "こんにちは"),
        ("iso-2022-jp", "こんにちは"),
        ("gbk", "你好"),
        ("big5", "你好"),
        ("euc-kr", "안녕"),
    ],
)
def test_charset_of_the_header_or_else_of_the_field(charset: str, title: str):
    body = encoded(title, charset)

    assert ping(body, f"{FORM}; charset={charset}").title == title
    assert ping(body, f'{FORM};x=y; Charset = "{charset}"').title == title
    assert ping(body + f"&charset={charset}".encode()).title == title


def test_header_comes_before_the_field():
    body = encoded("Grüße", "utf-8") + b"&charset=iso-8859-1"

    assert ping(body, f"{FORM}; charset=utf-8").title == "Grüße"


def test_without_a_charset_utf_8_or_else_latin_1():
    assert ping(encoded("Grüße", "utf-8")).title == "Grüße"
    assert ping(encoded("Grüße", "latin-1")).title == "Grüße"
    assert ping(f"url={URL}&title=Grüße".encode("latin-1")).title == "Grüße"
    assert ping(encoded("Grüße", "latin-1"), f"{FORM}; charset=").title == "Grüße"


def test_what_the_charset_cannot_mean_is_replaced():
    assert ping(encoded("Grüße", "latin-1"), CONTENT_TYPE).title == "Gr\ufffd\ufffde"


def test_latin_1_is_read_as_browsers_do():
    assert ping(encoded("“a”", "cp1252"), f"{FORM}; charset=iso-8859-1").title == "“a”"


@pytest.mark.parametrize(
    "charset",
    [
        *("utf-7", "UTF7", "unicode-1-1-utf-7", "utf-16", "utf-32", "base64", "rot13", "zip"),
        *("punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "cp037"),
        *("ebcdic-cp-us", "hz", "utf-8-sig", "x" * 5000, "../x", "ü", "utf-8\x00", "nonsense"),
    ],
)
def test_other_charsets_are_refused(charset: str):
    field = urlencode({"charset": charset}, encoding="latin-1").encode()

    assert "UTF-8" in fault(f"url={URL}&title=%2BADw-script%2BAD4-&".encode() + field)
    assert "UTF-8" in fault(f"url={URL}".encode(), f"{FORM}; charset={charset}")


# Bounds


def test_texts_are_tidied_and_cut_between_words():
    words = "word " * 300
    body = urlencode({"url": URL, "title": words, "excerpt": words, "blog_name": words}).encode()
    read = ping(body)

    assert len(read.title) <= 250
    assert 245 < len(read.excerpt) <= 253
    assert len(read.blog_name) <= 250
    for text in (read.title, read.excerpt, read.blog_name):
        assert text.endswith("word…")


def test_no_control_characters_nor_directions_come_in():
    body = urlencode({"url": URL, "title": " a\x00\x08\r\n b\u202e\ufffe "}).encode()

    assert ping(body).title == "a b"


def test_of_a_field_sent_twice_the_first_counts():
    assert ping(f"url={URL}&url=https://other.example/".encode()).url == URL


@pytest.mark.parametrize(
    ("body", "word"),
    [
        pytest.param(b"", "no url", id="nothing"),
        pytest.param(b"title=a", "no url", id="no url"),
        pytest.param(b"url=", "no url", id="empty url"),
        pytest.param(b"url=%20%0A", "no url", id="blank url"),
        pytest.param(b"\0" * 100, "no url", id="NUL"),
        pytest.param(b"url=" + b"x" * 2001, "2000", id="long url"),
        pytest.param(b"url=a&" + b"a=b&" * 20, "20 fields", id="many fields"),
        pytest.param(b"url=a&title=" + b"x" * MAX_BYTES, "bytes", id="long"),
        pytest.param(b"x" * 10_000_000, "bytes", id="10 MB"),
    ],
)
def test_what_is_no_ping(body: bytes, word: str):
    assert word in fault(body)


@given(st.binary(max_size=300), st.text(max_size=40))
def test_whatever_arrives_is_a_bounded_ping_or_a_fault(body: bytes, parameter: str):
    for content_type in (FORM, f"{FORM}; charset={parameter}", parameter):
        for data in (body, b"url=a&title=" + body, b"url=a&charset=" + body):
            with suppress(TrackbackFault):
                read = parse_ping(data, content_type)
                assert len(read.title) <= trackback.TITLE_LIMIT
                assert read.title.encode("utf-8")


# Answers


@given(st.text())
def test_any_answer_is_well_formed_and_read_back(message: str):
    root = ElementTree.fromstring(answer(message))

    assert root.findtext("error") == "1"
    with pytest.raises(TrackbackFault):
        parse_answer(answer(message))


def test_message_is_escaped():
    assert b"<message>&lt;b&gt; &amp; c</message>" in answer("<b> &\x00 c\ufffe")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(answer(None), id="ours"),
        pytest.param(
            b"\n\n <?xml version='1.0'?><response><error>0</error></response>\n", id="blanks"
        ),
        pytest.param(b"<response><error> 0\n</error><message>ok</message></response>", id="bare"),
        pytest.param(
            b"<response><error>0</error><rss><channel/></rss></response>", id="with a listing"
        ),
        pytest.param(
            "<?xml version='1.0' encoding='iso-8859-1'?><response><error>0</error>é</response>".encode(
                "latin-1"
            ),
            id="Latin-1",
        ),
    ],
)
def test_accepted(body: bytes):
    parse_answer(body)


def refusal(body: bytes) -> str:
    with pytest.raises(TrackbackFault) as caught:
        parse_answer(body)
    return caught.value.message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(answer("Closed."), "Closed.", id="ours"),
        pytest.param(b"<response><error>1</error></response>", "without a reason", id="no message"),
        pytest.param(
            b"<response><error>1</error><message> </message></response>", "without", id="blank"
        ),
        pytest.param(b"<response><error/></response>", "without a reason", id="empty error"),
        pytest.param(b"<response/>", "does not say", id="no error"),
        pytest.param(b"<html><body>Hello</body></html>", "does not say", id="a page"),
        pytest.param(b"", "well-formed", id="nothing"),
        pytest.param(b"OK", "well-formed", id="text"),
        pytest.param(b"<!DOCTYPE html><title>a</title>", "well-formed", id="HTML"),
        pytest.param(
            b'<!DOCTYPE r [<!ENTITY a "b">]><response><error>0</error></response>', "DTD", id="DTD"
        ),
        pytest.param(b'<?xml version="1.0" encoding="base64"?><a/>', "well-formed", id="codec"),
        pytest.param(answer(None) + b" " * MAX_BYTES, "longer", id="long"),
    ],
)
def test_refused(body: bytes, message: str):
    assert message in refusal(body)


def test_strangers_message_is_cut():
    assert len(refusal(answer("word " * 1000))) <= trackback.MESSAGE_LIMIT


@given(st.binary(max_size=300))
def test_whatever_is_answered_it_is_accepted_or_a_fault(body: bytes):
    with suppress(TrackbackFault):
        parse_answer(body)


# Sending


def test_form_is_read_back():
    body = form(URL, "Grüße & <b>", "…", "Blog")

    assert ping(body, CONTENT_TYPE) == Ping(URL, "Grüße & <b>", "…", "Blog")


def test_form_leaves_out_what_is_empty_and_cuts_what_is_long():
    assert parse_qs(form(URL).decode()) == {"url": [URL]}
    assert len(ping(form(URL, "t" * 999, "e" * 999, "b" * 999)).excerpt) == 253


@given(st.text(), st.text(), st.text(), st.text())
def test_form_takes_any_text(url: str, title: str, excerpt: str, blog_name: str):
    assert form(url, title, excerpt, blog_name).isascii()


# Discovery


@pytest.mark.parametrize("title", ["a --> b", "a --!> b", "---", "--", '"><script>', "]]>", "<!--"])
def test_nothing_in_a_title_ends_the_comment(title: str):
    html = rdf("https://blog.example/a/", title, "https://blog.example/a/trackback/?x=1&y=2")
    comment = html.removeprefix("<!--").removesuffix("-->")
    description = ElementTree.fromstring(comment)[0]

    assert "--" not in comment
    assert description.get("{http://purl.org/dc/elements/1.1/}title") == title


@given(st.text(), st.text(), st.text())
def test_rdf_is_one_comment_and_well_formed(identifier: str, title: str, ping_url: str):
    html = rdf(identifier, title, ping_url)

    assert re.fullmatch(r"<!--(?:(?!--).)*-->", html, re.DOTALL)
    assert ElementTree.fromstring(html[4:-3])[0].tag.endswith("Description")
