"""What comes from outside, read as what it says it is, or not at all."""

from urllib.parse import urlsplit


def web_address(url: str) -> str:
    """Return the address when a browser may be led there: http or https, with a host; else nothing."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.hostname else ""


def parse_id(text: str) -> int | None:
    """Return the number of a row, or None when it is none: digits of ASCII, fewer than 16."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
