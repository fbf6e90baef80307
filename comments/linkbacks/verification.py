"""Does a fetched page really link to the article, and what does it say around the link?

Plain text in, plain facts out; nothing here fetches. The page is read once, in time linear in its
length (see `markup`), and everything kept from it is bounded plain text.

A link counts when a reader of the page could follow it (Pingback 1.0, 3: the source "contains a
link"; Webmention 3.2.2: "an exact match of the target URL"): an ``<a href>`` equal to an address
of the article, in the content of the page. Links repeated on every page of a site or left by its
commenters (navigation, page header, footer, sidebar, comments) say nothing about the article.
"""

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from itertools import islice
from urllib.parse import quote, urljoin, urlsplit

from comments.linkbacks.addresses import MAX_URL_LENGTH
from comments.linkbacks.exceptions import SourceDoesNotLink
from comments.linkbacks.excerpts import around, shorten, tidy
from comments.linkbacks.markup import EndTag, StartTag, names, tokens
from comments.linkbacks.regions import CONTENT, OUTSIDE, UNSEEN, is_hidden, region

TITLE_LIMIT = 250
SITE_NAME_LIMIT = 100
HINT_LIMIT = 200
MAX_RELS, REL_LIMIT = 10, 40
#: What resolving the links of one page may cost, in characters read; about half a second.
MAX_WORK = 3_000_000

_DEFAULT_PORTS = {"http": 80, "https": 443}
_BREAKS = dict.fromkeys(map(ord, "\t\n\r"))
_CONTROLS = "".join(map(chr, range(0x21)))
#: A reference that names a host: user, host and port of it.
_PLACE = re.compile(r"(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?//([^/?#]*)")
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
_ASCII_VISIBLE = "".join(map(chr, range(0x21, 0x7F)))

_VOID = names("area base br col embed hr img input link meta param source track wbr")
_BLOCKS = names(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset"
    " figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav"
    " ol optgroup option p pre search section summary table tbody td tfoot th thead tr ul"
)
#: What may stand before the content: anything else means that the head is over.
_HEAD = names("html head title meta link base script style noscript template")
#: An open element of these names is ended by a start tag of the same row.
_SIBLINGS = {
    name: row for row in map(names, ("li", "dt dd", "td th", "tr", "option")) for name in row
}

_OUTSIDE_ONLY = (
    "The page links to the article only outside its own content:"
    " in its navigation, header, footer, sidebar or comments."
)


@dataclass(frozen=True, slots=True)
class SourcePage:
    """What a linking page says: plain text without markup, every field bounded."""

    #: Its ``<title>``, ``og:title``, first ``<h1>`` or host name; at most 250 characters.
    title: str
    #: ``og:site_name``; at most 100 characters.
    site_name: str | None
    #: The words around the link; at most 302 characters; holds `link_text`.
    excerpt: str
    #: The words of the link, or the alternative text of its image; at most 100 characters.
    link_text: str
    #: Whether the link stands in what the page marks as its content (``<article>``, ``<main>``,
    #: ``h-entry``); false for one that only stands in no part known to be anything else.
    in_content: bool
    #: Up to 10 of the link's ``rel`` tokens in lower case, each at most 40 characters.
    rel: tuple[str, ...]


def normalise(url: str) -> str:
    """The form in which two web addresses are compared: idempotent, never fails.

    Lower-cases scheme and host, drops the default port and the fragment, writes an empty path as
    "/", escapes what an address cannot hold and writes escapes in upper case (RFC 3986, 6.2.2 and
    6.2.3; RFC 3987, 3.1). Nothing else is the same: neither a trailing slash nor a query is
    dropped. Anything but an http or https address of at most 2,000 characters comes back as it is,
    without outer blanks.
    """
    url = url.translate(_BREAKS).strip(_CONTROLS)
    if len(url) > MAX_URL_LENGTH:  # the host alone could cost hours: accents are sorted one by one
        return url
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return url
    if parts.scheme not in _DEFAULT_PORTS or not host:
        return url
    user, at, _ = parts.netloc.rpartition("@")
    place = f"[{host}]" if parts.netloc.endswith("]") or "]:" in parts.netloc else _ascii_host(host)
    if port is not None and port != _DEFAULT_PORTS[parts.scheme]:
        place = f"{place}:{port}"
    query = f"?{_escape(parts.query)}" if parts.query else ""
    return f"{parts.scheme}://{user}{at}{place}{_escape(parts.path) or '/'}{query}"


def _ascii_host(host: str) -> str:
    """A host name as the domain name system knows it (IDNA), or as it is if that has no form."""
    if host.isascii() or len(host) > 253:
        return host
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return host


