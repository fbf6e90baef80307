"""Is everything well: web, database, worker?"""

import datetime

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from recovery.housekeeping import is_scheduled

PATIENCE = datetime.timedelta(minutes=2)


def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 “ok”, or 503 with what is not well, a line each."""
    faults = find_faults()
    body = "\n".join(faults or ["ok"]) + "\n"
    response = HttpResponse(body, content_type="text/plain; charset=utf-8", status=503 if faults else 200)
    response["Cache-Control"] = "no-store"
    return response


def find_faults() -> list[str]:
    """Return what is not well, in plain words.

    The worker shows that it lives by doing its housekeeping on time: waiting work that is overdue,
    or no housekeeping planned at all, means that no worker runs.
    """
    try:
        overdue = DBTaskResult.objects.ready().filter(
            run_after__lt=timezone.now() - PATIENCE, enqueued_at__lt=timezone.now() - PATIENCE
        )
        if overdue.exists():
            return ["worker: work has been waiting for more than two minutes"]
        return [] if is_scheduled() else ["worker: not running (no housekeeping is planned)"]
    except DatabaseError:
        return ["database: does not answer"]
