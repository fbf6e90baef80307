"""Tasks are queued as django-tasks-db queues them, only sooner."""

import datetime
from typing import Any

import pytest
from django.db.models import Model
from django.utils import timezone
from django_tasks import TaskResultStatus, task_backends
from django_tasks.exceptions import InvalidTaskError
from django_tasks.signals import task_enqueued
from django_tasks_db.backend import DatabaseBackend
from django_tasks_db.models import DBTaskResult

from comments.linkbacks.tasks import verify_linkback
from recovery.task_queue import Backend

pytestmark = pytest.mark.django_db


@pytest.fixture
def theirs():
    return DatabaseBackend("default", {})


def row(result) -> dict[str, object]:
    return dict(DBTaskResult.objects.filter(pk=result.id).values().get())


def test_it_is_the_one_in_use():
    assert type(task_backends["default"]) is Backend


@pytest.mark.parametrize("later", [None, datetime.timedelta(hours=1)])
def test_the_row_is_the_same(theirs, later):
    run_after = later and timezone.now() + later
    task = verify_linkback.using(run_after=run_after, priority=7)
    ours = row(task.enqueue(12, attempt=2))
    other = row(theirs.enqueue(task, (12,), {"attempt": 2}))
    for name in ("id", "enqueued_at"):
        assert type(ours.pop(name)) is type(other.pop(name))
    assert ours == other


def test_what_is_returned_is_what_can_be_asked_for_later():
    result: Any = verify_linkback.enqueue(12)
    assert result == verify_linkback.get_result(result.id)
    assert result.status == TaskResultStatus.READY
    assert isinstance(result.db_result, Model)


def test_whoever_listens_is_told():
    told = []

    def listen(task_result, **_):
        told.append(task_result)

    task_enqueued.connect(listen)
    try:
        result = verify_linkback.enqueue(12)
    finally:
        task_enqueued.disconnect(listen)
    assert told == [result]


def test_it_takes_one_statement(django_assert_num_queries):
    verify_linkback.enqueue(11)
    with django_assert_num_queries(1):
        verify_linkback.enqueue(12)


def test_nonsense_is_refused():
    task = verify_linkback.using()
    object.__setattr__(task, "queue_name", "nowhere")  # as of another release
    with pytest.raises(InvalidTaskError):
        task.enqueue(12)
    assert not DBTaskResult.objects.exists()