def _escape(text: str) -> str:
    escaped = quote(text, safe=_ASCII_VISIBLE, errors="replace")
    return _ESCAPE.sub(lambda match: match[0].upper(), escaped)


def resolve(base: str, href: str) -> str:
    """The absolute address of a reference, or the reference itself if there is none."""
    try:
        return urljoin(base, href.strip(_CONTROLS))
    except ValueError:
        return href


class Addresses:
    """Which of the references on a page lead to the wanted addresses.

    The page chooses how many references it has and what they are relative to. So those that cannot
    lead to a wanted host are put aside unread, and the cost of the others together is bounded.
    """

    def __init__(self, page_url: str, wanted: Collection[str]) -> None:
        self.base = page_url
        self.has_base = False
        self.wanted = frozenset(map(normalise, wanted))
        named = filter(None, map(_PLACE.match, self.wanted))
        self.hosts = {found[1].lower().partition(":")[0] for found in named}
        self.work = 0

    def rebase(self, href: str | None) -> None:
        """Take over a ``<base href>``: the first counts, even if it is too long to be used."""
        if href is None or self.has_base:
            return
        self.has_base = True
        if len(href) <= MAX_URL_LENGTH:
            base = normalise(resolve(self.base, href))  # escaped once, not again with every link
            self.base = base if len(base) <= MAX_URL_LENGTH else self.base

    def find(self, href: str) -> str:
        """The normalised address of a reference, or "" if it cannot be at a wanted host.

        Also "" for what is too long, and for all that follows once the page has cost too much.
        """
        if len(href) > MAX_URL_LENGTH:
            return ""
        href = href.translate(_BREAKS).strip(_CONTROLS)
        named = _PLACE.match(href) or _PLACE.match(self.base)
        place = named[1].lower() if named else ""
        if place.isascii() and not any(host in place for host in self.hosts):
            return ""
        # IDNA is slow by far.
        self.work += 100 + len(self.base) + len(href) + (not place.isascii()) * 30 * len(place)
        return normalise(resolve(self.base, href)) if self.work <= MAX_WORK else ""


def read_source(html: str, page_url: str, target_urls: Collection[str]) -> SourcePage:
    """Find the link to any of `target_urls` in a page fetched from `page_url`, and quote it.

    `target_urls` are all addresses that mean the article; each counts with any fragment. Of several
    links the first with words in it is quoted. Raises SourceDoesNotLink, with a sentence for the
    sender, when the content of the page holds no such link.
    """
    reader = _Reader(page_url, target_urls)
    reader.read(html)
    if reader.link is None:
        raise SourceDoesNotLink(reader.reason())
    return reader.page(reader.link)


def says_gone(html: str) -> bool:
    """Whether the page's head holds ``<meta http-equiv="Status" content="410 Gone">``.

    A page on a host that cannot answer 410 says so that it is deleted (webmention.rocks, delete 1).
    """
    reader = _Reader("", ())
    reader.read(html)
    return reader.gone


@dataclass(slots=True)
class _Link:
    start: int
    rel: tuple[str, ...]
    in_content: bool = False
    stop: int = 0
    has_words: bool = False
    alt: str = ""


