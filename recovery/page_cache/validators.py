"""Answers that somebody has already: what feed readers ask for again and again (RFC 9110, 13).

An entity tag tells exactly whether they have it. A moment does so only where it is the very one that the page
was sent with, and as far as everything that changes the page is dated in the order in which it came to be seen.
The database's notes of changes are, where one writes at a time; what has been forgotten of them is not relied on.
"""

import datetime
from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.db import connection
from django.db.models import Max, Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, set_response_etag
from django.utils.http import http_date, parse_http_date_safe

from recovery.models import FORGOTTEN, KEPT, PageChange
from recovery.page_cache.requests import UNTIL

# A moment in whole seconds tells nothing of what changes within the same one (RFC 9110, 8.8.2.2).
_SETTLED = datetime.timedelta(seconds=2)


def conditional(
    request: HttpRequest, response: HttpResponse, depends_on: Iterable[str]
) -> HttpResponse:
    """Return 304 where the request says so; else the page, with an ETag and the moment of its last change.

    ``Last-Modified`` says of a response that has it when its content is from.
    """
    keys = tuple(depends_on)
    modified = _modified(response, keys)
    if modified is None:
        del response["Last-Modified"]
        _remake_soon(request)
    else:
        response["Last-Modified"] = http_date(modified.timestamp())
    set_response_etag(response)
    relied_on = int(modified.timestamp()) if modified and _tells(request, modified, keys) else None
    answer = get_conditional_response(request, response.get("ETag"), relied_on, response)
    return answer if isinstance(answer, HttpResponse) else response


def _modified(response: HttpResponse, keys: tuple[str, ...]) -> datetime.datetime | None:
    """Return when the page last changed; None if that is too short ago to be told by a moment."""
    written = parse_http_date_safe(response["Last-Modified"]) or 0
    latest = [PageChange.objects.filter(key=key).order_by("-pk").values("pk")[:1] for key in keys]
    noted = PageChange.objects.filter(reduce(or_, [Q(pk__in=pk) for pk in latest]))
    moment = datetime.datetime.fromtimestamp(written, datetime.UTC)
    moment = max(moment, noted.aggregate(at=Max("at"))["at"] or moment)
    return moment if timezone.now() - moment > _SETTLED else None


def _remake_soon(request: HttpRequest) -> None:
    """Have the page made again once the moment of its last change can be told."""
    soon = (timezone.now() + _SETTLED).timestamp()
    if UNTIL in request.META:
        request.META[UNTIL] = min(request.META[UNTIL] or soon, soon)


def _tells(request: HttpRequest, modified: datetime.datetime, keys: tuple[str, ...]) -> bool:
    """Say whether who has the page of the moment that is asked about has the present one.

    Another moment than the one it was sent with may lie between a change and its being seen.
    """
    if connection.vendor != "sqlite":
        # Of two transactions, the one that began first may be seen last.
        return False
    asked = parse_http_date_safe(request.headers.get("If-Modified-Since", "")) or 0
    is_all_noted = asked > (timezone.now() - KEPT).timestamp() or not any(
        key.startswith(FORGOTTEN) for key in keys
    )
    return asked == int(modified.timestamp()) and is_all_noted
