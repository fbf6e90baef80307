"""What the worker tidies up, and that the series of it neither ends nor doubles."""

import contextlib
import datetime
import signal
import threading

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, connections
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from comments import pace
from comments.linkbacks.models import Linkback
from comments.models import Comment, DiscussionSettings, ModerationEvent, NetworkUse, Status
from recovery import housekeeping, models
from recovery.management.commands import db_worker
from recovery.models import PageChange
from recovery.page_cache.front import LONGEST_KEPT
from tests.builders import make_comment, make_pingback

pytestmark = pytest.mark.django_db


def days(number):
    return datetime.timedelta(days=number)


def planned():
    return DBTaskResult.objects.filter(
        task_path=housekeeping.housekeep.module_path, status=TaskResultStatus.READY
    )


class TestPurge:
    def test_only_old_spam_and_trash_goes(self, article):
        old = timezone.now() - days(31)
        kept = [
            make_comment(article, status=Status.APPROVED, status_since=old, created_at=old),
            make_comment(article, status=Status.PENDING, status_since=old, created_at=old),
            make_comment(article, status=Status.SPAM, created_at=old),
            make_comment(article, status=Status.TRASH, created_at=old),
        ]
        for status in (Status.SPAM, Status.TRASH):
            make_comment(article, status=status, status_since=old, address="ann@example.org")
        assert housekeeping.purge_thrown_away() == 2
        assert set(Comment.objects.all()) == set(kept)
        # The decisions stay, as labels for the filter.
        assert ModerationEvent.objects.count() == 6

    def test_each_has_its_own_days(self, article):
        DiscussionSettings(pk=1, purge_trash_after_days=5, purge_spam_after_days=10).save()
        for status in (Status.TRASH, Status.SPAM):
            make_comment(article, status=status, status_since=timezone.now() - days(7))
        assert housekeeping.purge_thrown_away() == 1
        assert Comment.objects.get().status == Status.SPAM

    def test_zero_days_mean_never(self, article):
        DiscussionSettings(pk=1, purge_trash_after_days=0, purge_spam_after_days=0).save()
        for status in (Status.TRASH, Status.SPAM):
            make_comment(article, status=status, status_since=timezone.now() - days(4000))
        assert housekeeping.purge_thrown_away() == 0

    def test_replies_to_what_goes_stay(self, article):
        first = make_comment(article, status=Status.APPROVED)
        gone = make_comment(
            article, parent=first, status=Status.SPAM, status_since=timezone.now() - days(31)
        )
        reply = make_comment(article, parent=gone, status=Status.APPROVED)
        housekeeping.purge_thrown_away()
        reply.refresh_from_db()
        assert reply.parent == first


def test_page_changes_are_forgotten_when_no_kept_page_can_depend_on_them():
    PageChange.objects.all().delete()
    now, hour = timezone.now(), days(1) / 24
    for key, age in [
        ("article:old", days(2) + hour),
        ("frame:old", days(2) + hour),
        ("article:kept", days(2) - hour),
        # Of the few others the latest tells when a feed last changed.
        ("site", days(20)),
        ("site", days(2) + hour),
        ("superseded", 2 * hour),
        ("superseded", hour / 2),
        ("just now", hour / 2),
        ("just now", hour / 3),
    ]:
        PageChange.objects.create(key=key, at=now - age)
    assert PageChange.objects.forget_old() == 4
    kept = PageChange.objects.order_by("pk").values_list("key", flat=True)
    assert list(kept) == ["article:kept", "site", "superseded", "just now", "just now"]
    housekeeping.tidy()
    assert PageChange.objects.count() == 5


def test_no_page_is_kept_for_longer_than_its_changes():
    assert models.KEPT.total_seconds() > 2 * LONGEST_KEPT


def test_networks_are_forgotten_after_a_day():
    now = timezone.now()
    NetworkUse.objects.create(key="old", act="reply", at=now - pace.KEPT - days(1) / 24)
    NetworkUse.objects.create(key="new", act="reply", at=now - pace.KEPT + days(1) / 24)
    housekeeping.tidy()
    assert NetworkUse.objects.get().key == "new"


class TestLostChecks:
    def test_are_queued_again_once(self, article):
        linkback = make_pingback(article).linkback
        lost = timezone.now() - housekeeping.LOST_AFTER - datetime.timedelta(seconds=1)
        Linkback.objects.update(state=Linkback.State.RECEIVED, check_expected_at=lost)
        housekeeping.requeue_lost_checks()
        housekeeping.requeue_lost_checks()
        result = DBTaskResult.objects.get()
        assert result.task_path.endswith("verify_linkback")
        assert result.args_kwargs["args"] == [linkback.pk]

    def test_settled_or_recent_ones_are_not(self, article):
        make_pingback(article)
        recent = make_pingback(article).linkback
        lost = timezone.now() - housekeeping.LOST_AFTER - datetime.timedelta(seconds=1)
        Linkback.objects.update(check_expected_at=lost)
        Linkback.objects.filter(pk=recent.pk).update(
            state=Linkback.State.RECEIVED, check_expected_at=timezone.now()
        )
        housekeeping.requeue_lost_checks()
        assert not DBTaskResult.objects.exists()