class _Reader:
    """Follows the tokens of one page, knowing at each only the elements open around it."""

    def __init__(self, page_url: str, target_urls: Collection[str]) -> None:
        self.page_url = page_url
        self.addresses = Addresses(page_url, target_urls)
        places = {urlsplit(url).netloc for url in self.addresses.wanted}
        self.own = tuple(f"{scheme}://{place}/" for place in places for scheme in _DEFAULT_PORTS)
        self.open: list[tuple[str, int]] = []
        self.open_names: Counter[str] = Counter()
        self.in_head = True
        self.pieces: list[str] = []
        self.size = 0
        self.breaks: list[int] = []
        self.current: _Link | None = None
        self.link: _Link | None = None
        self.outside = False
        self.hint = ""
        self.headings: dict[str, list[str]] = {"title": [], "h1": []}
        self.full: set[str] = set()
        self.meta: dict[str, str] = {}
        self.gone = False

    def read(self, html: str) -> None:
        for token in tokens(html):
            if isinstance(token, StartTag):
                self._start(token)
            elif isinstance(token, EndTag):
                self._end(token.name)
            else:
                self._text(token)
        self._close_link()

    def page(self, link: _Link) -> SourcePage:
        """Everything about the page, quoting the given link."""
        span = slice(link.start, link.stop)
        excerpt = around("".join(self.pieces), self.breaks, span, link.alt)
        return SourcePage(
            title=self._title(),
            site_name=shorten(self.meta.get("og:site_name", ""), SITE_NAME_LIMIT) or None,
            excerpt=excerpt.text,
            link_text=excerpt.link_text,
            in_content=link.in_content,
            rel=link.rel,
        )

    def reason(self) -> str:
        """Why the page was refused, with the address it links to instead if there is one."""
        if self.outside:
            return _OUTSIDE_ONLY
        instead = f"; it does link to {self.hint}" if self.hint else ""
        return f"The page does not link to the article{instead}."

    def _title(self) -> str:
        candidates = (
            "".join(self.headings["title"]),
            self.meta.get("og:title", ""),
            "".join(self.headings["h1"]),
            urlsplit(normalise(self.page_url)).hostname or "",
        )
        return next(filter(None, (shorten(text, TITLE_LIMIT) for text in candidates)), "")

    # Elements

    def _state(self) -> int:
        return self.open[-1][1] if self.open else 0

    def _start(self, tag: StartTag) -> None:
        self.in_head = self.in_head and tag.name in _HEAD
        self._end_implied(tag.name)
        if tag.name in _BLOCKS:
            self._break()
        if tag.name in _VOID:
            self._void(tag)
        elif tag.name == "a":
            self._anchor(tag)
        else:
            self._push(tag)

    def _end_implied(self, name: str) -> None:
        """A new paragraph, list item or cell ends the one before it (13.1.2.4)."""
        last = self.open[-1][0] if self.open else ""
        if last in _SIBLINGS.get(name, ()) or (last == "p" and name in _BLOCKS):
            self._pop()

    def _push(self, tag: StartTag) -> None:
        self.open.append((tag.name, region(tag, self._state())))
        self.open_names[tag.name] += 1

    def _pop(self) -> str:
        name, _ = self.open.pop()
        self.open_names[name] -= 1
        if name in _BLOCKS:
            self._break()
        if not self.open_names[name] and self.headings.get(name):
            self.full.add(name)  # only the first of each that says something
        return name

    def _end(self, name: str) -> None:
        if name == "a":
            self._close_link()
        # Each element is taken off once, so wrongly nested tags cost no more than right ones.
        elif self.open_names[name]:
            while self._pop() != name:
                pass

    def _void(self, tag: StartTag) -> None:
        if tag.name == "br":
            self._text(" ")
        elif tag.name == "base":
            self.addresses.rebase(tag.get("href"))
        elif tag.name == "meta":
            self._meta(tag)
        elif tag.name == "img" and self.current is not None and not self.current.alt:
            self.current.alt = tidy(tag.get("alt") or "")

    def _meta(self, tag: StartTag) -> None:
        content = tag.get("content") or ""
        self.meta.setdefault((tag.get("property") or tag.get("name") or "").lower(), content)
        if self.in_head and (tag.get("http-equiv") or "").strip().lower() == "status":
            self.gone = self.gone or content.split()[:1] == ["410"]

    # Links

    def _anchor(self, tag: StartTag) -> None:
        self._close_link()  # links do not nest
        href = tag.get("href")
        state = self._state()
        if href is None or state & UNSEEN or is_hidden(tag):
            return
        url = self.addresses.find(href)
        if url in self.addresses.wanted:
            self.outside = self.outside or bool(state & OUTSIDE)
            if not state & OUTSIDE:
                self.current = _Link(self.size, _rels(tag.get("rel") or ""), bool(state & CONTENT))
        elif not self.hint and url.startswith(self.own) and len(url) <= HINT_LIMIT:
            self.hint = url

    def _close_link(self) -> None:
        link, self.current = self.current, None
        if link is None:
            return
        link.stop = self.size
        if self.link is None or (link.has_words and not self.link.has_words):
            self.link = link

    # Text

    def _text(self, text: str) -> None:
        in_title = bool(self.open) and self.open[-1][0] == "title"
        self.in_head = self.in_head and (in_title or not text.strip())
        if self._state() & UNSEEN:
            return
        for name, parts in self.headings.items():
            if self.open_names[name] and name not in self.full and (parts or text.strip()):
                parts.append(text)
        if not in_title and not self._state() & OUTSIDE:
            self._content(text)

    def _content(self, text: str) -> None:
        if self.current is not None and text.strip():
            self.current.has_words = True
        self.pieces.append(text)
        self.size += len(text)

    def _break(self) -> None:
        """A block begins or ends here: words before and after never run together."""
        if self.breaks and self.breaks[-1] == self.size:
            return
        self.pieces.append("\n")
        self.size += 1
        self.breaks.append(self.size)


def _rels(value: str) -> tuple[str, ...]:
    """The first distinct tokens of a ``rel``; none that is known is as long as 40 characters."""
    found = dict.fromkeys(map(tidy, value.lower().split()))
    return tuple(islice((token for token in found if 0 < len(token) <= REL_LIMIT), MAX_RELS))
