"""This installation's own web server, as a child process, and a small client that asks it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

from comments.linkbacks.fetching import Headers
from recovery.sockets import answers

#: Seconds: for a start on a slow machine, and for one answer.
START, ANSWER = 90.0, 30.0
HUNG_UP: Final = 0  # in place of a status


@dataclass(frozen=True)
class Answer:
    """What the site answered; ``status`` is 0 when it hung up without a word."""

    status: int
    headers: Headers
    text: str


class Site:
    """The site at the address that its settings name."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None

    def ask(
        self,
        path: str,
        body: bytes | Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        length: int | None = None,
    ) -> Answer:
        """GET, or POST if there is a body, whose ``length`` in bytes is known or given."""
        parts = [body] if isinstance(body, bytes) else body or ()
        sent = {
            "Host": f"{settings.HOST}:{settings.PORT}",
            "Connection": "close",
            **(headers or {}),
        }
        if body is not None:
            size = len(body) if isinstance(body, bytes) else length
            sent["Content-Length"] = str(size)
        head = [f"{'GET' if body is None else 'POST'} {path} HTTP/1.1"]
        head += [f"{name}: {value}" for name, value in sent.items()]
        with socket.create_connection((settings.HOST, settings.PORT), ANSWER) as line:
            # A server that has seen enough answers before it has read all.
            with suppress(BrokenPipeError, ConnectionResetError):
                line.sendall("\r\n".join([*head, "", ""]).encode())
                for part in parts:
                    line.sendall(part)
            return _answer(_read(line))

    def peak(self) -> int:
        """Return the peak memory of its largest process in bytes; 0 where /proc does not tell."""
        return max(map(peak, _tree(self.process.pid)), default=0) if self.process else 0


def _read(line: socket.socket) -> bytes:
    parts = []
    with suppress(ConnectionResetError):
        while part := line.recv(65536):
            parts.append(part)
    return b"".join(parts)


def _answer(raw: bytes) -> Answer:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    status = int(first.split()[1]) if first else HUNG_UP
    return Answer(status, Headers(pairs), body.decode("utf-8", errors="replace"))


def peak(process: int | str = "self") -> int:
    """Return the peak memory of a process in bytes; 0 where /proc does not tell."""
    with suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def forget_peak() -> None:
    """Have the peak of this process start from what it holds now (Linux: proc(5), clear_refs)."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")


def _tree(process: int) -> Iterator[int]:
    """The numbers of a process and all below it."""
    yield process
    with suppress(OSError):
        children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="utf-8")
        for child in children.split():
            yield from _tree(int(child))


@contextmanager
def running() -> Iterator[Site]:
    """Start the web server, wait until it answers, and stop it in the end.

    Raises ``RuntimeError`` with what it said if it does not come up.
    """
    site, log = Site(), settings.DATA_DIR / "web.log"
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    command = [*manage, "serve", "--web-only", "--with-parent"]
    with log.open("wb") as output:
        site.process = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=os.environ
        )
    try:
        _wait(site.process, log)
        yield site
    finally:
        site.process.terminate()
        site.process.wait()


def _wait(process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + START
    while not answers(settings.HOST, settings.PORT):
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(
                f"The site does not start:\n{log.read_text(encoding='utf-8', errors='replace')}"
            )
        time.sleep(0.05)
