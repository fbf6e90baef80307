"""Numbers as strangers write them, wherever one is read."""

import pytest

from articles.numbers import whole_number


@pytest.mark.parametrize(("text", "number"), [("7", 7), ("007", 7), ("0", 0), ("12345", 12345)])
def test_digits_are_read(text, number):
    assert whole_number(text, 5) == number


@pytest.mark.parametrize(
    "text", ["", " ", " 7", "7 ", "-7", "+7", "1e9", "1_0", "1.5", "٧", "²", "7\x00", "123456"]
)
def test_whatever_else_is_none(text):
    assert whole_number(text, 5) is None


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["", "x", "0", "-1", "9" * 50, "1.5", "٣", "²", "1_0", " 1"])
@pytest.mark.parametrize("path", ["/", "/search/", "/?before", "/?after"])
def test_no_page_has_such_a_number(client, path, value):
    path, _, name = path.partition("?")
    assert client.get(path, {name or "page": value}).status_code == 404
