"""Between the web server and the WSGI application: a request takes up a thread only once it is whole.

The server speaks ASGI 3.0 (HTTP) to this module, and this module WSGI 1.0.1 (PEP 3333) to the
application. Bodies are awaited, within bounds of size, time and number, and answers are handed over in
large parts and awaited too: whoever sends or reads slowly holds a connection, never a thread.
"""

import asyncio
import logging
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache, partial
from http import HTTPStatus
from io import BytesIO
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIApplication, WSGIEnvironment

Result = TypeVar("Result")
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# Bytes that are taken from an answer at once: nearly every answer is complete then.
PART = 1 << 16

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


class Body(BytesIO):
    """A request's body: what ``wsgi.input`` reads from."""

    received = 0  # bytes


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


class Threads:
    """A few threads that work for one event loop: a pool of ``concurrent.futures`` costs twice as much."""

    def __init__(self, number: int) -> None:
        self._work: SimpleQueue[tuple[asyncio.Future[Any], Callable[[], Any]]] = SimpleQueue()
        for _ in range(number):
            Thread(target=self._run, name="request", daemon=True).start()

    async def call(self, act: Callable[[], Result]) -> Result:
        """Call ``act`` in one of the threads, as soon as one is free."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._work.put((future, act))
        return await future

    def _run(self) -> None:
        while True:
            future, act = self._work.get()
            try:
                result, error = act(), None
            except Exception as raised:
                result, error = None, raised
            except BaseException as raised:
                # SystemExit would end the event loop.
                result, error = None, RuntimeError(repr(raised))
            future.get_loop().call_soon_threadsafe(_settle, future, result, error)
            # Not until there is more work, but now.
            del future, act, result, error


def _settle(future: asyncio.Future[Any], result: Any, error: Exception | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)


class Gateway:
    """An ASGI application that runs a WSGI application in a few threads.

    ``client_of`` says whose request it is, for the bound on bodies from one client.
    """

    def __init__(
        self,
        application: WSGIApplication,
        *,
        threads: int,
        client_of: Callable[[WSGIEnvironment], str],
        limits: Limits | None = None,
    ) -> None:
        self._application = application
        self._client_of = client_of
        self._reception = Reception(limits or Limits())
        self._threads = Threads(threads)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        environ = environ_of(scope)
        if not _has_body(environ):
            await self._answer(environ, receive, send)
            return
        body: Body = environ["wsgi.input"]
        try:
            await self._receive(environ, receive, body)
            await self._answer(environ, receive, send)
        except Refused as refusal:
            await _refuse(refusal.status, send)
        finally:
            self._reception.let_go(body)

    async def _receive(self, environ: WSGIEnvironment, receive: Receive, body: Body) -> None:
        declared = int(environ.get("CONTENT_LENGTH", 0))
        await self._reception.receive(self._client_of(environ), declared, receive, body)
        # What was chunked is so no more, and has a length.
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ["CONTENT_LENGTH"] = str(body.received)
        body.seek(0)

    async def _answer(self, environ: WSGIEnvironment, receive: Receive, send: Send) -> None:
        answer = Answer(self._application, environ)
        started, sent, more = await self._threads.call(partial(_begin, answer, send))
        await started
        await sent
        if more:
            try:
                if environ["REQUEST_METHOD"] != "HEAD":
                    await self._answer_rest(answer, receive, send)
            finally:
                await self._threads.call(answer.close)

    async def _answer_rest(self, answer: Answer, receive: Receive, send: Send) -> None:
        """Hand over part by part, as fast as the client reads, unless it goes."""
        gone, more = asyncio.ensure_future(_until_gone(receive)), True
        try:
            while more and not gone.done():
                part, more = await self._threads.call(answer.take)
                await send({"type": "http.response.body", "body": part, "more_body": more})
        finally:
            gone.cancel()
            with suppress(asyncio.CancelledError):
                await gone


def _begin(answer: Answer, send: Send) -> tuple[Awaitable[None], Awaitable[None], bool]:
    """Begin to answer, in a thread; return what the event loop has to await, and whether there is more.

    The server takes an answer when ``send`` is called, so that it need not wait for the event loop.
    """
    part, more = answer.begin()
    start = {"type": "http.response.start", "status": answer.status, "headers": answer.headers}
    started = send(start)
    return started, send({"type": "http.response.body", "body": part, "more_body": more}), more


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _refuse(status: HTTPStatus, send: Send) -> None:
    headers = [_TEXT, (b"connection", b"close"), (b"cache-control", b"no-store")]
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append((b"retry-after", b"10"))
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": f"{status.phrase}\n".encode()})


def environ_of(scope: Message) -> WSGIEnvironment:
    """Return the environment of PEP 3333 for a scope of ASGI 3.0, with an empty ``wsgi.input``.

    Text stands for bytes, as Latin-1. The process's own environment is not part of it.
    """
    path: bytes = scope["raw_path"]
    environ = {
        **_ALWAYS,
        "REQUEST_METHOD": scope["method"],
        "PATH_INFO": (unquote_to_bytes(path) if b"%" in path else path).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "REMOTE_ADDR": scope["client"][0],
        "SERVER_NAME": scope["server"][0],
        "SERVER_PORT": str(scope["server"][1]),
        # Granian says “1” of HTTP/1.0.
        "SERVER_PROTOCOL": "HTTP/1.1" if scope["http_version"] == "1.1" else "HTTP/1.0",
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": Body(),
        "wsgi.errors": sys.stderr,
    }
    _add_headers(environ, scope["headers"])
    return environ


_ALWAYS = {
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}


def _add_headers(environ: WSGIEnvironment, headers: list[tuple[bytes, bytes]]) -> None:
    """Add the headers; repeated ones become one, as RFC 9110 (5.3) and RFC 6265 (4.2.1) have it."""
    for name, value in headers:
        key, text = _key(name), value.decode("latin-1")
        # “X_Forwarded_For” would be taken for “X-Forwarded-For”, which proxies watch over.
        if b"_" in name:
            continue
        if key in environ:
            text = f"{environ[key]}{'; ' if name == b'cookie' else ','}{text}"
        environ[key] = text


@lru_cache(maxsize=256)
def _key(name: bytes) -> str:
    key = name.decode("latin-1").upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


def _has_body(environ: WSGIEnvironment) -> bool:
    return (
        environ.get("CONTENT_LENGTH", "0") != "0"
        or environ.get("HTTP_TRANSFER_ENCODING") is not None
    )
