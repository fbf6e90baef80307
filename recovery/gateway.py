"""Between the web server and the WSGI application: a request takes up a thread only once it is whole.

The server speaks ASGI 3.0 (HTTP) to this module, and this module WSGI 1.0.1 (PEP 3333) to the
application. Bodies are awaited, within bounds of size, time and number, and answers are handed over in
large parts and awaited too: whoever sends or reads slowly holds a connection, never a thread.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

from recovery.page_cache.front import Answered, Finish, Front, send_answered, send_page
from recovery.page_cache.requests import UNTIL, Target, Wanted
from recovery.page_cache.store import Page
from recovery.threads import Threads
from recovery.wsgi_environ import Body, environ_of, has_body, strangers_scope

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Refusal = tuple[list[tuple[bytes, bytes]], bytes]

# Bytes that are taken from an answer at once: nearly every answer is complete then.
PART = 1 << 16
# Requests that wait for a thread: more would wait longer than people do.
MOST_WAITING = 200
SILENCE = 10.0  # seconds between complaints about the same

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """What one worker process puts up with while it receives bodies."""

    body: int = 3_000_000  # bytes: more than Django's DATA_UPLOAD_MAX_MEMORY_SIZE
    seconds: float = 10.0  # from the end of the headers to the end of the body
    unfinished: int = 500  # bodies on their way
    unfinished_each: int = 20  # ... from one client
    memory: int = (
        64_000_000  # bytes: of all bodies that wait for the rest, a thread or their answer
    )


class Refused(Exception):
    """A request that is answered here, with this status, and its connection closed."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


@dataclass
class Reception:
    """Receives bodies within the limits; used by one event loop only."""

    limits: Limits
    unfinished: Counter[str] = field(default_factory=Counter)
    held: int = 0  # bytes

    async def receive(self, client: str, declared: int, receive: Receive, body: Body) -> None:
        """Write the whole body into ``body``. ``declared`` is its Content-Length, 0 when chunked.

        Raises ``Refused``: 413 too large, 408 too slow, 503 too much at a time, 400 broken off.
        """
        if declared > self.limits.body:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        with self._place(client):
            try:
                async with asyncio.timeout(self.limits.seconds):
                    while await self._receive_part(receive, body):
                        pass
            except TimeoutError as error:
                raise Refused(HTTPStatus.REQUEST_TIMEOUT) from error

    @contextmanager
    def _place(self, client: str) -> Iterator[None]:
        """Hold one of the places for bodies on their way."""
        places = self.unfinished
        if (
            places.total() >= self.limits.unfinished
            or places[client] >= self.limits.unfinished_each
        ):
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE)
        places[client] += 1
        try:
            yield
        finally:
            places[client] -= 1
            if not places[client]:
                del places[client]

    async def _receive_part(self, receive: Receive, body: Body) -> bool:
        """Write the next part into ``body``; say whether there is more."""
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(HTTPStatus.BAD_REQUEST)
        part: bytes = message["body"]
        if body.received + len(part) > self.limits.body:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if self.held + len(part) > self.limits.memory:
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE)
        body.write(part)
        body.received += len(part)
        self.held += len(part)
        return bool(message["more_body"])

    def let_go(self, body: Body) -> None:
        """Take note that this body is needed no more."""
        self.held -= body.received
        body.close()


