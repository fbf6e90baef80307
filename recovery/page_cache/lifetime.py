"""Until when a page stays true by itself: what changes at a set time, without anybody changing it."""

import datetime

from django.db.models import Min
from django.http import HttpRequest, HttpResponse

from articles.frames import FramedPage
from articles.models import Article
from comments.models import DiscussionSettings
from recovery.page_cache.requests import UNTIL

_INSTANT = datetime.timedelta(microseconds=1)


def note(request: HttpRequest, response: HttpResponse, begun: datetime.datetime) -> None:
    """Say until when the page stays true to whoever wants to know; pages in frames know it, others ask."""
    if UNTIL not in request.META:
        return
    if isinstance(response, FramedPage):
        moment = response.fresh_until
    else:
        moment = fresh_until(request, begun)
    if moment is not None:
        request.META[UNTIL] = moment.timestamp()


def fresh_until(request: HttpRequest, begun: datetime.datetime) -> datetime.datetime | None:
    """Return the next moment at which an article appears, or stops taking responses; None for never.

    ``begun`` is when the page was begun: what has become due since may not be in it.
    """
    moments = [Article.objects.scheduled(begun).values_list("published_at", flat=True).first()]
    if days := DiscussionSettings.for_request(request).close_after_days:
        age = datetime.timedelta(days=days)
        open_still = Article.objects.published().filter(published_at__gt=begun - age)
        first = open_still.aggregate(first=Min("published_at"))["first"]
        # To the last instant of that age an article is open.
        moments.append(first and first + age + _INSTANT)
    return min((moment for moment in moments if moment), default=None)
