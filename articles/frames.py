"""The frame of an article's page: all of it but the conversation, drawn once and kept in this process.

The article's template is rendered as ever, for nobody: the request that it sees carries no query, no cookie
and no host, so that a frame cannot hold anything of a visitor's. What changes with the conversation, with the
query or with each page has a place in it (``place``), which is filled in whenever somebody asks.

A frame is used while no change was noted for what it shows and its time has not come. Whoever looks after that
is put into ``watch``: as long as nobody does, nothing is kept, and neither is a frame
that was drawn from more than the watch covers, or inside a transaction, which may yet be rolled back.
"""

import datetime
import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any, Protocol

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import Context
from django.template.loader import get_template
from django.utils.safestring import SafeString

from articles.models import Article

MOST, MOST_BYTES = 500, 8_000_000
# What was noted of changes is forgotten after days: from then on an old frame would look like a true one.
LONGEST_KEPT = datetime.timedelta(hours=12)
# A frame that takes more than this part of the room would push out too many others.
LARGEST_SHARE = 8
_OVERHEAD = 4_000  # bytes: the article without its text, and our own records, about
_PLACES = "places of the frame"  # in the template's context; no template can ask for such a name

# Returns what stands at its place in the page that this request asks for: HTML.
Part = Callable[[HttpRequest], str]


class Watch(Protocol):
    """Knows of the changes of what frames show."""

    def mark(self, slug: str) -> Hashable:
        """Return how far the changes have come of what this article's frame shows: one query."""

    def covers(self, sql: str) -> bool:
        """Say whether changes of all that this query reads are among those."""


watch: Watch | None = None


class FramedPage(HttpResponse):
    """A page that was filled into a frame: true by itself until that moment, if any."""

    fresh_until: datetime.datetime | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """A page with places. The text of ``article`` is not kept: it would be read again when asked for."""

    article: Article
    pieces: tuple[bytes | Part, ...]
    headers: Mapping[str, str]
    drawn_at: datetime.datetime
    fresh_until: datetime.datetime | None

    @property
    def size(self) -> int:
        """How much memory it takes, in bytes, about."""
        return _OVERHEAD + sum(len(piece) for piece in self.pieces if isinstance(piece, bytes))

    def is_fresh(self, now: datetime.datetime) -> bool:
        """Say whether its time has not come yet."""
        is_true = self.fresh_until is None or now < self.fresh_until
        return is_true and self.drawn_at <= now < self.drawn_at + LONGEST_KEPT

    def page_for(self, request: HttpRequest) -> FramedPage:
        """Fill in the places for this request; raise whatever the parts raise, such as ``Http404``."""
        filled = [
            piece if isinstance(piece, bytes) else piece(request).encode() for piece in self.pieces
        ]
        page = FramedPage(b"".join(filled), headers=self.headers)
        page.fresh_until = self.fresh_until
        return page


def place(context: Context, part: Part) -> str:
    """Return the part, HTML, for the page that is being rendered; its place if that is a frame.

    To be called by template tags. The part may keep what it knows of the article and of the rules for as long
    as the frame is kept.
    """
    places = context.get(_PLACES)
    return SafeString(part(context["request"]) if places is None else places.take(part))


class _Places:
    """The parts of a frame that is being drawn, by places that no stored text can spell."""

    def __init__(self) -> None:
        self._mark = f"\x02{secrets.token_hex(8)}-"
        self._parts: list[Part] = []

    def take(self, part: Part) -> str:
        self._parts.append(part)
        return f"{self._mark}{len(self._parts) - 1}\x03"

    def pieces(self, drawn: str) -> Iterator[bytes | Part]:
        """Give what was drawn, in order, with the parts in their places."""
        first, *others = drawn.split(self._mark)
        yield first.encode()
        for other in others:
            number, _, after = other.partition("\x03")
            yield self._parts[int(number)]
            yield after.encode()


def stranger_at(path: str) -> HttpRequest:
    """Return the request of nobody in particular for this page."""
    request = HttpRequest()
    request.method = "GET"
    request.path = request.path_info = path
    return request


def draw(
    request: HttpRequest,
    article: Article,
    context: Mapping[str, Any],
    headers: Mapping[str, str],
    now: datetime.datetime,
    fresh_until: datetime.datetime | None,
) -> Frame:
    """Return the frame of the article's page as it is ``now``, rendered for a ``stranger_at`` it."""
    places = _Places()
    drawn = get_template("articles/article.html").render({**context, _PLACES: places}, request)
    # It is in the frame, and the parts need none of it.
    del article.body, article.body_html
    return Frame(article, tuple(places.pieces(drawn)), headers, now, fresh_until)


# --- What is kept ---


def mark(slug: str) -> Hashable:
    """Return how far the changes have come; to be read before anything that the frame will show."""
    return None if watch is None else watch.mark(slug)


def kept(slug: str, at: Hashable, now: datetime.datetime) -> Frame | None:
    """Return the frame that is kept for this address if it is true ``at`` this mark and moment."""
    return _shelf.get(slug, at, now)


@contextmanager
def keeping(slug: str, at: Hashable) -> Iterator[list[Frame]]:
    """Keep the frame that is put into the list, if all that was read meanwhile is watched."""
    frames: list[Frame] = []
    if watch is None or connection.in_atomic_block:
        yield frames
        return
    read = _Reading()
    with connection.execute_wrapper(read):
        yield frames
    if all(map(watch.covers, read.queries)):
        for frame in frames:
            _shelf.put(slug, at, frame)


class _Reading:
    """Takes down the queries that are asked while it is in place (``connection.execute_wrapper``)."""

    def __init__(self) -> None:
        self.queries: set[str] = set()

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        self.queries.add(sql)
        return execute(sql, params, many, context)


class _Shelf:
    """Keeps the frames that were wanted last; used by several threads."""

    def __init__(self) -> None:
        self._frames: OrderedDict[str, tuple[Hashable, Frame]] = OrderedDict()
        self._lock = Lock()
        self.size = 0

    def __len__(self) -> int:
        return len(self._frames)

    def get(self, slug: str, mark: Hashable, now: datetime.datetime) -> Frame | None:
        with self._lock:
            known, frame = self._frames.get(slug, (None, None))
            if frame is None or known != mark or not frame.is_fresh(now):
                return None
            self._frames.move_to_end(slug)
            return frame

    def put(self, slug: str, mark: Hashable, frame: Frame) -> None:
        with self._lock:
            self._drop(slug)
            if frame.size > MOST_BYTES // LARGEST_SHARE:
                return
            self._frames[slug] = (mark, frame)
            self.size += frame.size
            while self.size > MOST_BYTES or len(self._frames) > MOST:
                self._drop(next(iter(self._frames)))

    def _drop(self, slug: str) -> None:
        _, frame = self._frames.pop(slug, (None, None))
        if frame is not None:
            self.size -= frame.size

    def clear(self) -> None:
        with self._lock:
            self._frames.clear()
            self.size = 0


_shelf = _Shelf()
forget = _shelf.clear