class Answer:
    """What the application answers, taken in parts: in threads, never two at the same time."""

    def __init__(self, application: WSGIApplication, environ: WSGIEnvironment) -> None:
        self._application = application
        self._environ = environ
        self._written: list[bytes] = []
        self._close: Callable[[], object] | None = None
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []

    def begin(self) -> tuple[bytes, bool]:
        """Call the application; return the first part and whether there is more.

        An application that fails before it is known what it answers answers 500.
        """
        try:
            iterable = self._application(self._environ, self._start)
            self._close = getattr(iterable, "close", None)
            self._parts = iter(iterable)
            return self.take()
        except BaseException:
            log.exception("The application failed")
            self.status, self.headers = 500, [_TEXT]
            return HTTPStatus(500).phrase.encode(), False

    def _start(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None, /
    ) -> Callable[[bytes], object]:
        """``start_response`` (PEP 3333): nothing was sent yet, so it may be called again."""
        self.status = int(status[:3])
        self.headers = [
            (name.encode("latin-1"), value.encode("latin-1")) for name, value in headers
        ]
        return self._written.append

    def take(self) -> tuple[bytes, bool]:
        """Return the next part, ``PART`` bytes or a little more, and whether there is more."""
        taken, size = self._written, 0
        self._written = []
        try:
            for part in self._parts:
                taken.append(part)
                size += len(part)
                if size >= PART:
                    return b"".join(taken), True
            if not self.status:
                raise RuntimeError("start_response was not called")
        except BaseException:
            self.close()
            raise
        self.close()
        return b"".join(taken), False

    def close(self) -> None:
        """Close the iterable, once."""
        close, self._close = self._close, None
        if close is not None:
            close()


_TEXT = (b"content-type", b"text/plain; charset=utf-8")


