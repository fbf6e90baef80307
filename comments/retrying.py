"""Background work that is tried again, later each time."""

import datetime
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.utils import timezone
from django_tasks.base import Task

logger = logging.getLogger(__name__)


@contextmanager
def try_again(
    task: "Task[..., Any]", *args: Any, attempt: int, delays: Sequence[int]
) -> Iterator[None]:
    """Run the block; when it fails, queue the task again after the delay of this attempt.

    ``delays`` are seconds, one for each further attempt. The task takes the number of the next
    attempt as the keyword ``attempt``. After the last one the error goes through, and the
    queue keeps it as failed.
    """
    try:
        yield
    except Exception as error:
        if attempt > len(delays):
            raise
        # The error's text could hold what a stranger sent: its type is enough here.
        logger.warning(
            "%s failed (%s), attempt %d: trying again", task.name, type(error).__name__, attempt
        )
        later = timezone.now() + datetime.timedelta(seconds=delays[attempt - 1])
        task.using(run_after=later).enqueue(*args, attempt=attempt + 1)
