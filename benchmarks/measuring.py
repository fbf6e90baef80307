"""Candidate and yardstick, in turns, and what follows from the figures."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Final

from benchmarks import client, machine
from benchmarks.client import WrongAnswer

LUA: Final = Path(__file__).with_name("load.lua")
# Of all processors, taken by others: from here on a pair is measured again.
DISTURBED: Final = 0.10
# Requests one after the other, even when they take longer than a run is meant to.
FEWEST: Final = 10
_runs = count(1)


@dataclass(frozen=True)
class Pace:
    """How much is measured."""

    seconds: int = 5  # of each run
    rounds: int = 5
    connections: int = 32
    warm_up: int = 2  # seconds; 0 for none
    retries: int = 2
    samples: int = 100  # requests one after the other, where that is what is timed


@dataclass(frozen=True)
class Sample:
    """One run: requests a second, or seconds for a request."""

    figure: float
    p99: float = 0.0  # milliseconds, under load


@dataclass(frozen=True)
class Pair:
    """Candidate and yardstick, measured directly after each other."""

    candidate: Sample
    yardstick: Sample
    load: float  # average of a minute, before
    others: float  # share of all processors

    @property
    def ratio(self) -> float:
        return self.candidate.figure / self.yardstick.figure


@dataclass
class Row:
    """A line of the table. ``limit`` is the budget: at least, for rates, or at most, for times."""

    part: str
    what: str
    yardstick: str
    unit: str
    limit: float | None = None
    pairs: list[Pair] = field(default_factory=list)
    note: str = ""

    @property
    def is_rate(self) -> bool:
        return self.unit == "/s"

    @property
    def ratios(self) -> list[float]:
        return sorted(pair.ratio for pair in self.pairs)

    @property
    def ratio(self) -> float | None:
        """The median of the pairs' own ratios: what disturbs both at a time is not in it."""
        return statistics.median(self.ratios) if self.pairs else None

    def median(self, whose: str) -> float:
        """Return the median figure of the ``candidate`` or the ``yardstick``."""
        samples: list[Sample] = [getattr(pair, whose) for pair in self.pairs]
        return statistics.median(sample.figure for sample in samples)

    @property
    def verdict(self) -> str:
        if self.ratio is None:
            return "not measured"
        if self.limit is None:
            return ""
        kept = self.ratio >= self.limit if self.is_rate else self.ratio <= self.limit
        verdict = "kept" if kept else "MISSED"
        return verdict if self.is_calm else f"{verdict} (disturbed)"

    @property
    def is_calm(self) -> bool:
        return all(pair.others <= DISTURBED for pair in self.pairs)

    def as_dict(self) -> dict[str, Any]:
        measured = {}
        if self.pairs:
            measured = {
                "candidate": self.median("candidate"),
                "yardstick_figure": self.median("yardstick"),
                "ratios": [round(pair.ratio, 4) for pair in self.pairs],
                "candidate_figures": [pair.candidate.figure for pair in self.pairs],
                "yardstick_figures": [pair.yardstick.figure for pair in self.pairs],
                "candidate_p99_ms": [pair.candidate.p99 for pair in self.pairs],
                "yardstick_p99_ms": [pair.yardstick.p99 for pair in self.pairs],
                "load_before": [pair.load for pair in self.pairs],
                "others": [round(pair.others, 3) for pair in self.pairs],
            }
        return {
            "part": self.part,
            "what": self.what,
            "yardstick": self.yardstick,
            "unit": self.unit,
            "limit": self.limit,
            "ratio": self.ratio,
            "verdict": self.verdict,
            "note": self.note,
            **measured,
        }


Take = Callable[[int], Sample]


def compare(row: Row, candidate: Take, yardstick: Take, pace: Pace) -> Row:
    """Fill the row: warm up, then A/B/A/B. ``Take`` gets the seconds that a run may last."""
    say(f"{row.part}: {row.what}, beside {row.yardstick}")
    if pace.warm_up:
        candidate(pace.warm_up)
        yardstick(pace.warm_up)
    for number in range(pace.rounds):
        # Who goes first changes, so that neither always has the other's aftermath.
        row.pairs.append(_calm_pair(candidate, yardstick, pace, swap=number % 2 == 1))
    return row


def _calm_pair(candidate: Take, yardstick: Take, pace: Pace, *, swap: bool) -> Pair:
    """Return a pair that nobody disturbed, or of a few the least disturbed."""
    tried = []
    for _ in range(1 + pace.retries):
        tried.append(_pair(candidate, yardstick, pace.seconds, swap=swap))
        if tried[-1].others <= DISTURBED:
            break
    return min(tried, key=lambda pair: pair.others)


