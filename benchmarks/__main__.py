"""``python -m benchmarks``: measure, print the table, write the figures down.

Everything runs in scratch folders and on loopback. Exit code 1 when something could not be measured,
2 when a program is missing. A budget that is missed is said, and is no error: machines differ.
"""

import argparse
import datetime
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import django

from benchmarks import machine
from benchmarks.client import WrongAnswer
from benchmarks.measuring import Pace, Row, say
from benchmarks.table import print_table, write_json

PARTS = ("page", "reply", "pingback", "webmention", "queue", "growth")
ROOT = Path(__file__).resolve().parent.parent
Part = Callable[[Path], Iterator[Row]]


def main() -> int:
    options = _options(sys.argv[1:])
    if sentence := machine.what_is_missing():
        print(sentence, file=sys.stderr)
        return 2
    # So that the servers are stopped and the folders removed then, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="recovery-bench-", dir=options.folder) as folder:
        os.chmod(folder, 0o700)
        # The site's own data are not to be touched, and its settings not to be heard.
        os.environ["DATA_DIR"] = str(Path(folder) / "own")
        os.environ["DJANGO_SETTINGS_MODULE"] = "recovery.settings"
        os.environ.pop("DATABASE_URL", None)
        django.setup()
        return _measure(options, Path(folder))


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    add = parser.add_argument
    add("--part", action="append", choices=PARTS, help="only this; may be repeated")
    add("--rounds", type=int, default=5, help="pairs of runs of each row (5)")
    add("--seconds", type=int, default=5, help="of each run under load (5)")
    add("--retries", type=int, default=2, help="of a pair while others take the processors (2)")
    add("--connections", type=int, default=32, help="at the same time (32)")
    add("--small", type=int, default=1_000, help="articles of the small blog (1,000)")
    add("--large", type=int, default=100_000, help="articles of the large blog (100,000)")
    add("--comments-each", type=int, default=10, help="comments for each article (10)")
    add("--json", type=Path, help="where to write the figures (var/bench/DATE.json)")
    add("--folder", help="where the scratch databases are: on the disk that counts (TMPDIR)")
    add("--smoke", action="store_true", help="only see that everything runs; figures mean nothing")
    options = parser.parse_args(arguments)
    if options.rounds < 3 and not options.smoke:
        parser.error("--rounds: a median needs at least 3.")
    return options


def _measure(options: argparse.Namespace, folder: Path) -> int:
    started = datetime.datetime.now(datetime.UTC)
    about = {"started": started.isoformat(timespec="seconds"), **machine.description(folder)}
    is_whole = True
    rows: list[Row] = []
    for name, part in _parts(options).items():
        scratch = folder / name
        scratch.mkdir()
        try:
            rows.extend(part(scratch))
        except WrongAnswer as error:
            is_whole = False
            rows.append(Row(name, "broken off", "", "", note=str(error)))
    print("; ".join(f"{key} {value}" for key, value in about.items()))
    print_table(rows)
    path = options.json or ROOT / "var" / "bench" / f"{started:%Y-%m-%d-%H%M%S}.json"
    write_json(rows, about, path)
    say(f"Written to {path}")
    return 0 if is_whole else 1


def _parts(options: argparse.Namespace) -> dict[str, Part]:
    """Return what is to be measured, by name."""
    from benchmarks.parts import growth, pages, queue, writes

    wanted = frozenset(options.part or PARTS)
    pace, sizes = _pace(options), _sizes(options)
    posted = wanted & {"reply", "pingback", "webmention"}
    parts: dict[str, Part] = {}
    if "page" in wanted:
        parts["page"] = lambda folder: pages.rows(folder, pace)
    if posted:
        parts["writes"] = lambda folder: writes.rows(folder, pace, posted)
    if "queue" in wanted:
        parts["queue"] = lambda folder: queue.rows(folder, pace)
    if "growth" in wanted:
        parts["growth"] = lambda folder: growth.rows(folder, pace, growth.Sizes(*sizes))
    return parts


def _pace(options: argparse.Namespace) -> Pace:
    if options.smoke:
        return Pace(seconds=1, rounds=1, connections=4, warm_up=0, retries=0, samples=5)
    return Pace(options.seconds, options.rounds, options.connections, retries=options.retries)


def _sizes(options: argparse.Namespace) -> tuple[int, int, int]:
    if options.smoke:
        return 10, 20, 3
    return options.small, options.large, options.comments_each


if __name__ == "__main__":
    sys.exit(main())