def make_result(status, **times):
    result = housekeeping.housekeep.enqueue()
    DBTaskResult.objects.filter(pk=result.id).update(status=status, **times)
    return DBTaskResult.objects.get(pk=result.id)


def test_what_a_killed_worker_left_is_marked_as_failed():
    now = timezone.now()
    left = make_result(TaskResultStatus.RUNNING, started_at=now - housekeeping.ABANDONED_AFTER * 2)
    running = make_result(TaskResultStatus.RUNNING, started_at=now)
    housekeeping.give_up_abandoned()
    left.refresh_from_db()
    running.refresh_from_db()
    assert (left.status, running.status) == (TaskResultStatus.FAILED, TaskResultStatus.RUNNING)
    assert left.exception_class_path == "recovery.housekeeping.WorkerLostError"


def test_old_results_are_forgotten():
    old = timezone.now() - housekeeping.RESULTS_KEPT - days(1)
    make_result(TaskResultStatus.SUCCESSFUL, finished_at=old)
    make_result(TaskResultStatus.FAILED, finished_at=old)
    kept = make_result(TaskResultStatus.FAILED, finished_at=timezone.now())
    waiting = make_result(TaskResultStatus.READY)
    assert housekeeping.forget_results() == 2
    assert {result.pk for result in DBTaskResult.objects.all()} == {kept.pk, waiting.pk}


def test_one_failing_duty_does_not_keep_the_others_from_being_done(monkeypatch):
    def purge_thrown_away() -> None:
        raise ValueError("no")

    monkeypatch.setattr(housekeeping, "purge_thrown_away", purge_thrown_away)
    NetworkUse.objects.create(key="old", act="reply", at=timezone.now() - days(2))
    with pytest.raises(ValueError, match="no"):
        housekeeping.tidy()
    assert not NetworkUse.objects.exists()


class TestSeries:
    def test_plans_its_next_time(self, run_tasks):
        housekeeping.plan()
        before = timezone.now()
        run_tasks()
        ahead = planned().get().run_after - before
        assert datetime.timedelta(0) <= ahead - housekeeping.EVERY < datetime.timedelta(minutes=1)

    def test_goes_on_after_a_failure(self, run_tasks, monkeypatch):
        def tidy() -> None:
            raise ValueError("no")

        monkeypatch.setattr(housekeeping, "tidy", tidy)
        housekeeping.plan()
        run_tasks()
        assert DBTaskResult.objects.failed().count() == 1
        assert planned().count() == 1

    def test_planning_twice_plans_once(self):
        housekeeping.plan()
        housekeeping.plan(after=housekeeping.EVERY)
        assert planned().count() == 1

    def test_two_series_become_one(self, run_tasks):
        for _ in range(2):
            housekeeping.housekeep.enqueue()
        run_tasks()
        assert planned().count() == 1

    def test_is_taken_up_by_the_next_worker_when_one_was_killed_before_planning(self):
        make_result(TaskResultStatus.RUNNING, started_at=timezone.now())
        housekeeping.plan()
        assert planned().count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_start_at_once_plan_it_once(monkeypatch):
    look, both_have_looked = housekeeping.is_scheduled, threading.Barrier(2)

    def look_and_wait() -> bool:
        found = look()
        # Kept apart, they never meet here, and the first goes on alone.
        with contextlib.suppress(threading.BrokenBarrierError):
            both_have_looked.wait(timeout=0.3)
        return found

    def start() -> None:
        try:
            housekeeping.plan()
        finally:
            connection.close()

    monkeypatch.setattr(housekeeping, "is_scheduled", look_and_wait)
    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert planned().count() == 1


class TestWorker:
    def test_waits_for_a_database_that_comes_back(self, monkeypatch, caplog):
        runs = iter([OperationalError("the server closed the connection"), None])

        def work(worker: object) -> None:
            if error := next(runs):
                raise error

        pauses: list[float] = []
        monkeypatch.setattr("django_tasks_db.management.commands.db_worker.Worker.run", work)
        monkeypatch.setattr(db_worker, "_pause", pauses.append)
        monkeypatch.setattr(connections, "close_all", lambda: None)
        monkeypatch.setattr(signal, "signal", lambda *arguments: None)
        call_command("db_worker")
        assert pauses == [db_worker.PAUSE]
        assert "the server closed the connection. Check" in caplog.text
        assert caplog.text.rstrip().endswith("Trying again.")

    @pytest.mark.django_db(transaction=True)
    def test_sees_to_it_that_housekeeping_goes_on(self, monkeypatch):
        monkeypatch.setattr(signal, "signal", lambda *arguments: None)
        call_command("db_worker", batch=True)
        assert DBTaskResult.objects.successful().count() == 1
        assert planned().count() == 1


def test_where_comments_came_from_is_forgotten_after_a_day(article):
    key = pace.network_key("192.0.2.0/24")
    old, new = (
        make_comment(article, network_key=key, created_at=timezone.now() - age)
        for age in (days(1.1), days(0.9))
    )
    housekeeping.tidy()
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.network_key, new.network_key) == ("", key)
