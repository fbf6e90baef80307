"""Whether a kept page is still true, asked of PostgreSQL.

A connection of its own asks several times a second how far the changes have come, so that pages are
at most a second old, whoever made the change and whatever fails: an answer that does not come makes
nothing true. The processes of one machine also share a file that is changed before the response to
whatever may have written: so they agree at once. Nothing here needs ``LISTEN``, which poolers like
PgBouncer do not pass on, and which makes every commit wait for a lock.
"""

import mmap
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psycopg

from recovery.page_cache.freshness import Mark

# Numbers are given out before the commit: a smaller one may come later than a larger.
_FIGURES = (
    "SELECT COUNT(*), COALESCE(SUM(id), 0)::bigint, COALESCE(MAX(id), 0) FROM recovery_pagechange"
)


class Beacon:
    """A file that the processes of one machine share: changed, it says that something was written."""

    SIZE = 16

    def __init__(self, path: Path) -> None:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.ftruncate(handle, self.SIZE)
            self._memory = mmap.mmap(handle, self.SIZE)
        finally:
            os.close(handle)

    def change(self) -> None:
        self._memory[: self.SIZE] = os.urandom(self.SIZE)

    def read(self) -> bytes:
        return self._memory[: self.SIZE]


class PostgresFreshness:
    """Asks a PostgreSQL database again and again; while it does not answer, nothing counts as unchanged."""

    is_quick = False
    # Seconds.
    EVERY = 0.3
    TRUE_FOR = 0.9
    RETRY = 0.5
    # A silent network is given up after about two seconds. The least that libpq connects within is 2.
    PATIENCE = {
        "connect_timeout": 2,
        "tcp_user_timeout": 2_000,
        "keepalives_idle": 2,
        "keepalives_interval": 1,
        "keepalives_count": 2,
    }

    def __init__(self, conninfo: dict[str, Any], beacon: Beacon) -> None:
        self._conninfo = {**conninfo, **self.PATIENCE}
        self._beacon = beacon
        self._database: psycopg.Connection[Any] | None = None
        self._serial = 0
        # What was last heard, and until when it may be relied on.
        self._heard: tuple[float, object] = (0.0, None)
        self._enough = Event()
        self._thread = Thread(target=self._ask_for_ever, name="page changes", daemon=True)
        self._thread.start()

    def state(self) -> object:
        until, heard = self._heard
        if time.monotonic() >= until:
            return object()
        return heard, self._beacon.read()

    def mark(self, keys: Iterable[str]) -> Mark:
        asked = f"{_FIGURES} WHERE key = ANY(%s)"
        # A second time, as the connection may have been cut off long ago.
        for is_last in (False, True):
            try:
                if self._database is None:
                    self._database = self._connect()
                return tuple(self._database.execute(asked, [list(keys)]).fetchone() or ())
            except psycopg.Error:
                self._close()
                if is_last:
                    raise
        raise AssertionError

    def _connect(self) -> psycopg.Connection[Any]:
        # Poolers hand on a statement to whatever connection is free: none may be prepared.
        return psycopg.connect(**self._conninfo, autocommit=True, prepare_threshold=None)

    def _close(self) -> None:
        database, self._database = self._database, None
        if database is not None:
            with suppress(psycopg.Error):
                database.close()

    def _ask_for_ever(self) -> None:
        while not self._enough.is_set():
            with suppress(psycopg.Error, OSError), self._connect() as database:
                self._serial += 1
                while not self._enough.wait(self.EVERY):
                    asked_at = time.monotonic()
                    figures = database.execute(_FIGURES).fetchone()
                    self._heard = (asked_at + self.TRUE_FOR, (self._serial, figures))
            self._enough.wait(self.RETRY)

    def stop(self) -> None:
        """Leave the database alone."""
        self._enough.set()
        self._thread.join()
        self._close()
