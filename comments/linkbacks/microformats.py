"""What a linking page says of itself in microformats2: reply, like or repost; by whom; in what words.

mf2py is given `outline`'s bounded extract of the page and no address, so it has nothing to fetch.
Authors' pages, avatars and what a reply replies to are not looked up either (CVE-2026-0686).

Sources: microformats2 parsing specification; h-entry and h-card; mf2util for what counts as a reply
and as a title; the authorship algorithm, as far as it goes on one page.
"""

import logging
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from comments.linkbacks.excerpts import shorten, tidy
from comments.linkbacks.outline import LINK, Outline, TooMuch
from comments.linkbacks.verification import Addresses, normalise, resolve

Kind = Literal["mention", "reply", "like", "repost"]
Item = dict[str, Any]

CONTENT_LIMIT: Final = 10_000
NAME_LIMIT: Final = 250
AUTHOR_LIMIT: Final = 100
URL_LIMIT: Final = 2000
#: Addresses of one item that are tried until one may stand in a link.
MAX_TRIED: Final = 20

_log = logging.getLogger(__name__)

_KINDS: Final[tuple[tuple[str, Kind], ...]] = (
    ("in-reply-to", "reply"),
    ("repost-of", "repost"),
    ("like-of", "like"),
)
_UNSAFE: Final = re.compile(r"[\s\\<>\"']")
_REFERENCE: Final = re.compile(r"[a-z][a-z0-9+.-]*:\S*", re.IGNORECASE)
_EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Mention:
    """What a page says it does to the article, and who says so: plain text, bounded, unverified."""

    kind: Kind
    #: At most 100 characters.
    author_name: str | None
    #: An http or https address.
    author_url: str | None
    #: With a time zone, neither before 1990 nor after tomorrow.
    published: datetime | None
    #: At most 10,000 characters; lines are kept, markup is not.
    content: str | None
    #: The page's own title, where that is more than the beginning of its content; at most 250.
    name: str | None
    #: Where the page says it lives: an http or https address.
    url: str | None


def read(html: str, page_url: str, target_urls: frozenset[str]) -> Mention | None:
    """What the page's own h-entry says about the article with any of `target_urls`, or None.

    The entry is the first at top level, or the one at `page_url`; in an h-feed only the one at
    `page_url` or the only one with a link to the article. None without one, and for a page beyond
    the limits above. Whether the page links at all is for `verification` to say. Never fails.
    """
    try:
        page = _page(html, page_url, frozenset(map(normalise, target_urls)))
        return page.mention() if page else None
    except Exception:
        # A mention without its microformats is still a mention.
        _log.warning("The microformats of %r could not be read.", page_url, exc_info=True)
        return None


def _page(html: str, page_url: str, targets: frozenset[str]) -> "_Page | None":
    if "h-entry" not in html:
        return None
    outline = Outline(page_url, targets)
    try:
        outline.read(html)
    except TooMuch:
        return None
    if not outline.has_entry:
        return None
    return _Page(_parse("".join(outline.pieces)), outline.addresses.base, page_url, targets)


def _parse(extract: str) -> list[Item]:
    # Imported late: it brings 20 MB that only the worker needs, and only for such pages.
    import mf2py

    items: list[Item] = mf2py.parse(doc=extract, html_parser="html.parser")["items"]
    return items


class _Page:
    """The microformats of one page, read in the light of the article it may be about."""

    def __init__(
        self, items: list[Item], base: str, page_url: str, targets: frozenset[str]
    ) -> None:
        self.items = items
        self.base = base
        self.page = normalise(page_url)
        self.targets = targets
        self.addresses = Addresses(base, {page_url, *targets})

    def mention(self) -> Mention | None:
        """What the representative entry says, or None if the page has none."""
        entry = self._entry()
        if entry is None:
            return None
        kind = self._kind(entry)
        author_name, author_url = self._author(entry)
        name, content = _name_and_content(entry, kind)
        return Mention(
            kind=kind,
            author_name=author_name,
            author_url=author_url,
            published=_published(_first(entry, "published")),
            content=content,
            name=name,
            url=self._web_address(entry),
        )

    # The entry

    def _entry(self) -> Item | None:
        top = _of_type(self.items, "h-entry")
        feeds = _of_type(self.items, "h-feed")
        fed = [entry for feed in feeds for entry in _of_type(_children(feed), "h-entry")]
        candidates = top or fed
        own = [entry for entry in candidates if self.page in self._urls(entry)]
        holding = [] if top else [entry for entry in fed if self._holds(entry)]
        only = holding if len(holding) == 1 else []
        return next(iter(own + top + only), None)

    def _holds(self, item: Item) -> bool:
        """Whether an entry or anything in it links to the article."""
        values = [value for name in _properties(item) for value in _values(item, name)]
        nested = [value for value in values + _children(item) if isinstance(value, dict)]
        return (
            bool(_values(item, LINK))
            or any(self._means_target(value) for name, _ in _KINDS for value in _values(item, name))
            or any(map(self._holds, nested))
        )

    def _kind(self, entry: Item) -> Kind:
        if _values(entry, "rsvp") or _values(entry, "invitee"):
            return "mention"
        kinds = (k for name, k in _KINDS if any(map(self._means_target, _values(entry, name))))
        return next(kinds, "mention")

    def _means_target(self, value: Any) -> bool:
        """Whether a property's value, an address or a cited page, is the article."""
        if not isinstance(value, dict):
            return self.addresses.find(_text(value)) in self.targets
        return (
            bool(_values(value, LINK))
            or not self.targets.isdisjoint(self._urls(value))
            or self.addresses.find(_text(value)) in self.targets
        )

    def _urls(self, item: Item) -> set[str]:
        """The addresses an item gives itself, as far as they are the page's or the article's."""
        return _urls(item, self.addresses)

    # The author

    def _author(self, entry: Item) -> tuple[str | None, str | None]:
        """Name and address of the author, as far as this one page tells.

        The entry's own, else its feed's, else the page's own h-card.
        """
        feeds = [f for f in _of_type(self.items, "h-feed") if any(e is entry for e in _children(f))]
        given = next((value for item in (entry, *feeds) for value in _values(item, "author")), None)
        if isinstance(given, dict):
            return self._card(given)
        url = _safe(_text(given))
        if given is None or url:
            card = self._card_at(url) if url else self._own_card()
            name = self._card(card)[0] if card else None
            return name, url or (self._card(card)[1] if card else None)
        return _author_name(_text(given)), None

    def _card(self, card: Item) -> tuple[str | None, str | None]:
        return _author_name(_first(card, "name") or _text(card)), self._web_address(card)

    def _card_at(self, url: str) -> Item | None:
        cards = _of_type(self.items, "h-card")
        there = Addresses(self.base, {url})
        return next((card for card in cards if there.wanted & _urls(card, there)), None)

    def _own_card(self) -> Item | None:
        """The h-card that stands for the page: its only one, at its address or its site's."""
        cards = _of_type(self.items, "h-card")
        own = {self.page, normalise(resolve(self.page, "/"))}
        return cards[0] if len(cards) == 1 and own & self._urls(cards[0]) else None

    # Addresses

    def _web_address(self, item: Item) -> str | None:
        texts = islice(map(_text, _values(item, "url")), MAX_TRIED)
        found = (_safe(resolve(self.base, text)) for text in texts if len(text) <= URL_LIMIT)
        return next(filter(None, found), None)


