"""What is worth a line in the log."""

import logging

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


class AlwaysCareful(SafeExceptionReporterFilter):
    """Hides what is marked as sensitive from every error page, with ``DEBUG`` on as well."""

    def is_active(self, request: HttpRequest | None) -> bool:
        return True
