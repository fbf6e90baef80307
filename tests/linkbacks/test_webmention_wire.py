"""Webmention, 3.1 and 3.2.1, as far as it can be judged from the parameters alone."""

from contextlib import suppress
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.linkbacks.webmention import (
    CONTENT_TYPE,
    BadRequest,
    WebmentionRequest,
    form,
    is_gone,
    is_success,
    parse_request,
    status_url,
)

SOURCE, TARGET = "https://source.example/post", "https://blog.example/articles/recovery/"
ENDPOINT = "https://blog.example/webmention?site=1"


def fault(*, content_type: str = CONTENT_TYPE, source: str | list[str], target: str | list[str]):
    values = [[given] if isinstance(given, str) else given for given in (source, target)]
    with pytest.raises(BadRequest) as caught:
        parse_request(content_type, *values)
    assert str(caught.value) == caught.value.message
    assert caught.value.message.endswith(".")
    return caught.value.message


@pytest.mark.parametrize(
    ("source", "target"),
    [
        pytest.param(SOURCE, TARGET, id="plain"),
        pytest.param(SOURCE + "#a", TARGET + "#b", id="fragments are kept"),
        pytest.param(
            "HTTP://source.example:8080", "https://[2001:db8::1]/?a=1&b", id="odd but valid"
        ),
        pytest.param("https://münchen.example/ä", TARGET, id="not only ASCII"),
        pytest.param(TARGET + "?a", TARGET, id="another page of the same site"),
        pytest.param("https://s.example/" + "x" * 1982, TARGET, id="the longest"),
    ],
)
def test_what_is_accepted(source: str, target: str):
    assert parse_request(CONTENT_TYPE, [source], [target]) == WebmentionRequest(source, target)


def test_blanks_around_and_a_charset_do_no_harm():
    request = parse_request(f"{CONTENT_TYPE.title()} ; charset=UTF-8", [f" {SOURCE}\n"], [TARGET])

    assert request == WebmentionRequest(SOURCE, TARGET)


@pytest.mark.parametrize(
    "content_type", ["", "application/json", "multipart/form-data; boundary=x", "text/plain"]
)
def test_parameters_must_be_form_encoded(content_type: str):
    assert CONTENT_TYPE in fault(content_type=content_type, source=SOURCE, target=TARGET)


@pytest.mark.parametrize("values", [[], [""], [" \n"]])
def test_both_parameters_must_be_there(values: list[str]):
    assert fault(source=values, target=TARGET).startswith("source is missing")
    assert fault(source=SOURCE, target=values).startswith("target is missing")


def test_neither_may_be_there_twice():
    assert "2 times" in fault(source=[SOURCE] * 2, target=TARGET)
    assert "3 times" in fault(source=SOURCE, target=[TARGET, "", TARGET])


@pytest.mark.parametrize(
    ("url", "word"),
    [
        pytest.param("garbage", "web address", id="no address"),
        pytest.param("/articles/", "web address", id="relative"),
        pytest.param("//blog.example/", "web address", id="without a scheme"),
        pytest.param("https://", "web address", id="without a host"),
        pytest.param("https:///path", "web address", id="empty host"),
        pytest.param("ftp://source.example/", "web address", id="another scheme"),
        pytest.param("javascript:alert(1)", "web address", id="script"),
        pytest.param("mailto:a@b.example", "web address", id="mail"),
        pytest.param("https://[::1/", "web address", id="open bracket"),
        pytest.param("https://s.example:x/", "web address", id="no port"),
        pytest.param("https://s.example:99999/", "web address", id="port out of range"),
        pytest.param("https://s.example/" + "x" * 1983, "2000", id="one character too long"),
        pytest.param("https://s.example/a\nb", "control", id="line break"),
        pytest.param("https://s.example/a\x00b", "control", id="NUL"),
        pytest.param("java\tscript:alert(1)", "control", id="tab"),
        pytest.param("https://s.example/\ud800", "control", id="lone surrogate"),
    ],
)
def test_both_must_be_valid_urls_of_supported_schemes(url: str, word: str):
    for name, message in (
        ("source", fault(source=url, target=TARGET)),
        ("target", fault(source=SOURCE, target=url)),
    ):
        assert message.startswith(name)
        assert word in message


@pytest.mark.parametrize(
    "source",
    [
        TARGET,
        TARGET + "#me",
        TARGET.upper().replace("/ARTICLES/RECOVERY", "/articles/recovery"),
        "https://blog.example:443/articles/recovery/",
    ],
)
def test_receiver_must_reject_if_source_and_target_are_the_same(source: str):
    assert "same page" in fault(source=source, target=TARGET)


@given(st.text(), st.lists(st.text(), max_size=2), st.lists(st.text(), max_size=2))
def test_whatever_is_sent_the_result_is_a_request_or_a_sentence(
    content_type: str, source: list[str], target: list[str]
):
    for header in (content_type, CONTENT_TYPE):
        with suppress(BadRequest):
            request = parse_request(header, source, target)
            assert request.source.lower().startswith(("http://", "https://"))


# Sending


def test_sender_must_post_source_and_target_form_encoded():
    body = form("https://s.example/?a=1&b=ü", TARGET)

    assert parse_qs(body.decode("ascii")) == {
        "source": ["https://s.example/?a=1&b=ü"],
        "target": [TARGET],
    }


@given(st.text(), st.text())
def test_form_takes_any_text(source: str, target: str):
    assert form(source, target).startswith(b"source=")


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_must_be_considered_a_success(status: int):
    assert is_success(status)


@pytest.mark.parametrize("status", [0, 100, 199, 300, 302, 307, 400, 410, 500])
def test_nothing_else_is(status: int):
    assert not is_success(status)


@pytest.mark.parametrize(
    ("status", "location", "expected"),
    [
        pytest.param(
            201, "https://s.example/status/1", "https://s.example/status/1", id="absolute"
        ),
        pytest.param(201, " /status/1 ", "https://blog.example/status/1", id="relative"),
        pytest.param(201, "//s.example/1", "https://s.example/1", id="without a scheme"),
        pytest.param(201, None, None, id="without"),
        pytest.param(201, " ", None, id="empty"),
        pytest.param(200, "https://s.example/status/1", None, id="200 has no status page"),
        pytest.param(202, "https://s.example/status/1", None, id="202 has none either"),
        pytest.param(302, "https://s.example/status/1", None, id="a redirect"),
        pytest.param(201, "javascript:alert(1)", None, id="script"),
        pytest.param(201, "ftp://s.example/", None, id="another scheme"),
        pytest.param(201, "https://[", None, id="no address"),
        pytest.param(201, "https://s.example/\x00", None, id="control character"),
        pytest.param(201, "/" + "x" * 2000, None, id="too long"),
    ],
)
def test_201_with_a_location_names_a_status_page(
    status: int, location: str | None, expected: str | None
):
    assert status_url(status, location, ENDPOINT) == expected


@given(st.text(), st.text())
def test_status_url_never_fails(location: str, endpoint: str):
    url = status_url(201, location, endpoint)

    assert url is None or url.lower().startswith(("http://", "https://"))


def test_only_410_means_deleted():
    assert [status for status in range(100, 600) if is_gone(status)] == [410]
