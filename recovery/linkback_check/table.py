"""The rows of the table, each a clause with a function that tries it, and what came of them."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from recovery.linkback_check.bench import Bench

#: Characters of a remark.
REMARK: Final = 200

Try = Callable[[Bench], str | None]
Tell = Callable[["Result"], None]


class Failed(Exception):
    """A clause does not hold: one sentence with what was found instead."""


@dataclass(frozen=True)
class Row:
    """One clause: ``run`` raises if it does not hold, and may return a remark."""

    protocol: str
    clause: str
    name: str
    run: Try


@dataclass(frozen=True)
class Result:
    """What came of a row; ``seconds`` are those of the wall clock."""

    row: Row
    passed: bool
    seconds: float
    remark: str


class Rows(list[Row]):
    """The rows of one protocol, in the order in which they are written."""

    def __init__(self, protocol: str) -> None:
        super().__init__()
        self.protocol = protocol

    def row(self, clause: str, name: str) -> Callable[[Try], Try]:
        """Take the function below as a row."""

        def take(run: Try) -> Try:
            self.append(Row(self.protocol, clause, name, run))
            return run

        return take


def expect(holds: object, otherwise: str) -> None:
    """Raise ``Failed`` with this sentence unless the first argument is true."""
    if not holds:
        raise Failed(otherwise)


def equal(found: object, wanted: object, what: str) -> None:
    """Raise ``Failed`` unless both are equal."""
    expect(found == wanted, f"{what}: {found!r} instead of {wanted!r}")


def run(rows: Iterable[Row], bench: Bench, tell: Tell = lambda _: None) -> list[Result]:
    """Try each row, an hour after the one before; whatever it raises makes it fail."""
    results = []
    for row in rows:
        bench.an_hour_passes()
        results.append(_result(row, bench))
        tell(results[-1])
    return results


def _result(row: Row, bench: Bench) -> Result:
    started = time.monotonic()
    try:
        passed, remark = True, row.run(bench) or ""
    except Failed as failure:
        passed, remark = False, str(failure)
    except Exception as error:
        passed, remark = False, repr(error)
    return Result(row, passed, time.monotonic() - started, remark[:REMARK])
