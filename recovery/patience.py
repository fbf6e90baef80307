"""How long one client is waited for, and how much of a request is taken: no sockets, no clock.

Whoever has the connection says once a second what it is about, and after each part that came how long it was.
"""

from enum import Enum

# Bytes: of a request until its headers are whole, and of all of it; that is more than any body that the
# gateway takes, with what its coding adds.
LONGEST_HEADERS, LONGEST = 64_000, 10_000_000
# Seconds: without a request; until the headers of one are whole; without taking a byte of an answer; to take
# an answer that came before all of the request had.
IDLE, HEADERS_WITHIN, STUCK, LINGER = 10, 10, 30, 2


class Stage(Enum):
    """What a connection is about."""

    FREE = "nothing is asked"
    HEADERS = "a request has begun, and its headers are not whole"
    AT_WORK = "a body is on its way, or an answer is made"
    LINGERING = "all is said, and the client is given the time to read it"
    CLOSED = "closed, and there until all is sent"


class Verdict(Enum):
    """What is to be done; the last ones with the status and the phrase that say why."""

    STAY = "stay"
    CLOSE = "close"
    ABORT = "abort"
    TOO_SLOW = (408, b"Request Timeout")
    TOO_LARGE = (431, b"Request Header Fields Too Large")
    TOO_LONG = (413, b"Content Too Large")


_MOST_QUIET = {Stage.FREE: IDLE, Stage.LINGERING: LINGER}


class Patience:
    """With one client. ``was_used`` is set by whoever sees that something is asked or answered."""

    def __init__(self) -> None:
        self.was_used = True
        self.quiet_for = self.head_for = self.stuck_for = 0  # seconds
        self._size = self._unsent = 0  # bytes

    def begin(self) -> None:
        """Take note that a request begins."""
        self.was_used = True
        self.head_for = self._size = 0

    def after_part(self, stage: Stage, size: int) -> Verdict:
        """Judge after so many bytes of a request that is not whole yet."""
        self._size += size
        if stage is Stage.HEADERS:
            return Verdict.TOO_LARGE if self._size > LONGEST_HEADERS else Verdict.STAY
        return Verdict.TOO_LONG if self._size > LONGEST else Verdict.STAY

    def after_second(self, stage: Stage, unsent: int) -> Verdict:
        """Judge after a second; ``unsent`` bytes are waiting to be taken by the client."""
        self.quiet_for = 0 if self.was_used else self.quiet_for + 1
        self.was_used = False
        self.stuck_for = self.stuck_for + 1 if unsent and unsent == self._unsent else 0
        self._unsent = unsent
        if self.stuck_for > STUCK:
            # To close would be to wait until all is sent, without end.
            return Verdict.ABORT
        if stage is Stage.HEADERS:
            # Since the first byte: no byte buys more time.
            self.head_for += 1
            return Verdict.TOO_SLOW if self.head_for > HEADERS_WITHIN else Verdict.STAY
        if stage is Stage.FREE and unsent:
            return Verdict.STAY
        return Verdict.CLOSE if self.quiet_for >= _MOST_QUIET.get(stage, 1e9) else Verdict.STAY
