"""How a web server can misbehave: each sends until it is told to stop or its caller hangs up."""

import itertools
import threading
import zlib
from collections.abc import Callable, Iterable
from functools import cache
from typing import Final

from recovery.linkback_check.peer import Send, Vice

OK: Final = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
MEGABYTE: Final = b" " * 1_000_000
DROP_EVERY: Final = 0.1  # seconds: far less than any limit on one read


def sending(parts: Callable[[], Iterable[bytes]], pause: float = 0.0) -> Vice:
    """Send these parts, with a pause in seconds before each."""

    def send_all(send: Send, stop: threading.Event) -> None:
        for part in parts():
            if stop.wait(pause):
                return
            send(part)

    return send_all


def silent(send: Send, stop: threading.Event) -> None:
    """Take the request and never answer."""
    stop.wait(60)


def dripping(head: bytes, drop: bytes) -> Vice:
    """Send the head, then drop by drop for ever."""
    return sending(lambda: itertools.chain([head], itertools.repeat(drop)), DROP_EVERY)


@cache
def bomb() -> bytes:
    """100 MB of blanks in 100 KB, as gzip."""
    packer = zlib.compressobj(wbits=31)
    return b"".join([*(packer.compress(MEGABYTE) for _ in range(100)), packer.flush()])


def _zipped() -> Iterable[bytes]:
    packed = bomb()
    yield OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    yield packed


BODY_DRIP: Final = dripping(OK + b"\r\n", b"x")
HEADER_DRIP: Final = dripping(b"HTTP/1.1 200 OK\r\n", b"X-Drop: 1\r\n")
GIGABYTE: Final = sending(
    lambda: [OK + b"Content-Length: 1000000000\r\n\r\n", *itertools.repeat(MEGABYTE, 1000)]
)
ENDLESS: Final = sending(
    lambda: itertools.chain(
        [OK + b"Transfer-Encoding: chunked\r\n\r\n"],
        itertools.repeat(b"f4240\r\n" + MEGABYTE + b"\r\n"),
    )
)
ENDLESS_HEADERS: Final = sending(
    lambda: itertools.chain([OK], itertools.repeat(b"X-More: " + b"x" * 8000 + b"\r\n"))
)
GZIP_BOMB: Final = sending(_zipped)
