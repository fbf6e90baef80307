"""What a feed says, whatever it is written in. Addresses are absolute, texts are plain unless named HTML."""

import datetime
import hashlib
import re
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from django.conf import settings

#: Of a feed without entries, as Atom wants a moment (RFC 4287, 4.2.15): any that stays the same.
NEVER: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
# What XML may hold (XML 1.0, 2.2), and UTF-8 can say.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, kw_only=True)
class Replies:
    """What is said about an entry: how much, the page where it is read, and its feed (an RSS address)."""

    count: int
    page: str
    feed: str


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What an entry is an answer to (RFC 4685, 3)."""

    id: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An article, or a response to one."""

    # Stays the same for ever, whatever becomes of the address.
    id: str
    url: str
    title: str
    html: str
    published: datetime.datetime
    updated: datetime.datetime
    # The first words, as plain text.
    summary: str = ""
    author: str = ""
    author_url: str = ""
    tags: tuple[str, ...] = ()
    # Where it is not the site's (BCP 47).
    language: str = ""
    replies: Replies | None = None
    answers: Answered | None = None


@dataclass(frozen=True, kw_only=True)
class Feed:
    """Entries, newest first, and where they are found."""

    id: str
    title: str
    # The page that shows the same.
    page: str
    # Where it is, as RSS: see ``articles.feeds.forms`` for the others.
    address: str
    entries: tuple[Entry, ...]
    subtitle: str = ""
    # Who writes when an entry names nobody: the blog.
    author: str = ""
    # Whether a hub is told when it changes (WebSub).
    hub: str = ""

    @property
    def updated(self) -> datetime.datetime:
        """When the latest of its entries changed."""
        return max((entry.updated for entry in self.entries), default=NEVER)

    @property
    def digest(self) -> str:
        """Return what changes with anything it says, how often entries were answered apart."""
        said = asdict(replace(self, entries=tuple(replace(e, replies=None) for e in self.entries)))
        return hashlib.sha256(repr(said).encode("utf-8", "replace")).hexdigest()


def permanent_id(kind: str, key: int | str = "") -> str:
    """Return the id of a thing by its number, a tag URI (RFC 4151): no new slug or title changes it.

    The year is the one in which the site's program began to give ids; it must never change.
    """
    host = (urlsplit(settings.SITE_URL).hostname or "").replace(":", "-")
    return f"tag:{host},2026:{kind}{f'-{key}' if key else ''}"


Said = TypeVar("Said")


def cleaned(said: Said) -> Said:
    """Return a feed, or any part of it, without the characters that XML cannot hold."""
    found: Any = said
    if isinstance(found, str):
        found = _NOT_XML.sub("", found)
    elif isinstance(found, tuple):
        found = tuple(map(cleaned, found))
    elif is_dataclass(found) and not isinstance(found, type):
        values = {field.name: cleaned(getattr(found, field.name)) for field in fields(found)}
        found = replace(found, **values)
    result: Said = found
    return result
