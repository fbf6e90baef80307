"""What is tidied up every few minutes, by the worker."""

import datetime
import logging
from urllib.parse import urlsplit

from django.db import connection, transaction
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from articles.cards.tasks import make_missing_if_wanted
from articles.search import words
from comments import following, pace, retention
from comments.linkbacks import sending, websub
from comments.linkbacks.models import Linkback
from comments.linkbacks.receiving import may_fetch_from
from comments.linkbacks.tasks import DELAYS, verify_linkback
from comments.mailing import asking, digests, outbox
from comments.models import Comment, DiscussionSettings, Status
from recovery.models import PageChange

logger = logging.getLogger(__name__)

EVERY = datetime.timedelta(minutes=5)
RESULTS_KEPT = datetime.timedelta(days=7)
# Longer than any pause that a check itself makes before it tries again.
LOST_AFTER = datetime.timedelta(seconds=max(DELAYS), minutes=5)
# Gentle: a few pages at a time, and again later if a look got lost.
LOOKS_AT_ONCE = 20
LOOK_EXPECTED_WITHIN = datetime.timedelta(hours=2)
# No task of ours runs for so long: its worker was killed.
ABANDONED_AFTER = datetime.timedelta(hours=1)
_PLANNING = 0x5265636F  # names our lock among PostgreSQL's advisory locks


class WorkerLostError(Exception):
    """The worker was killed in the middle of a task."""


@task()
def housekeep() -> None:
    """Tidy up, and plan the next time first, so that a failure does not end the series."""
    plan(after=EVERY)
    tidy()


def plan(*, after: datetime.timedelta = datetime.timedelta(0)) -> None:
    """Plan the next housekeeping, unless one is planned already."""
    with transaction.atomic():
        _one_at_a_time()
        if not is_scheduled():
            housekeep.using(run_after=timezone.now() + after).enqueue()


def _one_at_a_time() -> None:
    # SQLite's transactions are immediate: they already follow one another.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_PLANNING])


def is_scheduled() -> bool:
    """Say whether a housekeeping waits for its time."""
    path = housekeep.module_path
    return DBTaskResult.objects.filter(task_path=path, status=TaskResultStatus.READY).exists()


def tidy() -> None:
    """Do everything that has become due; what fails does not keep the rest from being done."""
    failures = []
    for duty in (
        purge_thrown_away,
        pace.forget_old,
        pace.forget_networks,
        retention.forget_subscriptions,
        retention.erase_old_contacts,
        retention.forget_mailboxes,
        following.follow_left_over,
        requeue_lost_checks,
        sending.sweep,
        websub.sweep,
        asking.ask_again,
        digests.send_due_digests,
        outbox.sweep,
        outbox.forget_old,
        make_missing_if_wanted,
        look_again_at_sources,
        give_up_abandoned,
        forget_results,
        PageChange.objects.forget_old,
        words.refresh_if_due,
    ):
        try:
            duty()
        except Exception as error:
            # Each but the first is only logged: the queue keeps one error for each task.
            logger.exception("Housekeeping: %s failed", duty.__name__)
            failures.append(error)
    if failures:
        raise failures[0]


def purge_thrown_away() -> int:
    """Delete trash and spam older than the owner keeps them; nothing else is ever deleted by itself."""
    rules, gone = DiscussionSettings.current(), 0
    for status, days in (
        (Status.TRASH, rules.purge_trash_after_days),
        (Status.SPAM, rules.purge_spam_after_days),
    ):
        if days:
            before = timezone.now() - datetime.timedelta(days=days)
            gone += Comment.objects.thrown_away_before(status, before).purge()
    if gone:
        logger.info("Purged %d comments from trash and spam", gone)
    return gone


def requeue_lost_checks() -> None:
    """Queue again the check of linkbacks whose worker was killed in the middle of it."""
    checks = DBTaskResult.objects.ready().filter(task_path=verify_linkback.module_path)
    if checks.exists():
        return  # the worker is behind: what waits is not lost
    before = timezone.now() - LOST_AFTER
    for linkback in Linkback.objects.lost_before(before):
        linkback.expect_check()
        verify_linkback.enqueue(linkback.pk)


def look_again_at_sources() -> None:
    """Queue a look at some of the pages whose turn has come, so that what we show stays true."""
    for linkback in Linkback.objects.due()[:LOOKS_AT_ONCE]:
        linkback.look_again_at = timezone.now() + LOOK_EXPECTED_WITHIN
        linkback.save(update_fields=["look_again_at"])
        if may_fetch_from(urlsplit(linkback.source_url).hostname or ""):
            verify_linkback.enqueue(linkback.pk)


def give_up_abandoned() -> None:
    """Mark tasks as failed whose worker was killed: nobody knows how far they came."""
    before = timezone.now() - ABANDONED_AFTER
    for result in DBTaskResult.objects.running().filter(started_at__lt=before):
        result.set_failed(WorkerLostError("The worker was killed in the middle of it."))
        logger.error("Task %s was abandoned by a worker that was killed", result.task_path)


def forget_results() -> int:
    """Delete what is known of tasks that ended long ago; return how many rows went."""
    before = timezone.now() - RESULTS_KEPT
    return DBTaskResult.objects.finished().filter(finished_at__lt=before).delete()[0]
