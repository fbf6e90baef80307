"""Whose turn it is to write: first come, first served, among the threads and processes that share a file.

SQLite lets one write at a time. Whoever finds another at it looks again after pauses of up to 100 ms, in no
order, and gives up as "locked" in the end, while the file may stand idle between two looks. Here they wait
in a queue instead and are woken. Threads of a process queue among themselves; of each process only the first one
queues with the other processes: it draws a number, locks the byte of that number in a file of its own
(``-queue`` beside the database), and waits until no byte of a lower number is locked. The kernel unlocks what a
process held that died.
"""

import fcntl
import os
from collections import deque
from contextlib import suppress
from threading import Lock


class Turns:
    """The queue at one file, as far as this process takes part in it."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._begin()

    def _begin(self) -> None:
        self._mutex = Lock()
        self._is_taken = False
        self._waiting: deque[Lock] = deque()
        self._file: int | None = None

    def take(self, seconds: float) -> None:
        """Wait for the turn. Raises ``TimeoutError`` when others of this process come first for so long.

        How long another process writes is not bounded: one thread waits for it, those behind it give up.
        """
        self._queue(seconds)
        try:
            self._enter()
        except BaseException:
            self.give()
            raise

    def give(self) -> None:
        """Give the turn to whoever has waited longest."""
        if self._file is not None:
            with suppress(OSError):
                fcntl.lockf(self._file, fcntl.LOCK_UN)  # all that this process has locked in it
        self._hand_on()

    def _queue(self, seconds: float) -> None:
        mine = Lock()
        mine.acquire()
        with self._mutex:
            if not self._is_taken:
                self._is_taken = True
                return
            self._waiting.append(mine)
        try:
            if not mine.acquire(timeout=seconds):
                raise TimeoutError
        except BaseException:
            self._leave(mine)
            raise

    def _leave(self, mine: Lock) -> None:
        with self._mutex:
            waits_still = mine in self._waiting
            if waits_still:
                self._waiting.remove(mine)
        if not waits_still:
            self._hand_on()

    def _hand_on(self) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False

    def _enter(self) -> None:
        """Wait for the other processes; where no file can be made or locked, SQLite alone sees to it."""
        with suppress(OSError):
            if self._file is None:
                flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
                self._file = os.open(f"{self._path}-queue", flags, 0o600)
            earlier = _draw_number(self._file) - 1
            if earlier:
                fcntl.lockf(self._file, fcntl.LOCK_SH, earlier, 1)
                fcntl.lockf(self._file, fcntl.LOCK_UN, earlier, 1)

    def forget(self) -> None:
        """Begin anew in a process that was forked: what its parent holds is not its own."""
        if self._file is not None:
            os.close(self._file)
        self._begin()


def _draw_number(file: int) -> int:
    """Draw the next number from the file, and lock its byte; the first byte is locked meanwhile."""
    fcntl.lockf(file, fcntl.LOCK_EX, 1, 0)
    number = int.from_bytes(os.pread(file, 8, 0), "big") + 1
    fcntl.lockf(file, fcntl.LOCK_EX, 1, number)
    os.pwrite(file, number.to_bytes(8, "big"), 0)
    fcntl.lockf(file, fcntl.LOCK_UN, 1, 0)
    return number


_known: dict[str, Turns] = {}
_mutex = Lock()


def turns_of(path: str) -> Turns:
    """Return the queue at this database, the same for all threads of the process."""
    found = _known.get(path)
    if found is None:
        with _mutex:
            found = _known.setdefault(path, Turns(os.path.realpath(path)))
    return found


def _forget_all() -> None:
    for turns in _known.values():
        turns.forget()


os.register_at_fork(after_in_child=_forget_all)
