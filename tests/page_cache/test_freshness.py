"""What SQLite says of changes, through anything that may happen to its file."""

import sqlite3
from contextlib import closing

import pytest

from recovery.page_cache.freshness import SqliteFreshness

TABLE = "CREATE TABLE recovery_pagechange (id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT)"


def make(path):
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(TABLE)


@pytest.fixture
def path(tmp_path):
    make(tmp_path / "db")
    return tmp_path / "db"


@pytest.fixture
def writer(path):
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


@pytest.fixture
def freshness(path):
    freshness = SqliteFreshness(str(path))
    yield freshness
    freshness._close()


def note(writer, key):
    writer.execute("INSERT INTO recovery_pagechange (key) VALUES (?)", [key])


def marks(freshness, *keys):
    """Return how far the changes have come, whichever file tells it."""
    return freshness.mark(keys)[1:]


def test_every_commit_is_another_state(freshness, writer):
    seen = [freshness.state()]
    for _ in range(100):
        assert freshness.state() == seen[-1]
        note(writer, "a")
        seen.append(freshness.state())
    assert len(set(seen)) == 101


def test_marks_are_of_their_keys(freshness, writer):
    assert marks(freshness, "a", "b") == (0, 0)
    note(writer, "a")
    assert marks(freshness, "a", "b") == (1, 0)
    note(writer, "other")
    assert marks(freshness, "a", "b") == (1, 0)
    writer.execute("DELETE FROM recovery_pagechange")
    note(writer, "b")
    # Numbers never come again.
    assert marks(freshness, "a", "b") == (0, 3)


def test_what_is_not_committed_is_not_there(freshness, writer):
    before = freshness.state()
    writer.execute("BEGIN IMMEDIATE")
    note(writer, "a")
    assert (freshness.state(), marks(freshness, "a")) == (before, (0,))
    writer.execute("ROLLBACK")
    assert freshness.state() == before


def test_a_file_that_was_replaced_is_another_state(freshness, path, tmp_path):
    before = freshness.state()
    make(tmp_path / "other")
    with closing(sqlite3.connect(tmp_path / "other", isolation_level=None)) as other:
        note(other, "a")
    (tmp_path / "other").replace(path)
    freshness._look_at = 0.0  # a second later
    assert freshness.state() != before
    assert marks(freshness, "a") == (1,)


def test_marks_of_another_file_are_others_though_it_came_as_far(freshness, writer, path, tmp_path):
    note(writer, "a")
    assert (before := freshness.mark(["a"])) == freshness.mark(["a"])
    make(tmp_path / "restored")
    with closing(sqlite3.connect(tmp_path / "restored", isolation_level=None)) as restored:
        note(restored, "a")
    (tmp_path / "restored").replace(path)
    freshness._look_at = 0.0  # a second later
    freshness.state()
    assert freshness.mark(["a"]) != before


def test_a_file_that_is_gone_fails_until_it_is_back(freshness, path, tmp_path):
    before = freshness.state()
    path.rename(tmp_path / "away")
    freshness._look_at = 0.0
    for _ in range(2):
        with pytest.raises(OSError, match="No such file"):
            freshness.state()
    (tmp_path / "away").rename(path)
    assert freshness.state() != before


def test_a_table_that_is_missing_fails(freshness, writer):
    writer.execute("DROP TABLE recovery_pagechange")
    with pytest.raises(sqlite3.Error):
        freshness.mark(["a"])
    writer.execute(TABLE)
    assert marks(freshness, "a") == (0,)