def _urls(item: Item, addresses: Addresses) -> set[str]:
    values = (value for name in ("url", "uid") for value in _values(item, name))
    return {addresses.find(_text(value)) for value in values}


def _safe(url: str) -> str | None:
    """An address that may stand in a link: http or https, nothing hidden in it, or None."""
    if len(url) > URL_LIMIT or not url.isprintable() or _UNSAFE.search(url):
        return None
    return url if _is_web_address(url) else None


def _author_name(text: str) -> str | None:
    """A name of at most 100 characters; an address is none, least of all a mail address."""
    name = shorten(text, AUTHOR_LIMIT)
    return name if name and not _REFERENCE.fullmatch(name) else None


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        )
    except ValueError:
        return False


def _of_type(items: Iterable[Any], kind: str) -> list[Item]:
    return [item for item in items if isinstance(item, dict) and kind in item.get("type", ())]


def _children(item: Item) -> list[Any]:
    children: list[Any] = item.get("children", [])
    return children


def _properties(item: Item) -> dict[str, list[Any]]:
    properties: dict[str, list[Any]] = item.get("properties", {})
    return properties


def _values(item: Item, name: str) -> list[Any]:
    return _properties(item).get(name, [])


def _text(value: Any) -> str:
    """A property's value as text; of a nested item or a picture its simple value."""
    if isinstance(value, dict):
        value = value.get("value")
    return value if isinstance(value, str) else ""


def _first(item: Item, name: str) -> str:
    """The first value of a property that is any text, or ""."""
    return next(filter(None, map(_text, _values(item, name))), "")


def _name_and_content(entry: Item, kind: Kind) -> tuple[str | None, str | None]:
    """The entry's title and words; a response whose only words are its name has no title."""
    name = _first(entry, "name")
    content = _lines(_first(entry, "content") or _first(entry, "summary"))
    if not content and kind == "reply":
        return None, _lines(name) or None
    title = shorten(name, NAME_LIMIT) if _is_title(name, content) else ""
    return title or None, content or None


def _is_title(name: str, content: str) -> bool:
    """Whether a name is a title of its own, not the content or its beginning said again.

    A note's name often is its whole text, with more or less around it (mf2util), or its first
    words (Post Type Discovery). Only letters and digits count.
    """
    plain_name, plain_content = _letters(name), _letters(content)
    if not plain_content:
        return True
    return plain_content not in plain_name and not plain_content.startswith(plain_name)


def _letters(text: str) -> str:
    # Sorting endless accents takes endless time.
    decomposed = unicodedata.normalize("NFKD", text[:CONTENT_LIMIT])
    return "".join(filter(str.isalnum, decomposed.casefold()))


def _lines(text: str) -> str:
    """The text's tidied lines in at most 10,000 characters, cut at a word."""
    return "\n".join(_within(filter(None, map(tidy, text.split("\n"))), CONTENT_LIMIT))


def _within(lines: Iterable[str], room: int) -> Iterator[str]:
    for line in lines:
        if room < 1:
            return
        yield shorten(line, room)
        room -= len(line) + 1


def _published(text: str) -> datetime | None:
    """A moment as ISO 8601 writes it; without a time zone in UTC; None if it cannot be true."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment if _EARLIEST <= moment <= datetime.now(UTC) + timedelta(days=1) else None
