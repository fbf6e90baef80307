"""Where does a page say that it takes linkbacks?

Plain text in, an address out; nothing here fetches. The page is the one at the end of its
redirects. It is read once, in time linear in its length (see `markup`).

Of the three protocols the first offered is taken: Webmention, which says how a mention fares and
can update it; then Pingback; then TrackBack, whose receivers need not look at the source at all.

An address that cannot be asked (another scheme than http and https, a user name or password, no
valid host, longer than 2,000 characters) counts as not given.

Sources: Webmention, 3.1.2; RFC 8288, 3 and appendix B; Pingback 1.0, 2; TrackBack 1.2, on
auto-discovery; HTML Standard, 4.2.3 for ``<base>``.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, Literal, Protocol, get_args
from urllib.parse import urljoin

from comments.linkbacks.addresses import MAX_URL_LENGTH, parse_source_url
from comments.linkbacks.exceptions import SourceRefused
from comments.linkbacks.markup import StartTag, names, tokens
from comments.linkbacks.verification import Addresses, normalise

LinkbackProtocol = Literal["webmention", "pingback", "trackback"]

#: Addresses tried of one protocol in one place: a page full of useless ones ends there.
MAX_TRIED: Final = 20

#: Which ports are asked is for whoever fetches to say.
_ANY_PORT: Final = ((1, 65535),)
_BREAKS: Final = dict.fromkeys(map(ord, "\t\n\r"))
_CONTROLS: Final = "".join(map(chr, range(0x21)))
_ABSOLUTE: Final = re.compile(r"https?://", re.IGNORECASE)

#: Whose `rel` is looked at for what; Pingback 2.2 knows no ``<a>``.
_OFFERED_BY: Final = {
    "link": frozenset(get_args(LinkbackProtocol)),
    "a": names("webmention trackback"),
}

# Matched one after the other from where the last one ended, without backtracking.
_LINK_TARGET: Final = re.compile(r"[^<]*+<([^>]*+)>")
_LINK_PARAMETER: Final = re.compile(
    r"""\s*+;\s*+ ([^\s=;,]*+) \s*+                     # 1: its name
        (?: = \s*+ (?: "((?:[^"\\]|\\.)*+)"?            # 2: a value in quotes
                     | ([^;,]*+) ) )?                   # 3: without
    """,
    re.VERBOSE | re.DOTALL,
)
_QUOTED_PAIR: Final = re.compile(r"\\(.)", re.DOTALL)
_RDF_DESCRIPTION: Final = re.compile(r"<rdf:Description(?=[\s/>])", re.IGNORECASE)


class HeaderFields(Protocol):
    """The headers of an answer, such as `fetching.Headers`."""

    def get_all(self, name: str) -> Sequence[str]:
        """Every value sent under `name`, in order; names in any case."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a linkback goes to: an absolute http or https address without a fragment."""

    protocol: LinkbackProtocol
    url: str


def discover(*, url: str, headers: HeaderFields, html: str | None) -> Endpoint | None:
    """The endpoint of the page at `url`, or None if it offers none that can be asked. Never fails.

    `url` is the address after all redirects; `html` is None for an answer that is not HTML. An
    endpoint on this very machine is not refused here: that is the sender's to do (Webmention 4.3).
    """
    return next(_endpoints(url, headers, html or ""), None)


def discover_all(*, url: str, headers: HeaderFields, html: str | None) -> tuple[Endpoint, ...]:
    """The first endpoint of each protocol the page offers, in the order of `discover`."""
    first: dict[LinkbackProtocol, Endpoint] = {}
    for endpoint in _endpoints(url, headers, html or ""):
        first.setdefault(endpoint.protocol, endpoint)
    return tuple(first.values())


def absolute(base: str, reference: str) -> str | None:
    """The http or https address a reference means, or None if it is none we would ever ask.

    What is absolute already stays as it is written, but for outer blanks and line breaks.
    """
    reference = reference.translate(_BREAKS).strip(_CONTROLS)
    if len(reference) > MAX_URL_LENGTH:  # joining a million "../" takes its time
        return None
    try:
        url = reference if _ABSOLUTE.match(reference) else urljoin(base, reference)
        parse_source_url(url, allowed_ports=_ANY_PORT)
    except (ValueError, SourceRefused):
        return None
    return url


@dataclass(frozen=True, slots=True)
class _Reference:
    """An address as a page gives it, and what it is relative to."""

    protocol: LinkbackProtocol
    base: str
    text: str


def _endpoints(url: str, headers: HeaderFields, html: str) -> Iterator[Endpoint]:
    for reference in _references(url, headers, html):
        address = absolute(reference.base, reference.text)
        if address is not None:
            asked = parse_source_url(address, allowed_ports=_ANY_PORT).url
            yield Endpoint(reference.protocol, asked)


