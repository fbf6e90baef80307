"""What is done about a client, second by second: one table, without a connection."""

import pytest

from recovery.patience import (
    HEADERS_WITHIN,
    IDLE,
    LINGER,
    LONGEST,
    LONGEST_HEADERS,
    STUCK,
    Patience,
    Stage,
    Verdict,
)

ALWAYS = None
EACH = 1_000  # seconds


def judged(stage, unsent=lambda second: 0, used=lambda second: False):
    """Return the first verdict other than to stay, and after how many seconds it comes."""
    patience = Patience()
    for second in range(1, EACH):
        if used(second):
            patience.was_used = True
        verdict = patience.after_second(stage, unsent(second))
        if verdict is not Verdict.STAY:
            return verdict, second
    return ALWAYS


def nothing(second):
    return 0


def the_same(second):
    return 70_000


def ever_less(second):
    return 70_000 - second


def at_times(second):
    return 70_000 if second % 20 else 0


# The second in which it was used last does not count.
@pytest.mark.parametrize(
    ("stage", "unsent", "verdict"),
    [
        (Stage.FREE, nothing, (Verdict.CLOSE, IDLE + 1)),
        (Stage.FREE, the_same, (Verdict.ABORT, STUCK + 2)),
        (Stage.FREE, ever_less, ALWAYS),
        (Stage.HEADERS, nothing, (Verdict.TOO_SLOW, HEADERS_WITHIN + 1)),
        (Stage.HEADERS, the_same, (Verdict.TOO_SLOW, HEADERS_WITHIN + 1)),
        (Stage.AT_WORK, nothing, ALWAYS),
        (Stage.AT_WORK, the_same, (Verdict.ABORT, STUCK + 2)),
        (Stage.AT_WORK, ever_less, ALWAYS),
        (Stage.AT_WORK, at_times, ALWAYS),
        (Stage.LINGERING, nothing, (Verdict.CLOSE, LINGER + 1)),
        (Stage.LINGERING, ever_less, (Verdict.CLOSE, LINGER + 1)),
        (Stage.CLOSED, nothing, ALWAYS),
        (Stage.CLOSED, the_same, (Verdict.ABORT, STUCK + 2)),
        (Stage.CLOSED, ever_less, ALWAYS),
    ],
)
def test_seconds(stage, unsent, verdict):
    assert judged(stage, unsent) == verdict


def test_every_stage_is_in_the_table():
    [mark] = test_seconds.pytestmark
    assert {row[0] for row in mark.args[1]} == set(Stage)


@pytest.mark.parametrize(
    ("stage", "verdict"),
    [
        (Stage.FREE, ALWAYS),
        # No byte buys more time for the headers.
        (Stage.HEADERS, (Verdict.TOO_SLOW, HEADERS_WITHIN + 1)),
    ],
)
def test_what_is_used(stage, verdict):
    assert judged(stage, used=lambda second: True) == verdict
    seldom = judged(Stage.FREE, used=lambda second: second % (IDLE - 1) == 0)
    assert seldom is ALWAYS


def test_each_request_has_its_own_time_and_room():
    patience = Patience()
    for _ in range(5):
        patience.begin()
        for _ in range(HEADERS_WITHIN):
            assert patience.after_second(Stage.HEADERS, 0) is Verdict.STAY
        assert patience.after_part(Stage.HEADERS, LONGEST_HEADERS) is Verdict.STAY
    assert patience.after_second(Stage.HEADERS, 0) is Verdict.TOO_SLOW


@pytest.mark.parametrize(
    ("stage", "most", "verdict"),
    [
        (Stage.HEADERS, LONGEST_HEADERS, Verdict.TOO_LARGE),
        (Stage.AT_WORK, LONGEST, Verdict.TOO_LONG),
    ],
)
@pytest.mark.parametrize("part", [1, 1_000, 1_000_000])
def test_bytes(stage, most, verdict, part):
    patience = Patience()
    patience.begin()
    patience.after_part(stage, most - most % part)
    assert patience.after_part(stage, most % part) is Verdict.STAY
    assert patience.after_part(stage, part) is verdict


def test_what_is_refused_says_why():
    for verdict in (Verdict.TOO_SLOW, Verdict.TOO_LARGE, Verdict.TOO_LONG):
        status, phrase = verdict.value
        assert 400 <= status < 500
        assert phrase.isascii()
