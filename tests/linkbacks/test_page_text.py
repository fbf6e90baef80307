"""What a fetched page says, in the charset it says it in."""

import codecs
import time

import pytest

from comments.linkbacks.fetching import Headers, Page


@pytest.mark.parametrize(
    ("charset", "body", "text"),
    [
        (None, "é".encode(), "é"),
        (None, b"\xe9", "\ufffd"),
        ("iso-8859-1", b"\xe9\x80", "é€"),
        ("us-ascii", b"\x93x\x94", "“x”"),
        ("windows-1251", "да".encode("cp1251"), "да"),
        ("shift_jis", "日本".encode("cp932"), "日本"),
        ("gb2312", "中国".encode("gb18030"), "中国"),
        ("euc-kr", "한국".encode("cp949"), "한국"),
        ("utf-16", "é".encode("utf-16"), "é"),
        ("utf-8", codecs.BOM_UTF8 + b"x", "x"),
        (None, codecs.BOM_UTF8 + b"x", "x"),
        (None, codecs.BOM_UTF16_BE + "é".encode("utf-16-be"), "é"),
        (None, b"<meta charset=iso-8859-2>\xb1", "<meta charset=iso-8859-2>ą"),
        (None, b"<META a CHARSET = 'koi8-r'>\xc4", "<META a CHARSET = 'koi8-r'>д"),
        (
            None,
            b'<meta content="text/html; charset=cp1250">\x9a',
            '<meta content="text/html; charset=cp1250">š',
        ),
        (
            None,
            b'<?xml version="1.0" encoding="iso-8859-1"?>\xe9',
            '<?xml version="1.0" encoding="iso-8859-1"?>é',
        ),
        (None, b"<meta charset=utf-16>\xc3\xa9", "<meta charset=utf-16>é"),
        ("koi8-r", b"<meta charset=utf-8>\xc4", "<meta charset=utf-8>д"),
        ("utf-7", b"+ADw-", "+ADw-"),
        ("punycode", b"a-b", "a-b"),
        ("rot13", b"abc", "abc"),
        ("zlib", b"abc", "abc"),
        ("unicode_escape", b"\\x41", "\\x41"),
        ("nonsense", b"\xc3\xa9", "é"),
        ("..", b"\xc3\xa9", "é"),
    ],
)
def test_text_is_decoded_as_browsers_do(charset, body, text):
    assert Page("", 200, Headers(), "text/html", charset, body, False).text == text


def test_charset_is_sought_in_the_first_kilobyte():
    body = b" " * 1024 + b"<meta charset=koi8-r>\xc4"
    assert Page("", 200, Headers(), "", None, body, False).text.endswith("\ufffd")


def test_search_for_a_charset_is_quick_on_hostile_bytes():
    start = time.perf_counter()
    for body in (b"<meta " * 200_000, b"<meta charset" + b" " * 10**6, b"<meta charset" * 80_000):
        assert Page("", 200, Headers(), "", None, body, False).text
    assert time.perf_counter() - start < 0.5
