"""What the filter sent to spam by itself: to be looked through now and then."""

import datetime

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from comments.models import Comment, ModerationEvent, Status
from comments.policy import FILTER_SAYS


def least_sure_of_the_binned(since: datetime.datetime) -> QuerySet[Comment]:
    """Return what the filter has sent to spam since then and nobody has looked at, unsure first."""
    last = ModerationEvent.objects.filter(comment=OuterRef("pk")).order_by("-pk")
    by_itself = ModerationEvent.objects.filter(
        pk=OuterRef("last_event"), actor=None, reasons__0__startswith=FILTER_SAYS
    )
    binned = Comment.objects.filter(status=Status.SPAM, status_since__gte=since)
    annotated = binned.annotate(last_event=Subquery(last.values("pk")[:1]))
    return annotated.filter(Exists(by_itself)).order_by("-doubt", "-status_since", "pk")