def _references(url: str, headers: HeaderFields, html: str) -> Iterator[_Reference]:
    """Everything that may be an endpoint, the best first; the page is read only if it must be."""
    for text in islice(_webmention_links(url, headers), MAX_TRIED):
        yield _Reference("webmention", url, text)
    page = _read(html, url)
    for text in page.offered["webmention"]:
        yield _Reference("webmention", page.base, text)
    # The header wins even if its address is of no use. No base: it must be absolute (2.1, 2.2).
    for text in _field(headers, "X-Pingback")[:1] or page.offered["pingback"]:
        yield _Reference("pingback", "", text)
    for text in islice(_rdf_pings(html, url), MAX_TRIED):
        yield _Reference("trackback", page.base, text)
    for text in page.offered["trackback"]:
        yield _Reference("trackback", page.base, text)


def _field(headers: HeaderFields, name: str) -> list[str]:
    """The values of a header that say anything."""
    return [text for value in headers.get_all(name) if (text := _as_sent(value).strip(_CONTROLS))]


def _as_sent(value: str) -> str:
    """Undo that HTTP libraries read headers as Latin-1, where an address was sent as UTF-8."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value


# The Link header


def _webmention_links(url: str, headers: HeaderFields) -> Iterator[str]:
    page = Addresses(url, {url})
    for value in _field(headers, "Link"):
        for target, parameters in _links(value):
            if _has_rel(parameters, "webmention") and _is_about(page, parameters.get("anchor")):
                yield target


def _links(value: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The links of one Link field: target and parameters, of each name the first (RFC 8288, 3.3).

    Differs from appendix B.2 in one point: what is no link is passed over, where the algorithm
    there gives up, so that one bad link does not hide the others.
    """
    at = 0
    while (link := _LINK_TARGET.match(value, at)) is not None:
        at = link.end()
        parameters: dict[str, str] = {}
        while (parameter := _LINK_PARAMETER.match(value, at)) is not None:
            at = parameter.end()
            name, quoted, plain = parameter.groups()
            text = _QUOTED_PAIR.sub(r"\1", quoted) if quoted is not None else plain
            parameters.setdefault(name.lower(), text or "")
        yield link[1], parameters


def _has_rel(parameters: dict[str, str], wanted: str) -> bool:
    return wanted in parameters.get("rel", "").lower().split()


def _is_about(page: Addresses, anchor: str | None) -> bool:
    """Whether a link speaks for the page itself and not for another one (RFC 8288, 3.2)."""
    return anchor is None or page.find(anchor) in page.wanted


# The page


@dataclass(slots=True)
class _Offers:
    """What the ``<link>`` and ``<a>`` of a page offer, each in document order."""

    base: str
    offered: dict[str, list[str]] = field(
        default_factory=lambda: {protocol: [] for protocol in get_args(LinkbackProtocol)}
    )

    def add(self, protocol: str, reference: str) -> None:
        if len(self.offered[protocol]) < MAX_TRIED:
            self.offered[protocol].append(reference)


def _read(html: str, url: str) -> _Offers:
    """Collect what a page offers; its base is known only at the end.

    Pingback 2.2 gives a pattern for its ``<link>`` and recommends to take nothing else. But pages
    go through minifiers, which drop quotes and reorder attributes, and the pattern also finds what
    stands in comments and scripts. So the tag is read like any other; on a valid page both find
    the same. All character references are replaced, the four of 2.2 among them: WordPress writes
    ``&#038;``.
    """
    offers, base = _Offers(url), None
    for tag in _live_tags(html):
        if tag.name == "base" and base is None:
            base = tag.get("href")  # only the first with an address counts, good or bad
        for protocol in _offered(tag):
            offers.add(protocol, tag.get("href") or "")
    offers.base = absolute(url, base or "") or url
    return offers


def _live_tags(html: str) -> Iterator[StartTag]:
    """The start tags of a page that are not in a ``<template>``."""
    depth = 0
    for token in tokens(html):
        if isinstance(token, str):
            continue
        if token.name == "template":
            depth = depth + 1 if isinstance(token, StartTag) else max(0, depth - 1)
        elif not depth and isinstance(token, StartTag):
            yield token


def _offered(tag: StartTag) -> frozenset[str]:
    """The protocols whose endpoint a tag names; without a `href` it names none."""
    wanted = _OFFERED_BY.get(tag.name)
    if wanted is None or "href" not in tag.attributes:
        return frozenset()
    return wanted.intersection((tag.get("rel") or "").lower().split())


def _rdf_pings(html: str, url: str) -> Iterator[str]:
    """The ping addresses in descriptions whose identifier is the page's own address.

    The RDF is looked for in the text of the page, as Movable Type does, where TrackBack comes from:
    it stands in comments, so as not to make the page invalid. A list of articles describes several.
    """
    wanted = normalise(url)
    for rest in _RDF_DESCRIPTION.split(html)[1:]:  # pieces apart, so that each is read once
        tag = next(tokens(f"<rdf:description{rest}"), None)
        if not isinstance(tag, StartTag) or not (ping := tag.get("trackback:ping")):
            continue
        if normalise(tag.get("dc:identifier") or "") == wanted:
            yield ping
