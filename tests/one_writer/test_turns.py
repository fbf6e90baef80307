"""Who writes to a file is decided by who came first: in threads, in processes, and after a crash."""

import fcntl
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from recovery.one_writer_sqlite3.turns import Turns, turns_of

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 60  # seconds, until a test that hangs fails


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "site.sqlite3")


@pytest.fixture
def turns(path):
    return Turns(path)


def start(act):
    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    return thread


def until(condition):
    """Wait for what another thread or process does, without a guess how long it takes."""
    ticks = threading.Event()
    for _ in range(PATIENCE * 1_000):
        if condition():
            return
        ticks.wait(0.001)
    raise AssertionError("It did not come to that.")


@contextmanager
def child(path, script, *arguments):
    """Run a process that has ``turns`` at this file, with a pipe to and from it."""
    begin = "import sys\nfrom recovery.one_writer_sqlite3.turns import turns_of\nturns = turns_of(sys.argv[1])\n"
    command = [sys.executable, "-c", begin + script, path, *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, text=True, stdin=pipe, stdout=pipe) as process:
        try:
            yield process
        finally:
            process.kill()


def take_and_say(turns, taken):
    turns.take(PATIENCE)
    taken.set()


HOLD = """
turns.take(60)
print("taken", flush=True)
sys.stdin.readline()
turns.give()
"""


# --- Threads -------------------------------------------------------------------------------------


def test_threads_come_in_the_order_in_which_they_asked(turns):
    came = []

    def write(number):
        turns.take(PATIENCE)
        came.append(number)
        turns.give()

    turns.take(1)
    threads = []
    for number in range(20):
        threads.append(start(lambda number=number: write(number)))
        until(lambda number=number: len(turns._waiting) == number + 1)
    turns.give()
    for thread in threads:
        thread.join(PATIENCE)

    assert came == list(range(20))


def test_only_one_has_it_at_a_time(turns):
    at_it, most = 0, 0

    def write():
        nonlocal at_it, most
        for _ in range(50):
            turns.take(PATIENCE)
            at_it += 1
            most = max(most, at_it)
            at_it -= 1
            turns.give()

    threads = [start(write) for _ in range(16)]
    for thread in threads:
        thread.join(PATIENCE)

    assert (at_it, most) == (0, 1)


def test_who_waits_too_long_gives_up_and_holds_up_nobody(turns):
    turns.take(1)
    with pytest.raises(TimeoutError):
        turns.take(0.01)
    assert not turns._waiting
    turns.give()

    turns.take(0.01)
    turns.give()


def test_who_is_interrupted_while_it_enters_leaves_the_way_free(turns, monkeypatch):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr(turns, "_enter", interrupted)
    with pytest.raises(KeyboardInterrupt):
        turns.take(1)
    monkeypatch.undo()

    turns.take(0.01)
    turns.give()


def test_whoever_is_handed_the_turn_as_it_gives_up_hands_it_on(turns):
    turns.take(1)
    given_up = threading.Lock()
    given_up.acquire()
    turns._waiting.append(given_up)
    turns.give()  # to the one that is just giving up
    turns._leave(given_up)

    turns.take(0.01)
    turns.give()


def test_a_file_has_one_queue_under_every_name(path, tmp_path):
    assert turns_of(path) is turns_of(path)
    assert turns_of(path) is not turns_of(f"{path}2")


# --- Processes -----------------------------------------------------------------------------------


def test_a_process_waits_for_another(path, turns):
    taken = threading.Event()
    with child(path, HOLD) as other:
        assert other.stdout.readline() == "taken\n"
        start(partial(take_and_say, turns, taken))
        until(lambda: turns._is_taken)

        assert not taken.wait(0.1)
        other.communicate("go on\n", timeout=PATIENCE)
    assert taken.wait(PATIENCE)
    turns.give()


def test_the_turn_of_a_process_that_was_killed_goes_to_the_next(path, turns):
    taken = threading.Event()
    with child(path, HOLD) as other:
        assert other.stdout.readline() == "taken\n"
        start(partial(take_and_say, turns, taken))
        until(lambda: turns._is_taken)

        other.kill()
        assert taken.wait(PATIENCE)
    turns.give()


ON_DEMAND = """
with open(sys.argv[2], "ab", buffering=0) as log:
    for _ in sys.stdin:
        turns.take(60)
        log.write(b".")
        turns.give()
"""


def drawn(path) -> int:
    return int.from_bytes(Path(f"{path}-queue").read_bytes(), "big")


def test_a_process_that_has_just_written_goes_before_none_that_waits(path, turns, tmp_path):
    log = tmp_path / "log"
    log.touch()
    with child(path, ON_DEMAND, str(log)) as other:
        for number in range(1, 31):
            turns.take(PATIENCE)
            before = drawn(path)
            other.stdin.write("now\n")
            other.stdin.flush()
            until(lambda before=before: drawn(path) > before)  # it has asked
            turns.give()
            turns.take(PATIENCE)
            assert len(log.read_bytes()) == number
            turns.give()


FORK = """
import os, select
turns.take(60)
pid = os.fork()
if pid == 0:
    turns.take(60)
    print("child", flush=True)
    turns.give()
    os._exit(0)
assert not select.select([], [], [], 0.2)[0]
print("parent", flush=True)
turns.give()
assert os.waitpid(pid, 0)[1] == 0
"""


def test_a_forked_process_has_not_what_its_parent_holds(path):
    with child(path, FORK) as process:
        done, _ = process.communicate(timeout=PATIENCE)
    assert done == "parent\nchild\n"


# --- Where files cannot be locked ----------------------------------------------------------------


def test_where_nothing_can_be_locked_threads_still_queue(turns, monkeypatch):
    def cannot(*_):
        raise OSError("no locks available")

    monkeypatch.setattr(fcntl, "lockf", cannot)
    turns.take(1)
    with pytest.raises(TimeoutError):
        turns.take(0.01)
    turns.give()
    turns.take(0.01)
    turns.give()


def test_where_no_file_can_be_made_threads_still_queue(tmp_path):
    turns = Turns(str(tmp_path / "not there" / "site.sqlite3"))
    turns.take(1)
    turns.give()
    turns.take(0.01)
    turns.give()


def test_the_file_is_nobody_elses(path, turns):
    turns.take(1)
    turns.give()
    assert os.stat(f"{path}-queue").st_mode & 0o777 == 0o600
