"""What the site keeps of readers and for how long, said from the settings it goes by."""

import datetime

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from articles.reading_only import reading_only
from comments import pace, retention
from comments.filter import lessons
from comments.mailing import asking, outbox
from comments.models import DiscussionSettings
from comments.own_comment import editing

_HOUR, _DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
_MINUTE = datetime.timedelta(minutes=1)


@reading_only
def privacy(request: HttpRequest) -> HttpResponse:
    """Show the privacy page: each number is the one that the site's code reads itself."""
    rules = DiscussionSettings.current()
    context = {"rules": rules, **numbers()}
    return TemplateResponse(request, "comments/privacy.html", context)


def numbers() -> dict[str, int]:
    """Return how long and how often, as whole numbers in the unit that each name ends with."""
    return {
        "network_hours": pace.KEPT // _HOUR,
        "editable_minutes": editing.EDITABLE_FOR // _MINUTE,
        "confirmable_days": retention.CONFIRMABLE_FOR // _DAY,
        "mailbox_days": retention.MAILBOX_KEPT // _DAY,
        "asking_hours": asking.EVERY // _HOUR,
        "asked_times": asking.UNANSWERED,
        "mail_log_days": outbox.KEPT // _DAY,
        "most_lessons": lessons.MOST_LESSONS,
    }
