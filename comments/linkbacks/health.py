"""What the health page of moderation says of linkbacks: those that come in and those that go out."""

from django.db.models import Count, Q, Value
from django.db.models.functions import Concat, Left, StrIndex
from django.utils import timezone
from django.utils.translation import gettext, pgettext

from comments.linkbacks.models import Linkback, OutgoingLinkback
from comments.linkbacks.sending import LOST_AFTER
from comments.moderation.health import WEEK, Section, Table
from comments.stored_words import shown

REASONS_SHOWN = 10


def incoming() -> Section:
    """Tell what became of the pages that were announced in the last seven days: one query."""
    recent = Linkback.objects.filter(received_at__gte=timezone.now() - WEEK).order_by()
    # As it is, SQLite would look through all there ever were by an index on the state.
    state = Concat("state", Value(""))
    found = recent.values_list(state, _reason()).annotate(count=Count("pk"))
    states, reasons = dict.fromkeys(Linkback.State.values, 0), dict[str, int]()
    for state, reason, count in found:
        states[state] += count
        if state == Linkback.State.REFUSED:
            reasons[reason] = count
    often = sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))[:REASONS_SHOWN]
    caption, head = gettext("Refused in the last 7 days"), (gettext("Why"), gettext("Number"))
    return Section(
        gettext("Linkbacks that came in, 7 days"),
        facts=tuple((str(label), states[state]) for state, label in Linkback.State.choices),
        table=Table(caption, head, tuple((shown(why), count) for why, count in often))
        if often
        else None,
    )


def _reason() -> Left:
    """Return the refusal up to its first semicolon: what follows is about one page only."""
    end = StrIndex(Concat("refusal", Value(";")), Value(";"))
    return Left("refusal", end - 1)


def outgoing() -> Section:
    """Tell what waits to be sent, and what other sites did not accept: two queries."""
    state, overdue = OutgoingLinkback.State, timezone.now() - LOST_AFTER
    counts = OutgoingLinkback.objects.filter(state__in=[state.PLANNED, state.FAILED]).aggregate(
        waiting=Count("pk", filter=Q(state=state.PLANNED)),
        retried=Count("pk", filter=Q(state=state.PLANNED, attempts__gt=0)),
        overdue=Count("pk", filter=Q(state=state.PLANNED, next_attempt_at__lt=overdue)),
        failed=Count("pk", filter=Q(state=state.FAILED)),
    )
    late = counts["overdue"]
    return Section(
        gettext("Linkbacks that go out"),
        facts=(
            (gettext("To be sent"), counts["waiting"]),
            (gettext("To be sent, after a failed attempt"), counts["retried"]),
            (gettext("Not accepted in all"), counts["failed"]),
        ),
        table=_answers() if counts["failed"] else None,
        trouble=gettext("Should have been sent by now: %(count)s.") % {"count": late}
        if late
        else "",
    )


def _answers() -> Table:
    failed = OutgoingLinkback.objects.filter(state=OutgoingLinkback.State.FAILED).order_by()
    counted = failed.values_list("last_answer", "last_status").annotate(count=Count("pk"))
    rows = counted.order_by("-count", "last_answer", "last_status")[:REASONS_SHOWN]
    return Table(
        gettext("Not accepted: the most frequent answers"),
        (gettext("Answer"), gettext("Status"), gettext("Number")),
        tuple(
            (shown(answer) or gettext("No words"), status or pgettext("status", "none"), count)
            for answer, status, count in rows
        ),
    )
