"""The smallest HTTP client: one connection to loopback, one request after the other.

Its own cost (a few dozen microseconds) is in every time it takes, also in the yardstick's.
"""

import gzip
import re
import socket
import time
from dataclasses import dataclass

import brotli

# The one thing in which a page made in another process differs: when its form was signed.
_TOKEN = re.compile(rb'(name="token"[^>]*value=")[^"]*')


class WrongAnswer(Exception):
    """Something did not answer, or not as it has to for a figure to mean anything."""


@dataclass(frozen=True)
class Answer:
    """A whole answer; ``seconds`` from sending the request to its last byte."""

    status: int
    headers: dict[str, str]
    body: bytes
    size: int  # bytes, head and body
    seconds: float

    @property
    def text(self) -> bytes:
        """The body without its coding and the moment at which its form was signed."""
        coding = self.headers.get("content-encoding", "identity")
        decode = {"gzip": gzip.decompress, "br": brotli.decompress}.get(coding, bytes)
        return _TOKEN.sub(rb"\1", decode(self.body))


def token(page: bytes) -> str:
    """Return the token in the reply form of a page."""
    found = _TOKEN.search(page)
    if found is None:
        raise WrongAnswer("There is no reply form on the article's page.")
    return found[0].removeprefix(found[1]).decode()


class Connection:
    """A connection that is kept open."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._host = f"127.0.0.1:{port}"

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def get(self, path: str, headers: tuple[str, ...] = ()) -> Answer:
        """Ask for this path; ``headers`` are whole lines."""
        lines = (f"GET {path} HTTP/1.1", f"Host: {self._host}", *headers, "", "")
        request = "\r\n".join(lines).encode()
        started = time.perf_counter()
        self._socket.sendall(request)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, body = received.partition(b"\r\n\r\n")
        status, fields = _read_head(head)
        parts, missing = [body], _length(status, fields) - len(body)
        while missing > 0:
            parts.append(self._more())
            missing -= len(parts[-1])
        seconds = time.perf_counter() - started
        whole = b"".join(parts)
        return Answer(status, fields, whole, len(head) + 4 + len(whole), seconds)

    def _more(self) -> bytes:
        part = self._socket.recv(1 << 18)
        if not part:
            raise WrongAnswer("The connection was closed before the answer was complete.")
        return part


def _read_head(head: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return int(first.split()[1]), {name.lower(): value.strip() for name, _, value in pairs}


def _length(status: int, fields: dict[str, str]) -> int:
    if status == 304:
        return 0
    if "content-length" not in fields:
        raise WrongAnswer("The answer does not say how long it is.")
    return int(fields["content-length"])


def get(port: int, path: str, *headers: str) -> Answer:
    """Return the answer to one request on a connection of its own."""
    with Connection(port) as connection:
        return connection.get(path, headers)
