"""The progress of a run, and its table."""

import json
from collections.abc import Sequence
from itertools import groupby
from typing import Final, TextIO

from recovery.linkback_check.table import Result

BAR: Final = 30  # characters


class Progress:
    """A bar where there is a terminal, one line for each row elsewhere."""

    def __init__(self, stream: TextIO, total: int) -> None:
        self.stream, self.total, self.done = stream, total, 0
        self.is_terminal = stream.isatty()

    def __call__(self, result: Result) -> None:
        self.done += 1
        row = result.row
        if self.is_terminal:
            bar = ("#" * (BAR * self.done // self.total)).ljust(BAR, ".")
            text = f"[{bar}] {self.done}/{self.total} {row.protocol}: {row.name}"
            self.stream.write(f"\r{text[:100]:100}")
        else:
            self.stream.write(
                f"{self.done}/{self.total} {_word(result)} {row.protocol}: {row.name}\n"
            )
        if self.is_terminal and self.done == self.total:
            self.stream.write("\r" + " " * 100 + "\r")
        self.stream.flush()


def _word(result: Result) -> str:
    return "pass" if result.passed else "FAIL"


def passed(results: Sequence[Result]) -> int:
    """Return how many passed."""
    return sum(result.passed for result in results)


def as_text(results: Sequence[Result]) -> str:
    """Return the table by protocol and clause; its last line says how many passed."""
    width = max((len(result.row.clause) for result in results), default=0)
    lines = []
    for protocol, found in groupby(results, key=lambda result: result.row.protocol):
        lines += ["", protocol.capitalize()]
        lines += [_line(result, width) for result in found]
    return "\n".join([*lines, "", f"{passed(results)} of {len(results)} passed"])


def _line(result: Result, width: int) -> str:
    row = result.row
    remark = f" ({result.remark})" if result.remark else ""
    return f"  {_word(result)}  {row.clause:{width}}  {result.seconds:6.2f} s  {row.name}{remark}"


def as_json(results: Sequence[Result]) -> str:
    """Return the same for programs."""
    rows = [
        {
            "protocol": result.row.protocol,
            "clause": result.row.clause,
            "name": result.row.name,
            "passed": result.passed,
            "seconds": round(result.seconds, 3),
            "remark": result.remark,
        }
        for result in results
    ]
    return json.dumps(
        {"passed": passed(results), "of": len(rows), "rows": rows}, ensure_ascii=False, indent=1
    )
