"""The other blog: pages and endpoints on loopback, as well-behaved or as vicious as a row wants."""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, cast
from urllib.parse import parse_qs, urlsplit

HOST: Final = "127.0.0.1"
HTML: Final = "text/html; charset=utf-8"
#: In a page, replaced by a key that is good for one linkback.
KEY: Final = "{key}"

Send = Callable[[bytes], object]
#: Sends what it likes, from the status line on, until it is told to stop or its caller hangs up.
Vice = Callable[[Send, threading.Event], None]
Header = tuple[str, str]


@dataclass(frozen=True)
class Page:
    """What is answered at one path; with a ``vice``, that alone."""

    html: str = ""
    status: int = 200
    headers: tuple[Header, ...] = ()
    content_type: str = HTML
    vice: Vice | None = None


@dataclass(frozen=True)
class Received:
    """A linkback that came in: its path with the query, its form if it is one, its bytes."""

    path: str
    content_type: str
    body: bytes
    status: int

    @property
    def form(self) -> dict[str, list[str]]:
        """The fields of a form."""
        return parse_qs(self.body.decode("latin-1"), keep_blank_values=True)


@dataclass(frozen=True)
class Reply:
    """What an endpoint answers."""

    status: int = 202
    body: bytes = b""
    headers: tuple[Header, ...] = ()


@dataclass
class Peer:
    """A web server that can be told what to serve while it runs."""

    pages: dict[str, Page] = field(default_factory=dict)
    replies: dict[str, Reply] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    _keys: set[str] = field(default_factory=set)
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Peer":
        self._server = _Server((HOST, 0), _Handler)
        self._server.peer = self
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    def url(self, path: str) -> str:
        """Return the address of one of its pages."""
        return f"http://{HOST}:{self.port}{path}"

    def serve(self, path: str, html: str = "", **how: Any) -> str:
        """Answer so at this path from now on, and return its address."""
        self.pages[path] = Page(html, **how)
        return self.url(path)

    def received_below(self, path: str) -> list[Received]:
        """What came in at the paths that begin so, in order."""
        return [item for item in self.received if item.path.startswith(path)]

    def page_at(self, path: str) -> Page:
        """Return what to answer to a GET, and count it."""
        self.asked.append(path)
        page = self.pages.get(path, Page("Nothing here.", 404))
        if KEY not in page.html:
            return page
        key = secrets.token_hex(8)
        self._keys.add(key)
        return Page(page.html.replace(KEY, key), page.status, page.headers)

    def take(self, path: str, content_type: str, body: bytes) -> Reply:
        """Take a linkback; one whose key is unknown or was used before gets 400."""
        where, reply = urlsplit(path), self.replies.get(urlsplit(path).path, Reply())
        for key in parse_qs(where.query).get("key", []):
            if key not in self._keys:
                reply = Reply(400, b"That key is not good any more.")
            self._keys.discard(key)
        self.received.append(Received(path, content_type, body, reply.status))
        return reply

    def indulge(self, vice: Vice, send: Send) -> None:
        vice(send, self._stop)


class _Server(ThreadingHTTPServer):
    peer: Peer
    daemon_threads = True
    request_queue_size = 128


class _Handler(BaseHTTPRequestHandler):
    """One request; ``ThreadingHTTPServer`` runs each in a thread."""

    timeout = 30

    def do_GET(self) -> None:
        page = self._peer.page_at(self.path)
        try:
            if page.vice:
                self._peer.indulge(page.vice, self.wfile.write)
            else:
                own = (("Content-Type", page.content_type),) if page.content_type else ()
                self._answer(page.status, (*own, *page.headers), page.html.encode())
        except OSError:
            self.close_connection = True  # the other side has seen enough

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        reply = self._peer.take(self.path, self.headers.get("Content-Type", ""), body)
        self._answer(reply.status, reply.headers, reply.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has
        """Say nothing."""

    @property
    def _peer(self) -> Peer:
        return cast(_Server, self.server).peer

    def _answer(self, status: int, headers: tuple[Header, ...], body: bytes) -> None:
        self.send_response(status)
        for name, value in (*headers, ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
