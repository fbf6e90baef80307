"""The wire format of Webmention, both sides, as plain values: no requests, no fetching.

Source: W3C Recommendation "Webmention", 3.1 (sending) and 3.2.1 (request verification).
"""

import unicodedata
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode, urljoin, urlsplit

from comments.linkbacks.verification import normalise

CONTENT_TYPE: Final = "application/x-www-form-urlencoded"
URL_LIMIT: Final = 2000

_CREATED: Final = 201
_GONE: Final = 410
_SCHEMES: Final = ("http", "https")


class BadRequest(Exception):
    """The request is no webmention: one sentence that says how to mend it (3.2.1; status 400)."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class WebmentionRequest:
    """The two addresses as sent, blanks around them removed, fragments kept."""

    source: str
    target: str


def parse_request(
    content_type: str, source_values: list[str], target_values: list[str]
) -> WebmentionRequest:
    """Judge the parameters of a POST to the endpoint (3.2.1).

    `content_type` is the header as sent, the others are all values of ``source`` and ``target``.
    Further parameters are none of our business. Raises BadRequest, and nothing else.
    """
    if content_type.partition(";")[0].strip().lower() != CONTENT_TYPE:
        raise BadRequest(f"Send source and target as {CONTENT_TYPE}.")
    source = _address("source", source_values)
    target = _address("target", target_values)
    if normalise(source) == normalise(target):
        raise BadRequest("source and target are the same page: a page cannot mention itself.")
    return WebmentionRequest(source, target)


def form(source: str, target: str) -> bytes:
    """The body to POST to an endpoint (3.1.4), to send with `CONTENT_TYPE`."""
    pairs = (("source", source), ("target", target))
    return urlencode(pairs, errors="replace").encode("ascii")


def is_success(status: int) -> bool:
    """Whether an endpoint accepted: "any 2xx response code MUST be considered a success" (3.1.4)."""
    return 200 <= status < 300


def status_url(status: int, location_header: str | None, endpoint: str) -> str | None:
    """Where to look how the webmention fares: the Location of a 201, made absolute (3.1.4).

    None without one, and for anything but an http or https address of at most 2,000 characters.
    """
    location = (location_header or "").strip()
    if status != _CREATED or not location:
        return None
    try:
        url = urljoin(endpoint, location)
    except ValueError:
        return None
    return url if _fault(url) is None else None


def is_gone(status: int) -> bool:
    """Whether a status says that a page was deleted: 410 and nothing else (3.2.4).

    404 is also what a page answers whose server is being moved.
    """
    return status == _GONE


def _address(name: str, values: list[str]) -> str:
    if len(values) > 1:
        raise BadRequest(f"{name} was sent {len(values)} times: send it once.")
    value = values[0].strip() if values else ""
    if not value:
        raise BadRequest(f"{name} is missing: send the full address of the {name} page.")
    fault = _fault(value)
    if fault is not None:
        raise BadRequest(f"{name} {fault}")
    return value


def _fault(url: str) -> str | None:
    """What is wrong with an address, as the end of a sentence, or None."""
    if len(url) > URL_LIMIT:
        return f"is longer than {URL_LIMIT} characters: send a shorter address."
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in url):
        return "holds control characters: send the address without them."
    if not _is_web_address(url):
        return "is not a full web address: it must start with http:// or https:// and name a host."
    return None


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port  # raises for what is no port
    except ValueError:
        return False
    return parts.scheme in _SCHEMES and bool(parts.hostname) and port != 0