class Gateway:
    """An ASGI application that runs a WSGI application in a few threads.

    ``client_of`` says whose request it is, for the bound on bodies from one client; ``scheme`` is that
    of the site's address, as whoever ends TLS in front speaks plain HTTP with us; ``refusals`` makes the pages
    (headers and body) of what is refused before the application sees it.
    """

    def __init__(
        self,
        application: WSGIApplication,
        *,
        threads: int,
        client_of: Callable[[WSGIEnvironment], str],
        limits: Limits | None = None,
        pages: Front | None = None,
        scheme: str = "http",
        refusals: Callable[[], Mapping[HTTPStatus, Refusal]] | None = None,
    ) -> None:
        self._application = application
        self.pages = pages
        self._scheme = scheme
        self._make_refusals = refusals or dict
        self._refusals, self._refusals_made_at = self._make_refusals(), time.monotonic()
        self._complain_again_at = 0.0
        self._client_of = client_of
        self._reception = Reception(limits or Limits())
        self._threads = Threads(threads)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        try:
            if self.pages is not None and (wanted := self.pages.wanted(scope)) is not None:
                await self._answer_with_page(self.pages, wanted, scope, receive, send)
            else:
                await self._answer_anew(scope, receive, send)
        except Refused as refusal:
            await self._refuse(refusal.status, send)

    async def _answer_with_page(
        self, pages: Front, wanted: Wanted, scope: Message, receive: Receive, send: Send
    ) -> None:
        try:
            page = pages.ready(wanted) or await pages.make(wanted, partial(self._render, scope))
        except Refused:
            raise
        except Exception:
            self._complain()
            await self._answer_anew(scope, receive, send)
            return
        if isinstance(page, Page):
            await send_page(page, wanted, send)
            pages.note_use(page)
        else:
            await send_answered(page, wanted, send)

    def _complain(self) -> None:
        """Log that no kept page can be had, now and then: it may be so for every request."""
        if time.monotonic() >= self._complain_again_at:
            self._complain_again_at = time.monotonic() + SILENCE
            log.exception("Pages cannot be kept at the moment; the application answers")

    async def _render(
        self, scope: Message, target: Target, finish: Finish
    ) -> tuple[Answered, Page | None]:
        self._make_sure_of_a_thread()
        return await self._threads.call(partial(self._render_now, scope, target, finish))

    def _make_sure_of_a_thread(self) -> None:
        if self._threads.waiting >= MOST_WAITING:
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE)

    def _render_now(
        self, scope: Message, target: Target, finish: Finish
    ) -> tuple[Answered, Page | None]:
        """Have a page made, in a thread, without anything that only this visitor said."""
        environ = environ_of(strangers_scope(scope, target), self._scheme)
        # Asks the application to say until when, if it is to be kept.
        environ[UNTIL] = None
        answer = Answer(self._application, environ)
        body, more = answer.begin()
        parts = [body]
        while more:
            part, more = answer.take()
            parts.append(part)
        answered = Answered(answer.status, answer.headers, b"".join(parts), environ[UNTIL])
        return answered, finish(answered)

    async def _answer_anew(self, scope: Message, receive: Receive, send: Send) -> None:
        environ = environ_of(scope, self._scheme)
        if not has_body(environ):
            await self._answer(environ, receive, send)
            return
        body: Body = environ["wsgi.input"]
        try:
            await self._receive(environ, receive, body)
            await self._answer(environ, receive, send)
        finally:
            self._reception.let_go(body)

    async def _refuse(self, status: HTTPStatus, send: Send) -> None:
        plain = [_TEXT, (b"cache-control", b"no-store")], f"{status.phrase}\n".encode()
        if status != HTTPStatus.SERVICE_UNAVAILABLE:
            await self._renew_refusals()
        headers, body = self._refusals.get(status, plain)
        length = (b"content-length", str(len(body)).encode())
        headers = [*headers, length, (b"connection", b"close")]
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            headers.append((b"retry-after", b"10"))
        await send({"type": "http.response.start", "status": int(status), "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _renew_refusals(self) -> None:
        """Have the pages show what the owner says now; at most once a second, and not while others wait."""
        if time.monotonic() - self._refusals_made_at < 1 or self._threads.waiting:
            return
        self._refusals_made_at = time.monotonic()
        try:
            self._refusals = await self._threads.call(self._make_refusals)
        except Exception:
            # Those of before say no: without them nothing would.
            log.exception("The pages that refuse could not be made again")

    async def _receive(self, environ: WSGIEnvironment, receive: Receive, body: Body) -> None:
        declared = int(environ.get("CONTENT_LENGTH", 0))
        await self._reception.receive(self._client_of(environ), declared, receive, body)
        # What was chunked is so no more, and has a length.
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ["CONTENT_LENGTH"] = str(body.received)
        body.seek(0)

    async def _answer(self, environ: WSGIEnvironment, receive: Receive, send: Send) -> None:
        answer = Answer(self._application, environ)
        part, more = await self._begin(answer, receive)
        headers, has_body = answer.headers, environ["REQUEST_METHOD"] != "HEAD"
        if not more and has_body and answer.status not in _BODILESS:
            headers = _with_length(headers, part)
        goes_on = more and has_body
        try:
            start = {"type": "http.response.start", "status": answer.status, "headers": headers}
            await send(start)
            await send({"type": "http.response.body", "body": part, "more_body": goes_on})
            if goes_on:
                await self._answer_rest(answer, receive, send)
        finally:
            if more:
                await self._threads.call(answer.close)

    async def _begin(self, answer: Answer, receive: Receive) -> tuple[bytes, bool]:
        """Have a thread begin with the answer, if not too many wait, nor who asked has gone by then."""
        self._make_sure_of_a_thread()
        if not self._threads.waiting:
            return await self._threads.call(answer.begin)
        async with _watching(receive) as gone:
            return await self._threads.call(partial(_begin_unless, gone, answer))

    async def _answer_rest(self, answer: Answer, receive: Receive, send: Send) -> None:
        """Hand over part by part, as fast as the client reads, unless it goes."""
        more = True
        async with _watching(receive) as gone:
            while more and not gone.done():
                part, more = await self._threads.call(answer.take)
                await send({"type": "http.response.body", "body": part, "more_body": more})


# Answers that have no body, and say nothing of its length (RFC 9110, 8.6).
_BODILESS = (204, 304)


def _with_length(headers: list[tuple[bytes, bytes]], body: bytes) -> list[tuple[bytes, bytes]]:
    """Return the headers of a whole answer, with its length, which is chunked otherwise."""
    if any(name.lower() == b"content-length" for name, _ in headers):
        return headers
    return [*headers, (b"content-length", str(len(body)).encode())]


def _begin_unless(gone: "asyncio.Future[None]", answer: Answer) -> tuple[bytes, bool]:
    if gone.done():
        raise Refused(HTTPStatus.BAD_REQUEST)
    return answer.begin()


@asynccontextmanager
async def _watching(receive: Receive) -> AsyncIterator["asyncio.Future[None]"]:
    """Give what is done once the client has gone."""
    gone = asyncio.ensure_future(_until_gone(receive))
    try:
        yield gone
    finally:
        gone.cancel()
        with suppress(asyncio.CancelledError):
            await gone


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
