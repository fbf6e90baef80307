"""TrackBack 1.2 at the level of the wire format. Each name quotes the clause it tests."""

from urllib.parse import parse_qs
from xml.etree import ElementTree

import pytest

from comments.linkbacks import trackback

URL = "https://source.example/post"
IDENTIFIER = "https://blog.example/articles/recovery/"
PING_URL = IDENTIFIER + "trackback/"
DC = "{http://purl.org/dc/elements/1.1/}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
TB = "{http://madskills.com/public/xml/rss/module/trackback/}"


def test_client_must_send_the_content_type_of_a_form():
    assert trackback.CONTENT_TYPE.startswith("application/x-www-form-urlencoded")


def test_client_should_name_the_charset_in_the_content_type():
    assert trackback.CONTENT_TYPE.endswith("charset=utf-8")


def test_client_sends_title_excerpt_url_and_blog_name():
    fields = parse_qs(trackback.form(URL, "Title", "Words", "Blog").decode())

    assert fields == {"url": [URL], "title": ["Title"], "excerpt": ["Words"], "blog_name": ["Blog"]}


@pytest.mark.parametrize(
    "content_type", ["", "text/xml", "application/json", "multipart/form-data"]
)
def test_ping_of_another_content_type_is_an_error(content_type: str):
    with pytest.raises(trackback.TrackbackFault, match="x-www-form-urlencoded"):
        trackback.parse_ping(b"url=" + URL.encode(), content_type)


def test_url_is_required():
    with pytest.raises(trackback.TrackbackFault, match="no url"):
        trackback.parse_ping(b"title=a&excerpt=b&blog_name=c", trackback.CONTENT_TYPE)


def test_all_other_fields_are_optional():
    ping = trackback.parse_ping(b"url=" + URL.encode(), trackback.CONTENT_TYPE)

    assert (ping.excerpt, ping.blog_name) == ("", "")


def test_if_title_is_not_provided_url_is_used_as_the_title():
    assert trackback.parse_ping(b"title=&url=" + URL.encode(), trackback.FORM).title == URL


def test_excerpt_of_more_than_255_characters_is_cut_to_252_and_an_ellipsis():
    body = f"url={URL}&excerpt={'x' * 256}".encode()

    assert trackback.parse_ping(body, trackback.FORM).excerpt == "x" * 252 + "…"


def test_answer_to_a_successful_ping_is_error_0():
    assert trackback.answer(None) == (
        b'<?xml version="1.0" encoding="utf-8"?><response><error>0</error></response>'
    )


def test_answer_to_a_failed_ping_is_error_1_with_the_message():
    assert trackback.answer("No.") == (
        b'<?xml version="1.0" encoding="utf-8"?>'
        b"<response><error>1</error><message>No.</message></response>"
    )


@pytest.mark.parametrize("number", ["1", "2", "-1", "404", "yes"])
def test_any_other_error_than_0_is_a_failure(number: str):
    body = f"<response><error>{number}</error><message>Why</message></response>"

    with pytest.raises(trackback.TrackbackFault, match=r"\AWhy\Z"):
        trackback.parse_answer(body.encode())


def test_rdf_is_embedded_in_an_html_comment():
    html = trackback.rdf(IDENTIFIER, "Recovery", PING_URL)

    assert (html[:4], html[-3:]) == ("<!--", "-->")


def test_rdf_description_names_permalink_title_and_ping_url():
    html = trackback.rdf(IDENTIFIER, "Recovery & “more”", PING_URL)
    (description,) = ElementTree.fromstring(html[4:-3])

    assert description.attrib == {
        f"{RDF}about": IDENTIFIER,
        f"{DC}identifier": IDENTIFIER,
        f"{DC}title": "Recovery & “more”",
        f"{TB}ping": PING_URL,
    }
