"""What follows from a decision: in the background, once, whatever process made it.

Each event is written with ``is_followed`` unset, in the transaction of the decision itself. A task
queued after the commit does what follows; should the process die in between, housekeeping finds
the event. So nothing is forgotten, and nobody who decides or posts waits for it.
"""

import datetime
from collections.abc import Callable

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from comments.models import ModerationEvent

AT_ONCE = 200  # events
GIVEN_UP_AFTER = datetime.timedelta(days=2)
# Each is called with the events, oldest first, with their comments (none where it is gone by now),
# and may be called with the same ones again. Filled by ``comments.apps``.
steps: list[Callable[[list[ModerationEvent]], None]] = []


def expect(event: ModerationEvent) -> None:
    """Have the event followed once it is committed."""
    transaction.on_commit(enqueue)


def enqueue() -> None:
    """Queue the work, unless it is queued already: what waits will find every event there is.

    To be called outside a transaction: a worker must be able to see what it is queued for.
    """
    waiting = DBTaskResult.objects.filter(
        task_path=follow_decisions.module_path, status=TaskResultStatus.READY
    )
    if not waiting.exists():
        follow_decisions.enqueue()


@task()
def follow_decisions() -> None:
    """Do what follows from every decision that has not been followed yet."""
    while events := list(unfollowed().select_related("comment", "comment__article")[:AT_ONCE]):
        for step in steps:
            step(events)
        ModerationEvent.objects.filter(pk__in=[event.pk for event in events]).update(
            is_followed=True
        )


def unfollowed() -> QuerySet[ModerationEvent]:
    """Return what has not been followed, oldest first; what failed for days is given up."""
    since = timezone.now() - GIVEN_UP_AFTER
    return ModerationEvent.objects.filter(is_followed=False, at__gte=since).order_by("pk")
