"""A reader who asks for one page again and again: ``python reading.py PORT PATH STOP LOG LEAST``.

Each line of LOG tells of one read: when it began and ended (CLOCK_MONOTONIC, which all processes
share), and which of the words that look like ``token-1-a`` the page showed. It ends once STOP exists and
it has read LEAST times.
"""

import re
import socket
import sys
import time
from pathlib import Path

TOKEN = re.compile(rb"token-\d+-[a-z]")
LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
PATIENCE = 30.0  # seconds: a worker that was killed takes its connections with it


class Reader:
    """Keeps a connection, as browsers do, and makes another when it is gone."""

    def __init__(self, port: int, path: str) -> None:
        self.port = port
        self.request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
        self.connection: socket.socket | None = None

    def read(self) -> bytes:
        """Return head and body of an answer."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self._ask()
            except OSError:
                self.connection = None
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def _ask(self) -> bytes:
        if self.connection is None:
            self.connection = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        self.connection.sendall(self.request)
        answer, whole = b"", None
        while whole is None or len(answer) < whole:
            part = self.connection.recv(1 << 18)
            if not part:
                raise ConnectionResetError("closed half-way")
            answer += part
            if whole is None and (end := answer.find(b"\r\n\r\n")) > 0:
                whole = end + 4 + int(LENGTH.search(answer)[1])
        return answer


def main(port: str, path: str, stop: str, log: str, least: str = "0") -> None:
    reader, lines = Reader(int(port), path), list[str]()
    while len(lines) < int(least) or not Path(stop).exists():
        began = time.monotonic()
        answer = reader.read()
        ended = time.monotonic()
        assert answer.startswith(b"HTTP/1.1 200 "), answer[:200]
        shown = b" ".join(sorted(set(TOKEN.findall(answer)))).decode()
        lines.append(f"{began!r}\t{ended!r}\t{shown}\n")
    Path(log).write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
