"""What comes from outside, read as what it says it is, or not at all."""

from urllib.parse import urlsplit

from articles.numbers import DIGITS_OF_A_ROW, whole_number


def web_address(url: str) -> str:
    """Return the address when a browser may be led there: http or https, with a host; else nothing."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.hostname else ""


def parse_id(text: str) -> int | None:
    """Return the number of a row, or None when it is none."""
    return whole_number(text, DIGITS_OF_A_ROW)


_CONTROLS = dict.fromkeys(
    [*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
for _kept in "\n\t":
    del _CONTROLS[ord(_kept)]


def without_controls(text: str) -> str:
    """Return the text without what nobody sees and others trip over: control codes, forced direction.

    Feeds cannot hold C0 controls (XML 1.0, 2.2); a direction override would turn what follows around.
    """
    return text.translate(_CONTROLS)
