"""What PostgreSQL says of changes: at most a second late, and never wrong because it is silent."""

import time
from types import SimpleNamespace

import psycopg
import pytest
from django.db import connection

from recovery.models import PageChange
from recovery.page_cache import process
from recovery.page_cache.postgres import Beacon, PostgresFreshness
from tests.test_serve import eventually

needs_postgres = pytest.mark.skipif(connection.vendor != "postgresql", reason="asks PostgreSQL")


def test_a_beacon_is_seen_by_whoever_has_the_file(tmp_path):
    here, there = Beacon(tmp_path / "b"), Beacon(tmp_path / "b")
    before = there.read()
    here.change()
    assert there.read() == here.read() != before


def test_what_never_answers_makes_nothing_true(tmp_path):
    # A port that nobody listens at.
    freshness = PostgresFreshness({"host": "127.0.0.1", "port": 9}, Beacon(tmp_path / "b"))
    assert freshness.state() != freshness.state()
    with pytest.raises(psycopg.OperationalError):
        freshness.mark(["a"])
    freshness.stop()


@pytest.fixture
def freshness(tmp_path, transactional_db):
    parameters = connection.get_connection_params()
    known = {k: v for k, v in parameters.items() if k not in process._NOT_LIBPQ}
    freshness = PostgresFreshness(known, Beacon(tmp_path / "b"))
    eventually(lambda: freshness.state() == freshness.state())
    yield freshness
    freshness.stop()


@needs_postgres
class TestPostgres:
    def test_a_change_is_heard_within_a_second(self, freshness):
        before, mark = freshness.state(), freshness.mark(["a"])
        PageChange.objects.create(key="a")
        began = time.monotonic()
        eventually(lambda: freshness.state() != before)
        assert time.monotonic() - began < 1
        assert freshness.mark(["a"]) != mark
        assert freshness.mark(["b"]) == freshness.mark(["c"])

    def test_a_connection_that_was_cut_off_is_made_again(self, freshness):
        freshness.mark(["a"])
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        before = freshness.mark(["a"])
        PageChange.objects.create(key="a")
        assert freshness.mark(["a"]) != before
        eventually(lambda: freshness.state() == freshness.state())

    def test_a_beacon_is_another_state_at_once(self, freshness):
        before = freshness.state()
        freshness._beacon.change()
        assert freshness.state() != before

    def test_what_was_heard_too_long_ago_is_true_no_more(self, freshness, monkeypatch):
        later = time.monotonic() + 1
        monkeypatch.setattr(time, "monotonic", lambda: later + 10)
        assert freshness.state() != freshness.state()


def test_who_cannot_announce_goes_on(monkeypatch, caplog):
    monkeypatch.setattr(process, "connection", SimpleNamespace(vendor="postgresql"))

    def fail():
        raise OSError("disk full")

    monkeypatch.setattr(process, "_beacon", fail)
    process.announce()
    assert "could not be told" in caplog.text
