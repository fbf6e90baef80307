"""``manage.py db_worker``: django-tasks-db's worker, as this site runs it."""

import logging
import time
from argparse import ArgumentParser
from typing import Any

from django.db import InterfaceError, OperationalError, connection, connections
from django_tasks.signals import task_finished
from django_tasks_db.management.commands import db_worker

from recovery import faults, housekeeping
from recovery.page_cache.process import announce

logger = logging.getLogger(__name__)

POLL = 0.5  # seconds between looks into an empty queue
PAUSE = 5.0  # seconds before the next try when the database is away


class Command(db_worker.Command):
    """Works off the queue, sees to it that housekeeping is planned, and outlives a restart of the database."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(interval=POLL, reload=False)

    def configure_logging(self, verbosity: int) -> None:
        """Say only what went wrong, unless asked for more."""
        super().configure_logging(verbosity)
        if verbosity == 1:
            for name in ("django_tasks", "django_tasks_db"):
                logging.getLogger(name).setLevel(logging.ERROR)

    def handle(self, **options: Any) -> None:
        connection.ensure_connection()
        task_finished.connect(_tell_web_workers)
        while not self._worked_until_asked_to_stop(options):
            _pause(PAUSE)

    def _worked_until_asked_to_stop(self, options: dict[str, Any]) -> bool:
        try:
            housekeeping.plan()
            super().handle(**options)
        except (InterfaceError, OperationalError) as error:
            logger.warning("%s Trying again.", faults.database_sentence(error))
            connections.close_all()
            return False
        return True


def _tell_web_workers(**_: object) -> None:
    """Have them look at what the task may have changed."""
    announce()


def _pause(seconds: float) -> None:
    time.sleep(seconds)
