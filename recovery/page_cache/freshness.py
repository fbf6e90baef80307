"""Whether a kept page is still true: asked of the database itself.

On SQLite an open connection tells in microseconds whether anybody has committed since (``PRAGMA
data_version``); only then are the changes noted for a page compared. That is exact: whoever gets the
response to a change reads it everywhere on the machine, whatever was killed in between.
``recovery.page_cache.postgres`` does what comes nearest to that elsewhere.
"""

import os
import sqlite3
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

Mark = tuple[int, ...]


class Freshness(Protocol):
    """Says where the database stands; used by one event loop only."""

    @property
    def is_quick(self) -> bool:
        """Whether ``mark`` takes microseconds; else it may wait for the network."""

    def state(self) -> object:
        """Return a value that is another one after every change; quick enough for every request."""

    def mark(self, keys: Iterable[str]) -> Mark:
        """Return how far the changes noted for these keys have come.

        Raises an exception of any kind when the database cannot tell.
        """


class SqliteFreshness:
    """Asks a SQLite file in WAL mode, through a connection of its own that only reads."""

    is_quick = True
    LOOK_EVERY = 1.0  # seconds between looks whether the file is still the one that is open
    _ONE = "(SELECT MAX(id) FROM recovery_pagechange WHERE key = ?)"

    def __init__(self, path: str) -> None:
        self._path = path
        self._database: sqlite3.Connection | None = None
        self._file = (0, 0)
        self._serial = 0
        self._look_at = 0.0

    def state(self) -> int:
        if time.monotonic() >= self._look_at:
            self._look()
        try:
            version: int = self._connected().execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error:
            self._close()
            raise
        return version + self._serial

    def mark(self, keys: Iterable[str]) -> Mark:
        listed = tuple(keys)
        asked = f"SELECT {', '.join([self._ONE] * len(listed))}"
        try:
            found = self._connected().execute(asked, listed).fetchone()
            # Another file, like an older one that was put back, may have come as far by other changes.
            return self._serial, *(latest or 0 for latest in found)
        except sqlite3.Error:
            self._close()
            raise

    def _look(self) -> None:
        """Turn to the file that is there now: an open one that was replaced would say nothing any more."""
        self._look_at = time.monotonic() + self.LOOK_EVERY
        try:
            found = os.stat(self._path)
        except OSError:
            self._close()
            raise
        if self._file != (found.st_dev, found.st_ino):
            self._close()
            self._file = (found.st_dev, found.st_ino)

    def _connected(self) -> sqlite3.Connection:
        if self._database is None:
            self._database = sqlite3.connect(
                f"{Path(self._path).absolute().as_uri()}?mode=ro",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
                timeout=0.1,
            )
            # Versions are a connection's own: none may look like one of the connection before.
            self._serial += 1 << 40
        return self._database

    def _close(self) -> None:
        database, self._database, self._look_at = self._database, None, 0.0
        if database is not None:
            with suppress(sqlite3.Error):
                database.close()
