"""The one guarded fetch: everything the site asks of strangers' servers goes through ``fetch``.

No other module opens a socket. Each hop of a fetch, redirects included, is checked in full: the
form of its URL, every address its name resolves to, and the address the socket is really
connected to. A name is looked up once per hop, so one that changes its answer gains nothing
(CVE-2022-3590; redirects: CVE-2017-9066). Proxies named by the environment are not used.
"""

import io
import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPException  # noqa: TID251
from ipaddress import ip_address
from typing import cast
from urllib.parse import urljoin

from django.conf import settings
from urllib3.connection import HTTPConnection  # noqa: TID251
from urllib3.exceptions import HTTPError, ReadTimeoutError  # noqa: TID251
from urllib3.response import HTTPResponse  # noqa: TID251

from comments.linkbacks import charsets
from comments.linkbacks.addresses import ParsedURL, parse_source_url, refusal
from comments.linkbacks.exceptions import (
    NotRepeated,
    SourceNotFound,
    SourceRefused,
    UpstreamError,
)

logger = logging.getLogger(__name__)

ACCEPT = "text/html, application/xhtml+xml;q=0.9, application/xml;q=0.8, */*;q=0.1"
PAGE_TYPES = ("text/", "application/xhtml+xml", "application/xml", "application/json")
REDIRECTS = frozenset({301, 302, 303, 307, 308})
ADDRESSES_TRIED = 4  # of one name: a name with a thousand addresses is no way to sweep a network

# One sentence for blocked, closed, missing and broken: anything finer would scan ports for the
# sender (CVE-2013-0235). The log tells the owner which it was.
_FAILED = "The source could not be fetched."


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one fetch may cost over all its hops. Sizes in bytes, times in seconds.

    ``types`` are the beginnings of the content types that are read; ``None`` reads any.
    """

    body: int = 1_000_000
    head: int = 32_768
    connect: float = 3.0
    total: float = 10.0
    redirects: int = 5
    types: tuple[str, ...] | None = PAGE_TYPES


DEFAULT = Limits()


class Headers:
    """Response headers: names in any case, repeated ones kept in order."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._pairs = tuple(pairs)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._pairs)

    def get_all(self, name: str) -> list[str]:
        """Every value sent under ``name``."""
        wanted = name.lower()
        return [value for key, value in self._pairs if key.lower() == wanted]

    def get(self, name: str, default: str = "") -> str:
        """The first value sent under ``name``."""
        return next(iter(self.get_all(name)), default)


@dataclass(frozen=True, slots=True)
class Page:
    """An answer, whatever its status.

    ``url`` is where it came from after redirects; ``content_type`` is lower-case, without
    parameters, and empty if none was sent; ``charset`` is what the header declares.
    ``truncated`` says the body is not complete, so what it lacks proves nothing.
    """

    url: str
    status: int
    headers: Headers
    content_type: str
    charset: str | None
    body: bytes = field(repr=False)
    truncated: bool

    @property
    def text(self) -> str:
        """The body decoded by header, byte order mark, ``<meta charset>`` or as UTF-8."""
        return charsets.decode(self.body, self.charset)


def fetch(
    url: str,
    *,
    accept: str = ACCEPT,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    limits: Limits = DEFAULT,
) -> Page:
    """Ask a stranger's server for ``url`` and return what it answers, at any HTTP status.

    ``SourceRefused`` if the URL, one of its addresses or a redirect is not allowed,
    ``UpstreamError`` if the time is up, ``SourceNotFound`` for every other failure. A POST is
    repeated at a 307 or 308; at any other redirect it fails with ``NotRepeated``, as what was posted
    would be lost by the way (RFC 9110, 15.4). ``ValueError`` if ``headers`` hold line breaks.
    """
    request = _Request(method, body, _sent_headers(accept, headers), limits, Deadline(limits.total))
    for _ in range(limits.redirects + 1):
        page = _hop(parse_source_url(url, allowed_ports=settings.LINKBACK_ALLOWED_PORTS), request)
        url = _next_url(page)
        if not url:
            return page
        if method not in ("GET", "HEAD") and page.status not in (307, 308):
            raise NotRepeated(_FAILED, page.status)
    raise SourceNotFound(_FAILED)