def _pair(candidate: Take, yardstick: Take, seconds: int, *, swap: bool) -> Pair:
    watch = machine.Watch()
    if swap:
        second = yardstick(seconds)
        first = candidate(seconds)
    else:
        first, second = candidate(seconds), yardstick(seconds)
    return Pair(first, second, watch.load, watch.others())


def say(sentence: str) -> None:
    """Tell how far it is, beside the table."""
    print(sentence, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Reading:
    """A page under load from ``wrk``: every answer has to have this status, and this size in sum."""

    port: int
    path: str
    headers: tuple[str, ...]
    status: int
    text: bytes | None  # see ``Answer.text``; None: any
    connections: int
    # Whether no two requests are the same to the letter.
    differs: bool = False

    def __call__(self, seconds: int) -> Sample:
        size = self._checked()
        what = ("readers", str(next(_runs))) if self.differs else ("get",)
        done = _wrk(self, what, seconds)
        # Answers that are on their way at the end count as bytes, and not as requests.
        most_under_way = size * self.connections / max(done["bytes"], 1)
        if abs(done["bytes"] / max(size * done["requests"], 1) - 1) > 0.01 + most_under_way:
            raise WrongAnswer(f"{self.path} did not always answer with {size} bytes.")
        self._checked()
        return Sample(done["requests"] / done["seconds"], done["p99_ms"])

    def _checked(self) -> int:
        answer = client.get(self.port, self.path, *self.headers)
        if answer.status != self.status or self.text not in (None, answer.text):
            raise WrongAnswer(
                f"{self.path} answered {answer.status} with {len(answer.body)} bytes, not as expected."
            )
        return answer.size


@dataclass(frozen=True)
class Posting:
    """Posts under load from ``wrk``, no two alike: only those that are accepted count."""

    port: int
    path: str
    what: str  # of load.lua
    argument: str
    connections: int
    headers: tuple[str, ...] = ()

    def __call__(self, seconds: int) -> Sample:
        done = _wrk(self, (self.what, str(next(_runs)), self.argument), seconds)
        if done["refused"]:
            raise WrongAnswer(
                f"{self.path} refused {done['refused']} of {done['requests']}: {done['refusal']}"
            )
        return Sample(done["accepted"] / done["seconds"], done["p99_ms"])


@dataclass(frozen=True)
class OneByOne:
    """Requests on one connection, one after the other: the median time of one, in milliseconds.

    ``samples`` of them, or as many as fit into the seconds.
    """

    port: int
    path: str
    samples: int
    headers: tuple[str, ...] = ()
    before_each: Callable[[], object] = lambda: None

    def __call__(self, seconds: int) -> Sample:
        times = sorted(self._times(time.monotonic() + seconds))
        return Sample(1e3 * statistics.median(times), 1e3 * times[len(times) * 99 // 100])

    def _times(self, deadline: float) -> Iterator[float]:
        with client.Connection(self.port) as connection:
            for number in range(self.samples):
                if number >= FEWEST and time.monotonic() > deadline:
                    return
                self.before_each()
                answer = connection.get(self.path, self.headers)
                if answer.status != 200:
                    raise WrongAnswer(f"{self.path} answered {answer.status}.")
                yield answer.seconds


def _wrk(
    asked: Reading | Posting, arguments: tuple[str, ...], seconds: int, threads: int = 2
) -> dict[str, Any]:
    command = [machine.program("wrk"), "-t", str(threads), "-c", str(asked.connections)]
    command += ["-d", f"{seconds}s", "--timeout", "20s", "-s", str(LUA)]
    for header in asked.headers:
        command += ["-H", header]
    command += [f"http://127.0.0.1:{asked.port}{asked.path}", "--", *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=seconds + 60
    )
    line = next((line for line in done.stdout.splitlines() if line.startswith("JSON ")), "")
    if not line:
        raise WrongAnswer(f"wrk failed: {done.stdout[-1000:]}{done.stderr[-1000:]}")
    figures: dict[str, Any] = json.loads(line.removeprefix("JSON "))
    if figures["errors"] or not figures["requests"]:
        raise WrongAnswer(
            f"{asked.path}: {figures['errors']} errors in {figures['requests']} requests. {figures['refusal']}"
        )
    time.sleep(0.2)  # connections are closed on the other side, too
    return figures
