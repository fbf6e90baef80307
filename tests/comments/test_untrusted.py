"""Addresses and numbers as strangers write them."""

import pytest

from comments.untrusted import parse_id, web_address


@pytest.mark.parametrize(
    "url", ["http://x.example", "https://x.example/a?b#c", "HTTPS://X.EXAMPLE", "http://[::1]/"]
)
def test_web_addresses_are_taken_as_they_are(url):
    assert web_address(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://",
        "http:javascript",
        "//x.example",
        "javascript:alert(1)",
        "http://[::1",
        "data:text/html,x",
        "https:///x",
        "ftp://x.example",
        "http//x.example",
    ],
)
def test_what_is_no_web_address_is_nothing(url):
    assert web_address(url) == ""


@pytest.mark.parametrize(
    ("text", "number"), [("7", 7), ("007", 7), ("0", 0), ("9" * 15, 10**15 - 1)]
)
def test_numbers_are_read(text, number):
    assert parse_id(text) == number


@pytest.mark.parametrize("text", ["", " 7", "-7", "+7", "1e9", "1_0", "٧", "²", "7\x00", "9" * 16])
def test_what_is_no_number_is_none(text):
    assert parse_id(text) is None