class Deadline:
    """A moment by which everything must be done, however slowly the peer drips."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left, more than 0; ``TimeoutError`` if there are none."""
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    body: bytes | None
    headers: dict[str, str]
    limits: Limits
    deadline: Deadline


def _sent_headers(accept: str, extra: Mapping[str, str] | None) -> dict[str, str]:
    agent = f"Recovery/1.0 (+{settings.SITE_URL}; Webmention and Pingback)"
    sent = {name.lower(): value for name, value in (extra or {}).items()}
    # No compression: a small answer must not unpack into a large one (urllib3 CVE-2025-66471).
    sent |= {"user-agent": agent, "accept": accept, "accept-encoding": "identity"}
    if any(char in text for pair in sent.items() for text in pair for char in "\r\n\0"):
        raise ValueError("A header to be sent holds a line break.")
    return sent | {"connection": "close"}


def _hop(url: ParsedURL, request: _Request) -> Page:
    with _failures(url), ExitStack() as stack:
        line = _Line(_connected(url, request, stack), request)
        reply = _ask(url, request, line)
        stack.callback(reply.close)
        return _page(url, request, reply, line)


@contextmanager
def _failures(url: ParsedURL) -> Iterator[None]:
    """Turn whatever the network does into one of our refusals."""
    try:
        yield
    except (TimeoutError, ReadTimeoutError) as error:
        logger.info("No answer in time from %s", url.authority)
        raise UpstreamError("The source's server did not answer in time.") from error
    except (OSError, HTTPException, HTTPError, ValueError) as error:
        logger.info("Fetching from %s failed: %r", url.authority, error)
        raise SourceNotFound(_FAILED) from error


def _connected(url: ParsedURL, request: _Request, stack: ExitStack) -> socket.socket:
    """A socket to a judged address of the host, TLS done; ``stack`` closes it."""
    addresses = _judged(url, _resolve(url.host, url.port, request.deadline))
    sock = _dial_any(addresses, url.port, request)
    stack.callback(sock.close)
    if url.scheme == "https":
        # The socket's time limit holds for the handshake as a whole.
        sock.settimeout(request.deadline.left())
        sock = _tls_context().wrap_socket(sock, server_hostname=url.host)
        stack.callback(sock.close)
    return sock


def _resolve(host: str, port: int, deadline: Deadline) -> list[str]:
    """Look ``host`` up, once; in a thread, because the system's resolver knows no deadline."""
    answer: Future[list[str]] = Future()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answer.set_result(list(dict.fromkeys(str(entry[4][0]) for entry in found)))
        except BaseException as error:
            answer.set_exception(error)

    threading.Thread(target=look_up, name="look-up", daemon=True).start()
    return answer.result(deadline.left())


def _judged(url: ParsedURL, addresses: Sequence[str]) -> Sequence[str]:
    """The addresses as they are, if every one of them may be connected to."""
    for address in addresses:
        reason = refusal(address, settings.LINKBACK_ALLOWED_NETWORKS)
        if reason:
            logger.info("Refused %s at %s: %s", url.authority, address, reason)
            raise SourceRefused(_FAILED)
    return addresses


def _dial_any(addresses: Sequence[str], port: int, request: _Request) -> socket.socket:
    failure: OSError = OSError("the name has no address")
    for address in addresses[:ADDRESSES_TRIED]:
        try:
            return _dial(address, port, min(request.limits.connect, request.deadline.left()))
        except OSError as error:
            failure = error
    raise failure


