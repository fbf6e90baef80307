"""The pages that are kept: ready-compressed, within bounds of memory. Pure: no Django, no sockets."""

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

import brotli

Headers = list[tuple[bytes, bytes]]
Key = tuple[str, str]

MOST_BYTES = 16_000_000
# A page that takes more than this part of the room would push out too many others.
LARGEST_SHARE = 8
_OVERHEAD = 6_000  # bytes: headers and our own records of a page, about
# The best compression takes a tenth of a second for this many bytes: too long for a page somebody waits for.
_THOROUGHLY_UP_TO = 300_000


@dataclass(frozen=True, slots=True)
class Form:
    """A page in one content coding, with all that an answer needs."""

    headers: Headers
    tag: bytes
    not_modified: Headers
    body: bytes
    # The first lines of both answers as they go over the wire (RFC 9112); what is missing is the date.
    head: bytes
    not_modified_head: bytes


@dataclass(frozen=True, slots=True)
class Draft:
    """What the forms of a page are made of."""

    body: bytes
    headers: Headers
    digest: str
    # The best that a coding can do, which takes its time: for what is made once and never changes.
    thoroughly: bool = False

    def form(self, coding: str) -> Form:
        """Return the page in this coding; what it would not make smaller, like a picture, as it is."""
        coded = _coded(self.body, coding, self.thoroughly)
        if len(coded) >= len(self.body):
            return _form("identity", self.body, self)
        return _form(coding, coded, self)

    @property
    def can_be_smaller(self) -> bool:
        """Whether more time would make it smaller."""
        return not self.thoroughly and len(self.body) <= _THOROUGHLY_UP_TO

    def smallest(self, coding: str) -> Form:
        """Return the page in this coding, as small as can be: a tenth of a second for 70 KB."""
        return _form(coding, _coded(self.body, coding, True), self, "-best")


@dataclass(slots=True)
class Page:
    """A finished page: true while what it depends on is at ``mark``, and not after ``fresh_until``."""

    draft: Draft
    depends_on: tuple[str, ...]
    mark: tuple[int, ...]
    fresh_until: float  # seconds since the epoch
    # The state of the database at which the mark was last compared.
    confirmed_at: object = None
    forms: dict[str, Form] = field(default_factory=dict)
    # How often it was wanted.
    asked: int = 0

    @property
    def size(self) -> int:
        """How many bytes it takes, once somebody has asked for each coding, at most."""
        return _OVERHEAD + 2 * len(self.draft.body)

    def form(self, coding: str) -> Form:
        """Return the page in this coding, which is made when it is first asked for."""
        found = self.forms.get(coding)
        if found is None:
            found = self.forms[coding] = self.draft.form(coding)
        return found


def drafted(
    body: bytes, headers: Iterable[tuple[bytes, bytes]], *, thoroughly: bool = False
) -> Draft:
    """Return what was answered without what each form says for itself."""
    kept = [(name.lower(), value) for name, value in headers if name.lower() not in _OURS]
    digest = hashlib.blake2b(body, digest_size=10).hexdigest()
    return Draft(body, kept, digest, thoroughly and len(body) <= _THOROUGHLY_UP_TO)


_OURS = frozenset((b"content-length", b"content-encoding", b"etag", b"vary"))
# What a 304 repeats (RFC 9110, 15.4.5).
_REPEATED = frozenset((b"cache-control", b"surrogate-key", b"content-security-policy"))


def _coded(body: bytes, coding: str, thoroughly: bool) -> bytes:
    if coding == "gzip":
        return gzip.compress(body, 9 if thoroughly else 6, mtime=0)
    if coding == "br":
        compressed: bytes = brotli.compress(body, quality=11 if thoroughly else 5)
        return compressed
    return body


def _form(coding: str, body: bytes, draft: Draft, how: str = "") -> Form:
    """Return the form with strong validators (RFC 9110, 8.8.3): other bytes have another one."""
    tag = f'"{draft.digest}-{coding}{how}"'.encode()
    validators: Headers = [(b"etag", tag), (b"vary", b"accept-encoding")]
    coded: Headers = [] if coding == "identity" else [(b"content-encoding", coding.encode())]
    length = (b"content-length", str(len(body)).encode())
    headers = [*draft.headers, *validators, *coded, length]
    repeated = [one for one in draft.headers if one[0] in _REPEATED]
    not_modified = [*repeated, *validators]
    return Form(
        headers=headers,
        tag=tag,
        not_modified=not_modified,
        body=body,
        head=_head(b"200 OK", headers),
        not_modified_head=_head(b"304 Not Modified", not_modified),
    )


def _head(status: bytes, headers: Headers) -> bytes:
    lines = [b"HTTP/1.1 " + status, *(name + b": " + value for name, value in headers)]
    return b"\r\n".join([*lines, b""])


def matches(if_none_match: bytes, tag: bytes) -> bool:
    """Compare as If-None-Match does: weakly (RFC 9110, 13.1.2)."""
    if if_none_match == tag:
        return True
    listed = (each.strip().removeprefix(b"W/") for each in if_none_match.split(b","))
    return any(each in (tag, b"*") for each in listed)


class Store:
    """Keeps the pages that were wanted last, ``most`` bytes of them."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._pages: OrderedDict[Key, Page] = OrderedDict()
        self.size = 0

    @property
    def largest(self) -> int:
        """How large a body may be, in bytes, for its page to be kept at all."""
        return (self._most // LARGEST_SHARE - _OVERHEAD) // 2

    def __len__(self) -> int:
        return len(self._pages)

    def get(self, key: Key) -> Page | None:
        page = self._pages.get(key)
        if page is not None:
            self._pages.move_to_end(key)
        return page

    def put(self, key: Key, page: Page) -> None:
        self.drop(key)
        if page.size > self._most // LARGEST_SHARE:
            return
        self._pages[key] = page
        self.size += page.size
        while self.size > self._most:
            _, oldest = self._pages.popitem(last=False)
            self.size -= oldest.size

    def drop(self, key: Key) -> None:
        if page := self._pages.pop(key, None):
            self.size -= page.size
