"""What is tidied up every few minutes, by the worker."""

import datetime
import logging

from django.db import transaction
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from comments import pace
from comments.linkbacks.models import Linkback
from comments.linkbacks.tasks import verify_linkback
from comments.models import Comment, DiscussionSettings, Status

logger = logging.getLogger(__name__)

EVERY = datetime.timedelta(minutes=5)
RESULTS_KEPT = datetime.timedelta(days=7)
LOST_AFTER = datetime.timedelta(minutes=10)


@task()
def housekeep() -> None:
    """Tidy up, and plan the next time first, so that a failure does not end the series."""
    plan(after=EVERY)
    tidy()


def plan(*, after: datetime.timedelta = datetime.timedelta(0)) -> None:
    """Plan the next housekeeping, unless one is planned already."""
    with transaction.atomic():
        if not is_scheduled():
            housekeep.using(run_after=timezone.now() + after).enqueue()


def is_scheduled() -> bool:
    """Say whether a housekeeping waits for its time."""
    return DBTaskResult.objects.filter(task_path=housekeep.module_path, status=TaskResultStatus.READY).exists()


def tidy() -> None:
    """Do everything that has become due."""
    purge_thrown_away()
    pace.forget_old()
    requeue_lost_checks()
    old = timezone.now() - RESULTS_KEPT
    DBTaskResult.objects.finished().filter(finished_at__lt=old).delete()


def purge_thrown_away() -> int:
    """Delete trash and spam older than the owner keeps them; nothing else is ever deleted by itself."""
    rules, gone = DiscussionSettings.current(), 0
    for status, days in ((Status.TRASH, rules.purge_trash_after_days), (Status.SPAM, rules.purge_spam_after_days)):
        if days:
            before = timezone.now() - datetime.timedelta(days=days)
            gone += Comment.objects.thrown_away_before(status, before).purge()
    if gone:
        logger.info("Purged %d comments from trash and spam", gone)
    return gone


def requeue_lost_checks() -> None:
    """Queue again the check of linkbacks whose worker was killed in the middle of it."""
    before = timezone.now() - LOST_AFTER
    for linkback in Linkback.objects.lost_before(before):
        linkback.expect_check()
        verify_linkback.enqueue(linkback.pk)