def _dial(address: str, port: int, seconds: float) -> socket.socket:
    """Connect to ``address`` and make sure it is who answers, before a byte is sent."""
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    try:
        sock.settimeout(seconds)
        sock.connect((address, port))
        peer = sock.getpeername()
        if (ip_address(peer[0]), peer[1]) != (ip_address(address), port):
            logger.warning("Connected to %s port %s instead of %s", peer[0], peer[1], address)
            raise SourceRefused(_FAILED)
    except BaseException:
        sock.close()
        raise
    return sock


@cache
def _tls_context() -> ssl.SSLContext:
    return ssl.create_default_context()


class _Line(io.RawIOBase):
    """A socket as http.client uses one, on which each single read and write keeps the deadline.

    A time limit on the socket alone starts anew with each byte that drips in. ``budget`` is the
    number of bytes the peer may still send: it holds for endless headers, ``100 Continue``, chunk
    extensions, trailers, and chunks of negative size, which http.client reads in one piece.
    """

    def __init__(self, sock: socket.socket, request: _Request) -> None:
        self._sock = sock
        self._deadline = request.deadline
        self.budget = request.limits.head + io.DEFAULT_BUFFER_SIZE

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(self._deadline.left())
        self._sock.sendall(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self.budget <= 0:
            raise OSError("the answer is too long")
        self._sock.settimeout(self._deadline.left())
        received = self._sock.recv_into(buffer)
        self.budget -= received
        return received

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def settimeout(self, _seconds: float | None) -> None:
        """The deadline decides."""

    def close(self) -> None:
        """Whoever dialled hangs up; http.client does so before it has read the body."""


def _ask(url: ParsedURL, request: _Request, line: _Line) -> HTTPResponse:
    connection = HTTPConnection(url.host, url.port)
    connection.auto_open = 0  # never dials by itself
    connection.sock = cast(socket.socket, line)
    connection.request(
        request.method,
        url.target,
        body=request.body,
        headers={**request.headers, "host": url.authority},
        preload_content=False,
        decode_content=False,
        enforce_content_length=False,
    )
    return connection.getresponse()


def _page(url: ParsedURL, request: _Request, reply: HTTPResponse, line: _Line) -> Page:
    headers = Headers(reply.headers.iteritems())
    content_type, charset = charsets.content_type(headers.get("content-type"))
    body, truncated = b"", True
    if reply.status in REDIRECTS:
        pass  # only its Location matters
    elif _is_readable(content_type, headers, request):
        line.budget = 2 * request.limits.body + request.limits.head  # chunks have their own lines
        body, truncated = _read(reply, request.limits.body)
    elif 200 <= reply.status < 300 and request.limits.types is not None:
        raise SourceNotFound("The source is not a page.")
    return Page(url.url, reply.status, headers, content_type, charset, body, truncated)


def _is_readable(content_type: str, headers: Headers, request: _Request) -> bool:
    encodings = {value.strip().lower() for value in headers.get_all("content-encoding")}
    types = request.limits.types
    if request.method == "HEAD":
        return True
    is_wanted = types is None or not content_type or content_type.startswith(types)
    return is_wanted and encodings <= {"", "identity"}


def _read(reply: HTTPResponse, most: int) -> tuple[bytes, bool]:
    """The body up to ``most`` bytes, and whether more was there or promised."""
    parts: list[bytes] = []
    left = most + 1
    while left > 0 and (
        part := reply.read(min(left, io.DEFAULT_BUFFER_SIZE), decode_content=False)
    ):
        parts.append(part)
        left -= len(part)
    body = b"".join(parts)
    return body[:most], len(body) > most or bool(reply.length_remaining)


def _next_url(page: Page) -> str:
    """Where a redirect leads; empty if the page is none."""
    location = page.headers.get("location") if page.status in REDIRECTS else ""
    location = location.encode("latin-1").decode("utf-8", errors="replace")  # as it was sent
    try:
        return location and urljoin(page.url, location)
    except ValueError:
        return location  # to be refused like any other malformed URL
