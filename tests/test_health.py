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


class TestSection:
    """What the health page of moderation says of background work."""

    def facts(self):
        return dict(health.section().facts)

    def test_before_any_worker_ran(self, db):
        assert self.facts() == {
            "Waiting to be done": 0,
            "Last housekeeping": "never",
            "Failed in 7 days": 0,
        }
        assert health.section().trouble == "Worker: not running (no housekeeping is planned)."

    def test_when_it_was_tidied_last(self, planned, run_tasks):
        DBTaskResult.objects.update(run_after=timezone.now() - datetime.timedelta(seconds=1))
        run_tasks()
        age(finished_at=timezone.now() - LONG_AGO)
        assert self.facts()["Last housekeeping"] == "3 minutes ago"
        assert health.section().trouble == ""

    def test_one_duty_that_failed_does_not_make_it_undone(self, planned, run_tasks, monkeypatch):
        def fail():
            raise RuntimeError("no")

        monkeypatch.setattr("recovery.housekeeping.purge_thrown_away", fail)
        DBTaskResult.objects.update(run_after=timezone.now() - datetime.timedelta(seconds=1))
        run_tasks()
        age(finished_at=timezone.now() - LONG_AGO)
        assert self.facts()["Last housekeeping"] == "3 minutes ago"
        assert self.facts()["Failed in 7 days"] == 1

    def test_failures_name_the_work_and_the_error_and_nothing_else(self, planned, run_tasks):
        failed = [verify_linkback.enqueue(number) for number in (1, 2, 3)]
        rows = DBTaskResult.objects.filter(pk__in=[result.id for result in failed])
        path = "builtins.ValueError"
        now = timezone.now()
        rows.update(
            status=TaskResultStatus.FAILED,
            exception_class_path=path,
            traceback="ann@example.org",
            finished_at=now,
        )
        rows.filter(pk=failed[0].id).update(finished_at=now - datetime.timedelta(days=8))
        table = health.section().table
        assert table.rows == (("verify_linkback", "ValueError, last less than a minute ago", 2),)
        assert self.facts()["Failed in 7 days"] == 2

    def test_the_page_shows_it_and_the_rows_of_the_queue_are_no_part_of_the_admin(
        self, admin_client
    ):
        shown = admin_client.get("/admin/comments/comment/health/").content.decode()
        assert "Background work" in shown
        assert "Task Result" not in admin_client.get("/admin/").content.decode()
        assert admin_client.get("/admin/django_tasks_database/").status_code == 404
