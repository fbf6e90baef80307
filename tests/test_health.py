"""/healthz says in plain words what is not well."""

import datetime

import pytest
from django.db import DatabaseError, InterfaceError
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from comments.linkbacks.tasks import verify_linkback
from recovery import health, housekeeping

LONG_AGO = datetime.timedelta(minutes=3)


def age(**values):
    """Make all queued work older."""
    DBTaskResult.objects.update(**values)


@pytest.fixture
def planned(db):
    housekeeping.plan(after=housekeeping.EVERY)


def test_well(client, planned):
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.content == b"ok\n"
    assert response["Cache-Control"] == "no-store"
    assert response["Content-Type"].startswith("text/plain")
    assert not response.cookies


def test_no_worker_ever_ran(client, db):
    response = client.get("/healthz")
    assert response.status_code == 503
    assert b"worker: not running" in response.content


def test_housekeeping_is_overdue(planned):
    past = timezone.now() - LONG_AGO
    age(run_after=past, enqueued_at=past)
    assert health.find_faults() == ["worker: work has been waiting for more than two minutes"]


def test_work_for_at_once_lies_about(planned):
    result = verify_linkback.enqueue(1)
    assert health.find_faults() == []
    DBTaskResult.objects.filter(pk=result.id).update(enqueued_at=timezone.now() - LONG_AGO)
    assert health.find_faults() == ["worker: work has been waiting for more than two minutes"]


def test_work_for_later_does_not_lie_about(planned):
    later = timezone.now() + datetime.timedelta(hours=1)
    verify_linkback.using(run_after=later).enqueue(1)
    age(enqueued_at=timezone.now() - LONG_AGO)
    assert health.find_faults() == []


def test_a_long_queue_with_a_busy_worker_is_no_fault(planned):
    busy, _ = verify_linkback.enqueue(1), verify_linkback.enqueue(2)
    age(enqueued_at=timezone.now() - LONG_AGO)
    DBTaskResult.objects.filter(pk=busy.id).update(
        status=TaskResultStatus.RUNNING, started_at=timezone.now()
    )
    assert health.find_faults() == []


@pytest.mark.parametrize("error", [DatabaseError, InterfaceError])
def test_database_away(client, planned, monkeypatch, error):
    def fail() -> bool:
        raise error("the password is hidden")

    monkeypatch.setattr(health, "is_scheduled", fail)
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.content == b"database: does not answer\n"


class TestLog:
    def test_a_failing_check_is_no_news(self, client, db, caplog):
        assert client.get("/healthz").status_code == 503
        assert caplog.messages == []

    def test_a_check_that_breaks_is(self, client, monkeypatch, caplog):
        def fail() -> list[str]:
            raise RuntimeError

        monkeypatch.setattr(health, "find_faults", fail)
        client.raise_request_exception = False
        assert client.get("/healthz").status_code == 500
        assert caplog.messages == ["Internal Server Error: /healthz"]

    def test_so_is_any_other_page(self, client, db, caplog):
        client.get("/nothing")
        assert caplog.messages == ["Not Found: /nothing"]
