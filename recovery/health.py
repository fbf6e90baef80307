"""Is everything well: web, database, worker?"""

import datetime

from django.db import Error
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_noop
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult, get_date_max

from comments.moderation.health import WEEK, Section, Table, age, last_seen
from recovery.housekeeping import housekeep, is_scheduled

# For the page of moderators they are translated; programs that ask for them compare English.
LEFT_LYING = gettext_noop("worker: work has been waiting for more than two minutes")
NOT_RUNNING = gettext_noop("worker: not running (no housekeeping is planned)")
NO_DATABASE = gettext_noop("database: does not answer")
PATIENCE = datetime.timedelta(minutes=2)


def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 “ok”, or 503 with what is not well, a line each."""
    faults = find_faults()
    body = "\n".join(faults or ["ok"]) + "\n"
    response = HttpResponse(
        body, content_type="text/plain; charset=utf-8", status=503 if faults else 200
    )
    response["Cache-Control"] = "no-store"
    return response


def find_faults() -> list[str]:
    """Return what is not well, in plain words.

    The worker shows that it lives by taking up work: when work waits and none has been taken up
    for a while, or when no housekeeping is planned at all, no worker runs.
    """
    try:
        if _is_work_left_lying():
            return [LEFT_LYING]
        return [] if is_scheduled() else [NOT_RUNNING]
    except Error:
        return [NO_DATABASE]


def section() -> Section:
    """Tell moderators how background work goes: five queries over what is kept of tasks, a week."""
    faults, rows = find_faults(), _failures()
    # One duty that fails keeps no other from being done.
    tidied = DBTaskResult.objects.filter(task_path=housekeep.module_path)
    last: datetime.datetime | None = tidied.aggregate(last=Max("finished_at"))["last"]
    head = (gettext("Work"), gettext("Why"), gettext("Number"))
    table = Table(gettext("Failed in the last 7 days"), head, rows)
    ago = gettext("%(age)s ago") % {"age": age(last)} if last else gettext("never")
    return Section(
        gettext("Background work"),
        facts=(
            (gettext("Waiting to be done"), DBTaskResult.objects.ready().count()),
            (gettext("Last housekeeping"), ago),
            (gettext("Failed in 7 days"), sum(count for _, _, count in rows)),
        ),
        table=table if rows else None,
        trouble="".join(f"{capfirst(gettext(fault))}." for fault in faults),
    )


def _failures() -> tuple[tuple[str, str, int], ...]:
    """Return which work failed in a week, with what, how often and when last; never what it was about."""
    failed = DBTaskResult.objects.filter(
        status=TaskResultStatus.FAILED, finished_at__gte=timezone.now() - WEEK
    ).order_by()
    found = failed.values_list("task_path", "exception_class_path").annotate(
        count=Count("pk"), last=Max("finished_at")
    )
    return tuple(
        (work.rpartition(".")[2], last_seen(why.rpartition(".")[2], last), count)
        for work, why, count, last in found.order_by("-count", "task_path")
    )


def _is_work_left_lying() -> bool:
    """Say whether work is overdue and nobody has taken up any: a long queue alone is no fault."""
    before = timezone.now() - PATIENCE
    # Work for “at once” is kept under the last of all dates, work for later under its time.
    overdue = Q(enqueued_at__lt=before) & (Q(run_after__lt=before) | Q(run_after=get_date_max()))
    if not DBTaskResult.objects.ready().filter(overdue).exists():
        return False
    return not DBTaskResult.objects.filter(started_at__gte=before).exists()
