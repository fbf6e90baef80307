"""What follows from a decision: in the background, once, whatever process made it.

Each event is written with ``is_followed`` unset, in the transaction of the decision itself. A task
queued after the commit does what follows; should the process die in between, housekeeping finds
the event. So nothing is forgotten, and nobody who decides or posts waits for it.
"""

import datetime
import logging

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from articles.prepared import Prepared
from comments.filter import lessons
from comments.mailing import digests, notices
from comments.models import ModerationEvent

logger = logging.getLogger(__name__)

AT_ONCE = 200  # events
# Between the first of some decisions and what follows from them: each run costs as much as several replies, and
# where they come fast one does for all of a second.
GATHERED_FOR = datetime.timedelta(seconds=1)
# Each but the first comes with a housekeeping: some eight hours of them.
GIVEN_UP_AFTER = 100  # failures
# Each is called with events, oldest first, with their comments (none where it is gone by now), and
# may be called with the same ones again.
STEPS = (lessons.follow, notices.follow, digests.follow)


def expect(event: ModerationEvent) -> None:
    """Have the event followed once it is committed: what waits for a commit already will find it.

    Were that taken back with a savepoint, Django would have taken it off the list by then, or would
    take this event back as well.
    """
    if not any(waiting[1] is enqueue for waiting in connection.run_on_commit):
        transaction.on_commit(enqueue)


def enqueue() -> None:
    """Queue the work, unless it is queued already: what waits will find every event there is.

    To be called outside a transaction: a worker must be able to see what it is queued for.
    """
    if _waiting():
        return
    with transaction.atomic():
        # Many may find at the same moment that nothing waits. (On PostgreSQL they still may: no harm is done.)
        if not _waiting():
            follow_decisions.using(run_after=timezone.now() + GATHERED_FOR).enqueue()


@task()
def follow_decisions() -> None:
    """Do what follows from every decision for which that has not been tried yet."""
    _follow(unfollowed().filter(follow_failures=0))


_waiting = Prepared(
    lambda: (
        DBTaskResult.objects.filter(
            task_path=follow_decisions.module_path, status=TaskResultStatus.READY
        )
        .order_by()
        .values_list("pk")[:1]
    )
)


def follow_left_over() -> None:
    """Do what follows from decisions whose process died before it could, or where that failed."""
    _follow(unfollowed())


def unfollowed() -> QuerySet[ModerationEvent]:
    """Return what has not been followed, oldest first; what has failed too often is given up."""
    waiting = ModerationEvent.objects.filter(is_followed=False, follow_failures__lt=GIVEN_UP_AFTER)
    return waiting.order_by("pk")


def _follow(waiting: QuerySet[ModerationEvent]) -> None:
    """Follow all of these; one that fails keeps none of the others from it, and is raised at the end."""
    failures: list[Exception] = []
    # An article's text is long, and nothing here reads it.
    unread = ("comment__article__body", "comment__article__body_html")
    # Not what comes in meanwhile: it has its own task, and might never end.
    until = waiting.order_by("-pk").values_list("pk", flat=True)[:1]
    known = waiting.filter(pk__lte=next(iter(until), 0))
    found, last = known.select_related("comment__article").defer(*unread), 0
    while events := list(found.filter(pk__gt=last)[:AT_ONCE]):
        last = events[-1].pk
        failures += _follow_together(events)
    if failures:
        raise failures[0]


def _follow_together(events: list[ModerationEvent]) -> list[Exception]:
    """Follow these events, and where that fails each half of them, down to those that it fails for."""
    same = ModerationEvent.objects.filter(pk__in=[event.pk for event in events])
    failures = _take_steps(events)
    if not failures:
        same.update(is_followed=True)
    elif middle := len(events) // 2:
        return _follow_together(events[:middle]) + _follow_together(events[middle:])
    else:
        same.update(follow_failures=F("follow_failures") + 1)
        logger.error("What follows from decision %d failed", events[0].pk, exc_info=failures[0])
    return failures


def _take_steps(events: list[ModerationEvent]) -> list[Exception]:
    """Take every step and return what went wrong: one that fails keeps no other from being taken."""
    failures: list[Exception] = []
    for step in STEPS:
        try:
            step(events)
        except Exception as error:
            failures.append(error)
    return failures
