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


@dataclass(slots=True)
class Page:
    """A finished page: true while what it depends on is at ``mark``, and not after ``fresh_until``."""

    forms: dict[str, Form]
    depends_on: tuple[str, ...]
    mark: tuple[int, ...]
    fresh_until: float  # seconds since the epoch
    # The state of the database at which the mark was last compared.
    confirmed_at: object = None
    size: int = field(init=False)

    def __post_init__(self) -> None:
        bodies = {id(form.body): len(form.body) for form in self.forms.values()}
        self.size = _OVERHEAD + sum(bodies.values())


def forms_of(
    body: bytes, headers: Iterable[tuple[bytes, bytes]], *, thoroughly: bool = False
) -> dict[str, Form]:
    """Return the page in every coding, with strong validators (RFC 9110, 8.8.3).

    What a coding would not make smaller, like a picture, stays as it is.
    """
    digest = hashlib.sha256(body).hexdigest()[:20]
    kept = [(name, value) for name, value in headers if name.lower() not in _OURS]
    is_best = thoroughly and len(body) <= _THOROUGHLY_UP_TO
    identity = _form("identity", body, digest, kept)
    coded = {
        "gzip": gzip.compress(body, 9 if is_best else 6, mtime=0),
        "br": brotli.compress(body, quality=11 if is_best else 5),
    }
    forms = {
        coding: _form(coding, smaller, digest, kept) if len(smaller) < len(body) else identity
        for coding, smaller in coded.items()
    }
    return {"identity": identity, **forms}


_OURS = frozenset((b"content-length", b"content-encoding", b"etag", b"vary"))
# What a 304 repeats (RFC 9110, 15.4.5).
_REPEATED = frozenset((b"cache-control", b"surrogate-key", b"content-security-policy"))


def _form(coding: str, body: bytes, digest: str, kept: Headers) -> Form:
    tag = f'"{digest}-{coding}"'.encode()
    validators: Headers = [(b"etag", tag), (b"vary", b"accept-encoding")]
    coded: Headers = [] if coding == "identity" else [(b"content-encoding", coding.encode())]
    headers = [*kept, *validators, *coded]
    repeated = [(name, value) for name, value in kept if name.lower() in _REPEATED]
    length = (b"content-length", str(len(body)).encode())
    return Form(
        headers=[*headers, length],
        tag=tag,
        not_modified=[*repeated, *validators],
        body=body,
    )


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
        return self._most // LARGEST_SHARE - _OVERHEAD

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
