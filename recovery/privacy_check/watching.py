"""What the site says while it works: its log, and what the database is asked."""

import logging
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any, Final

from django.db import connection

#: Loggers whose every detail is looked at; of the others what the site's settings let through.
TOLD: Final = ("articles", "comments", "recovery", "django.db", "django.request", "django.security")


class Log(logging.Handler):
    """Keeps every line, with tracebacks."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
        # By the name of the logger.
        self.lines = defaultdict[str, list[str]](list)

    def emit(self, record: logging.LogRecord) -> None:
        self.lines[record.name].append(self.format(record))


@contextmanager
def log() -> Iterator[Log]:
    """Take every line instead of printing it: of our own loggers and of the database's each detail."""
    taken, loggers = (
        Log(),
        [logging.getLogger(), *_not_propagating(), *map(logging.getLogger, TOLD)],
    )
    before = [(logger, logger.handlers, logger.level, logger.filters) for logger in loggers]
    debugged = connection.force_debug_cursor
    for logger in loggers:
        logger.filters = []
        if logger.name in TOLD:
            logger.setLevel(logging.DEBUG)
        else:
            logger.handlers = [taken]
    connection.force_debug_cursor = True
    try:
        yield taken
    finally:
        connection.force_debug_cursor = debugged
        for logger, handlers, level, filters in before:
            logger.handlers, logger.filters = handlers, filters
            logger.setLevel(level)


def _not_propagating() -> list[logging.Logger]:
    known = list(logging.root.manager.loggerDict.values())
    return [one for one in known if isinstance(one, logging.Logger) and not one.propagate]


@contextmanager
def broken(module: str, name: str, error: Exception) -> Iterator[None]:
    """Have a function of a module fail with this error."""
    place = import_module(module)
    whole = getattr(place, name)

    def fail(*_: Any, **__: Any) -> None:
        raise error

    setattr(place, name, fail)
    try:
        with suppress(type(error)):
            yield
    finally:
        setattr(place, name, whole)
