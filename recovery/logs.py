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


# What whoever knows may do is in the address itself: a comment's own page, the links in mails.
_SECRET_PLACE = re.compile(r"(/(?:comments|mail|mail/mute|moderate)/)[^/\s]{22,}")


class Discretion(logging.Filter):
    """Takes the secret out of addresses that are secrets: a log is read by many, and kept."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_without_secret(value) for value in record.args)
        return True


def _without_secret(value: object) -> object:
    return _SECRET_PLACE.sub(r"\1(hidden)", value) if isinstance(value, str) else value


class AlwaysCareful(SafeExceptionReporterFilter):
    """Hides what is marked as sensitive from every error page, with ``DEBUG`` on as well."""

    def is_active(self, request: HttpRequest | None) -> bool:
        return True
