"""In front of the application: answers with a kept page, or has it made, once."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from recovery.page_cache.freshness import Freshness, Mark
from recovery.page_cache.requests import Target, Wanted, read
from recovery.page_cache.store import Form, Headers, Key, Page, Store, drafted, matches
from recovery.threads import Threads

Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]
# By these the application says that an answer may be kept: a page, or a file that never changes.
MARKER, FOR_EVER = b"surrogate-key", b"immutable"
LONGEST_KEPT = 12 * 3600.0  # seconds: the token in a page's form must not become old
PATIENCE = (
    1.0  # seconds for a database that is not on this machine to tell how far changes have come
)


@dataclass(frozen=True)
class Answered:
    """A whole answer of the application, and the moment until which it says it is true, if any."""

    status: int
    headers: Headers
    body: bytes
    fresh_until: float | None = None


# Bytes of a body from which on every coding is made where time is taken anyway: in a thread.
LARGE = 100_000
CODINGS = ("identity", "gzip", "br")
# A page that was wanted so often is worth to be compressed as well as can be, in the background: one at a
# time, and after each this many seconds of rest.
WORTH_IT, REST = 3, 1.0
# Heads of requests that are remembered, and how long they may be, in bytes.
MOST_HEADS, LONGEST_HEAD = 1_000, 2_000


# Has the application answer a GET of this page as a stranger's browser would ask for it, and compresses
# what may be kept, in a thread.
Finish = Callable[[Answered], Page | None]
Render = Callable[[Target, Finish], Awaitable[tuple[Answered, Page | None]]]
Job = asyncio.Task[Answered | Page]


class Front:
    """Keeps the finished pages of one process; used by one event loop only."""

    def __init__(
        self, freshness: Freshness, hosts: frozenset[str], store: Store | None = None
    ) -> None:
        self.freshness = freshness
        self._hosts = hosts
        self._store = Store() if store is None else store
        self._jobs: dict[Key, Job] = {}
        self._heads: dict[bytes, Wanted] = {}
        self._compressing: asyncio.Task[None] | None = None
        self._compress_again_at = 0.0
        self._threads = None if freshness.is_quick else Threads(1)

    def wanted(self, scope: Message) -> Wanted | None:
        """Return what the request wants, or None when it is none of our pages."""
        return read(scope, self._hosts)

    def recall(self, head: bytes) -> Wanted | None:
        """Return what a request of exactly these bytes wants, if it is remembered."""
        return self._heads.get(head)

    def remember(self, head: bytes, wanted: Wanted) -> None:
        """Take note that a whole request of exactly these bytes, on an open connection, wants this."""
        if len(head) > LONGEST_HEAD:
            return
        if len(self._heads) >= MOST_HEADS:
            del self._heads[next(iter(self._heads))]
        self._heads[head] = wanted

    def ready(self, wanted: Wanted, state: object = None) -> Page | None:
        """Return the page if it is here and known to be true at this moment.

        ``state`` is that of the database if it was read at this very moment. Raises whatever the
        database does when it cannot tell.
        """
        target = wanted.target
        page = self._store.get((target.path, target.query))
        if page is None or time.time() >= page.fresh_until:
            return None
        if not page.depends_on:
            return page
        if state is None:
            state = self.freshness.state()
        if state != page.confirmed_at:
            if not self.freshness.is_quick:
                return None
            if self.freshness.mark(page.depends_on) != page.mark:
                return None
            page.confirmed_at = state
        return page

    def note_use(self, page: Page) -> None:
        """Take note that the page was wanted; once it is worth it, have it made smaller."""
        # Not counted before a browser has asked for it: others leave nothing to make smaller.
        if page.asked == WORTH_IT or "br" not in page.forms or not page.draft.can_be_smaller:
            return
        if page.asked < WORTH_IT - 1:
            page.asked += 1
        elif self._compressing is None and time.monotonic() >= self._compress_again_at:
            page.asked = WORTH_IT
            self._compressing = asyncio.ensure_future(self._compress(page))

    async def _compress(self, page: Page) -> None:
        try:
            smallest = await asyncio.to_thread(page.draft.smallest, "br")
            if len(smallest.body) < len(page.forms["br"].body):
                page.forms["br"] = smallest
        finally:
            self._compressing, self._compress_again_at = None, time.monotonic() + REST

    async def make(self, wanted: Wanted, render: Render) -> Page | Answered:
        """Have the page confirmed or made, once for all who ask at this time; return it as it is true now.

        Who comes while that is under way waits, and takes the page if it is still true then. If not,
        one of those who waited has it made again, for all of them: that began after they came.
        """
        key = (wanted.target.path, wanted.target.query)
        job = self._jobs.get(key)
        if job is not None:
            await asyncio.wait([job])
            if (page := self.ready(wanted)) is not None:
                return page
            if (later := self._jobs.get(key)) is not None and later is not job:
                return await asyncio.shield(later)
        return await asyncio.shield(self._begin(key, wanted, render))

    def _begin(self, key: Key, wanted: Wanted, render: Render) -> Job:
        job: Job = asyncio.ensure_future(self._obtain(key, wanted, render))
        self._jobs[key] = job
        job.add_done_callback(partial(self._end, key))
        return job

    def _end(self, key: Key, job: Job) -> None:
        if self._jobs.get(key) is job:
            del self._jobs[key]
        if not job.cancelled():
            # Taken note of here, as everybody who asked may have gone.
            job.exception()

    async def _obtain(self, key: Key, wanted: Wanted, render: Render) -> Answered | Page:
        target = wanted.target
        # Read before the application reads: what changes meanwhile makes the page an old one.
        state: object = None
        mark: Mark = ()
        if target.depends_on:
            state, mark = self.freshness.state(), await self._mark(target)
        page = self._store.get(key)
        if page is None or time.time() >= page.fresh_until or page.mark != mark:
            answered, page = await render(
                target, partial(finished, wanted, mark, self._store.largest)
            )
            if page is None:
                self._store.drop(key)
                return answered
            self._store.put(key, page)
        page.confirmed_at = state
        return page

    async def _mark(self, target: Target) -> Mark:
        if self._threads is None:
            return self.freshness.mark(target.depends_on)
        deadline = time.monotonic() + PATIENCE
        async with asyncio.timeout(PATIENCE):
            return await self._threads.call(partial(self._mark_by, deadline, target))

    def _mark_by(self, deadline: float, target: Target) -> Mark:
        if time.monotonic() > deadline:
            # Nobody waits for it any more: those behind in the queue do.
            raise TimeoutError
        return self.freshness.mark(target.depends_on)


# What means something only where a browser shows it as a page: a style sheet carries it for nothing.
_OF_DOCUMENTS = frozenset(
    (
        b"content-security-policy",
        b"cross-origin-opener-policy",
        b"referrer-policy",
        b"x-frame-options",
    )
)


def finished(wanted: Wanted, mark: Mark, largest: int, answered: Answered) -> Page | None:
    """Return the page that was answered, compressed as it is wanted, or None when it may not be kept.

    One of more than ``largest`` bytes, for which there is no room, is not worth compressing.
    """
    if answered.status != 200 or len(answered.body) > largest:
        return None
    names = {name.lower(): value for name, value in answered.headers}
    target = wanted.target
    is_file = not target.depends_on
    may_be_kept = FOR_EVER in names.get(b"cache-control", b"") if is_file else MARKER in names
    if not may_be_kept or b"set-cookie" in names:
        return None
    until = min(time.time() + LONGEST_KEPT, answered.fresh_until or float("inf"))
    is_asset = names.get(b"content-type", b"").startswith((b"text/css", b"text/javascript"))
    headers = [
        one for one in answered.headers if not is_asset or one[0].lower() not in _OF_DOCUMENTS
    ]
    draft = drafted(answered.body, headers, thoroughly=is_file)
    page = Page(draft, target.depends_on, mark, until)
    for coding in CODINGS if is_file or len(answered.body) > LARGE else (wanted.encoding,):
        page.form(coding)
    return page


async def send_answered(answered: Answered, wanted: Wanted, send: Send) -> None:
    """Answer with what is not kept: an error, a redirect, a page that is no more."""
    start = {"type": "http.response.start", "status": answered.status, "headers": answered.headers}
    await send(start)
    await send({"type": "http.response.body", "body": b"" if wanted.is_head else answered.body})


async def send_page(page: Page, wanted: Wanted, send: Send) -> None:
    """Answer with the page, or that it is as the client has it (304)."""
    form: Form = page.form(wanted.encoding)
    if wanted.if_none_match and matches(wanted.if_none_match, form.tag):
        await send({"type": "http.response.start", "status": 304, "headers": form.not_modified})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.start", "status": 200, "headers": form.headers})
    await send({"type": "http.response.body", "body": b"" if wanted.is_head else form.body})
