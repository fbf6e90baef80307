"""The benchmarks run and check what they measure: a smoke run of every part. How fast is not asked here."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import machine
from benchmarks.measuring import Pair, Row, Sample
from benchmarks.table import print_table

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 300  # seconds: several servers start, one after the other


def row(unit, limit, *ratios, others=0.0):
    pairs = [Pair(Sample(100 * ratio), Sample(100), 0.5, others) for ratio in ratios]
    return Row("page", "a page", "a file", unit, limit, pairs)


@pytest.fixture
def tools():
    """nginx and wrk: skip where they are missing, unless they are required."""
    if "DATABASE_URL" in os.environ:
        pytest.skip("The benchmarks make sites on SQLite of their own: nothing new here.")
    if (missing := machine.what_is_missing()) and not os.environ.get("REQUIRE_BENCH"):
        pytest.skip(missing)
    assert not missing


def run(*arguments, **variables):
    """Run the benchmarks as ``make bench`` does."""
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


@pytest.mark.parametrize(
    "parts", [("page",), ("reply", "pingback", "webmention"), ("queue",), ("growth",)], ids="-".join
)
def test_each_part_runs(parts, tools, tmp_path):
    written = tmp_path / "figures.json"
    wanted = [word for part in parts for word in ("--part", part)]
    done = run("--smoke", *wanted, "--json", str(written))
    assert done.returncode == 0, done.stdout + done.stderr
    rows = json.loads(written.read_text())["rows"]
    assert {one["part"] for one in rows} == set(parts)
    for one in rows:
        assert one["what"] in done.stdout
        # What the site does not have yet says so.
        assert one["note"] if one["ratio"] is None else one["ratio"] > 0


def test_without_the_programs_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "_ALSO", "")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "apt-get install --no-install-recommends nginx-light wrk" in machine.what_is_missing()


def test_two_rounds_are_too_few():
    done = run("--rounds", "2")
    assert done.returncode == 2
    assert "at least 3" in done.stderr


@pytest.mark.parametrize(
    ("unit", "limit", "ratios", "verdict"),
    [
        ("/s", 1.0, (0.5, 1.1, 1.2), "kept"),
        ("/s", 1.0, (0.5, 0.9, 1.2), "MISSED"),
        ("ms", 2.0, (9.0, 1.9, 1.0), "kept"),
        ("ms", 2.0, (9.0, 2.1, 1.0), "MISSED"),
        ("ms", None, (9.0, 2.1, 1.0), ""),
        ("ms", 2.0, (), "not measured"),
    ],
)
def test_the_median_of_the_ratios_decides(unit, limit, ratios, verdict):
    assert row(unit, limit, *ratios).verdict == verdict


def test_a_verdict_says_when_others_took_the_machine():
    assert row("/s", 1.0, 1.2, others=0.3).verdict == "kept (disturbed)"


def test_the_table_shows_ratio_spread_and_budget(capsys):
    print_table([row("/s", 1.0, 0.9, 1.1, 1.2), row("ms", 2.0)])
    said = capsys.readouterr().out
    for part in ("110 /s", "100 /s", "1.1", "0.9–1.2", "≥ 1", "kept", "≤ 2", "not measured"):
        assert part in said


def test_memory_and_processors_of_a_tree_are_counted():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert child.pid in set(machine.tree(os.getpid()))
        held = machine.memory(os.getpid())
        assert held.rss >= held.pss > 5_000_000
    finally:
        child.communicate(b"\n")
    watch = machine.Watch()
    sum(range(3_000_000))
    assert 0 <= watch.others() <= 1
