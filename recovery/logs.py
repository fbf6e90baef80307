"""What is worth a line in the log."""

import logging
import re

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter

HEALTH_PATH = "/healthz"


class News(logging.Filter):
    """Leaves out that a health check was answered with 503.

    It is asked every few seconds, and the line would not say what is wrong.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        path = getattr(getattr(record, "request", None), "path", "")
        return path != HEALTH_PATH or getattr(record, "status_code", None) != 503


class Brevity(logging.Filter):
    """Says in one line what a request had wrong: a traceback for each would fill the disk."""

    def filter(self, record: logging.LogRecord) -> bool:
        if 400 <= getattr(record, "status_code", 0) < 500:
            record.exc_info = record.exc_text = None
        return True


# What follows these in an address is all that it takes to answer for a comment or a mailbox, or to
# decide about comments. As a pattern, the longest first.
PRIVATE_PLACES = "moderate|mail/mute|mail|comments"
_SECRET = re.compile(rf"(/(?:{PRIVATE_PLACES})/)[^/\s]{{22,}}")


class Discretion(logging.Filter):
    """Takes the secret out of addresses that are secrets: a log is read by many, and kept."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_without_secret(value) for value in record.args)
        return True


def _without_secret(value: object) -> object:
    return _SECRET.sub(r"\1(hidden)", value) if isinstance(value, str) else value


class AlwaysCareful(SafeExceptionReporterFilter):
    """Hides what is marked as sensitive from every error page, with ``DEBUG`` on as well."""

    def is_active(self, request: HttpRequest | None) -> bool:
        return True
