"""The page that tells moderators how moderation is doing, and its one-line summary."""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.timesince import timesince
from django.utils.translation import gettext, ngettext, pgettext
from django.views.decorators.http import require_safe

from comments.filter import judging
from comments.models import Comment, DiscussionSettings, MailKind, MailState, OutgoingMail
from comments.moderation import chart, measures
from comments.moderators import may_moderate
from comments.stored_words import shown

WEEK = datetime.timedelta(days=7)
FAULTS_SHOWN = 10

Cell = str | int


@dataclass(frozen=True)
class Table:
    """Rows of plain text and numbers; the first cell of each names it."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Section:
    """A part of the page. Everything in it is shown as plain text."""

    title: str
    # What it is called, and what it is.
    facts: tuple[tuple[str, Cell], ...]
    table: Table | None = None
    # A sentence about what is wrong; empty when all is well.
    trouble: str = ""
    note: str = ""


# What other apps have to tell: each returns a section, in a constant number of queries.
sections: list[Callable[[], Section]] = []


@require_safe
def page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Show all of it; nothing on the page changes anything."""
    if not may_moderate(request.user):
        raise PermissionDenied(gettext("You may not moderate comments."))
    waiting, days = measures.waiting(), measures.days()
    labels = (label for _, _, label in measures.AGES)
    context = {
        **site.each_context(request),
        "opts": Comment._meta,
        "title": gettext("Health of moderation"),
        "waiting": waiting,
        "ages": tuple(zip(labels, waiting.by_age, strict=True)),
        "oldest": measures.longest_waiting(),
        "days": days,
        "approved": sum(day.approved for day in days),
        "spam": sum(day.spam for day in days),
        "chart": chart.draw(days),
        "sections": [filter_section(), mail_section(), *(section() for section in sections)],
    }
    return TemplateResponse(request, "admin/comments/comment/health.html", context)


def summary() -> str:
    """Return one line, such as “12 waiting, oldest 3 days; filter learning; 2 emails failed”."""
    waiting = measures.waiting()
    state = filter_state(judging.current().measures, DiscussionSettings.current())
    parts = [_waits(waiting), state]
    if failed := mail_faults().count:
        said = ngettext("%(count)s email failed", "%(count)s emails failed", failed)
        parts.append(said % {"count": failed})
    return "; ".join(parts)


def _waits(waiting: measures.Waiting) -> str:
    if not waiting.count or waiting.since is None:
        return gettext("nothing waiting")
    facts = {"count": waiting.count, "age": age(waiting.since)}
    return gettext("%(count)s waiting, oldest %(age)s") % facts


def age(moment: datetime.datetime) -> str:
    """Return how long ago that was, in its largest unit: “3 days”, “less than a minute”."""
    if timezone.now() - moment < datetime.timedelta(minutes=1):
        return gettext("less than a minute")
    return timesince(moment, depth=1).replace("\xa0", " ")


def readable_share(share: float | None, digits: int = 0) -> str:
    """Return a share of 0 to 1 as it is read; words where there is none."""
    if share is None:
        return gettext("not known yet")
    # Rounded as Python does; the mark of decimals is the language's.
    return f"{number_format(f'{100 * share:.{digits}f}')} %"


# --- The filter ---


Measured = Mapping[str, float | None]


def filter_state(measured: Measured, rules: DiscussionSettings) -> str:
    """Say in two words what the filter does: it acts, it is still learning, or it may not act."""
    if not rules.filter_enabled:
        return gettext("filter switched off")
    acts = judging.may_act(measured, rules)
    return gettext("filter acting") if acts else gettext("filter learning")


def why_it_does_not_act(measured: Measured, rules: DiscussionSettings) -> str:
    """Return the first thing that keeps the filter from acting by itself; empty if nothing does."""
    if judging.may_act(measured, rules):
        return ""
    ham, spam = (int(measured.get(name) or 0) for name in ("ham", "spam"))
    tried = int(measured.get("measured_ham") or 0)
    if not rules.filter_enabled:
        return gettext("It may not act: that is switched off in the discussion settings.")
    if min(ham, spam) < judging.ACTS_FROM:
        return gettext(
            "It acts from %(needed)s decisions of each sort: so far it has learned from "
            "%(spam)s about spam and %(ham)s about what was none."
        ) % {"needed": judging.ACTS_FROM, "spam": spam, "ham": ham}
    if tried < judging.MEASURED_FROM:
        return gettext(
            "It acts once it is measured on %(needed)s comments that were no spam: "
            "so far these are %(measured)s."
        ) % {"needed": judging.MEASURED_FROM, "measured": tried}
    return gettext(
        "It acts while it takes less than %(most)s of what is no spam for certain spam: "
        "now that is %(rate)s."
    ) % {
        "most": readable_share(judging.MOST_FALSE_POSITIVES),
        "rate": readable_share(measured.get("false_positive_rate"), 1),
    }


def filter_section() -> Section:
    """Tell what the filter has learned, whether it acts, and how right it has been: four queries."""
    measured, rules = judging.current().measures, DiscussionSettings.current()
    record, acts = measures.record(), measures.own_acts()
    ham, spam = (int(measured.get(name) or 0) for name in ("ham", "spam"))
    wrong, tried = (int(measured.get(name) or 0) for name in ("false_positives", "measured_ham"))
    rate = readable_share(measured.get("false_positive_rate"), 1)
    last, why_not = {"count": record.judged}, why_it_does_not_act(measured, rules)
    counts = {"rate": rate, "wrong": wrong, "tried": tried}
    return Section(
        gettext("Spam filter"),
        facts=(
            (
                gettext("Learned from"),
                gettext("%(spam)s spam, %(ham)s no spam") % {"spam": spam, "ham": ham},
            ),
            (gettext("Sends spam away by itself"), gettext("no") if why_not else gettext("yes")),
            (
                gettext("No spam, taken for certain spam"),
                gettext("%(rate)s (%(wrong)s of %(tried)s)") % counts if tried else rate,
            ),
            (
                gettext("Right when it suspected spam (last %(count)s)") % last,
                readable_share(record.precision),
            ),
            (
                gettext("Correct (last %(count)s)") % last,
                readable_share(record.agreement),
            ),
            (gettext("Sent to spam by itself in 30 days"), acts.binned),
            (gettext("Of these taken back by moderators"), acts.taken_back),
        ),
        table=_opinions(record) if record.judged else None,
        note=why_not,
    )


def _opinions(record: measures.Record) -> Table:
    return Table(
        gettext(
            "The last %(decided)s comments that moderators decided about: "
            "the filter had an opinion of %(judged)s"
        )
        % {"decided": record.decided, "judged": record.judged},
        (gettext("Moderators said"), gettext("It suspected spam"), gettext("It did not")),
        (
            (pgettext("state", "Spam"), record.spam_suspected, record.spam_missed),
            (gettext("No spam"), record.fine_suspected, record.fine_passed),
        ),
    )


# --- Mail ---


@dataclass(frozen=True)
class MailFaults:
    """Mails that were given up in the last seven days."""

    count: int
    rows: tuple[tuple[Cell, ...], ...]  # kind, why and when last, how many


def mail_faults() -> MailFaults:
    """Count the mails that failed for good, by kind and why: one query."""
    failed = OutgoingMail.objects.filter(
        state=MailState.FAILED, due_at__gte=timezone.now() - WEEK
    ).order_by()
    found = failed.values_list("kind", "fault").annotate(count=Count("pk"), last=Max("due_at"))
    kinds = dict(MailKind.choices)
    rows = tuple(
        (str(kinds[kind]), last_seen(shown(fault) or gettext("For no known reason"), last), count)
        for kind, fault, count, last in sorted(found, key=lambda row: (-row[2], row[0], row[1]))
    )
    return MailFaults(sum(count for _, _, count, _ in found), rows[:FAULTS_SHOWN])


def last_seen(what: str, moment: datetime.datetime) -> str:
    """Return what went wrong, and how long ago it last did."""
    return gettext("%(what)s, last %(age)s ago") % {"what": what, "age": age(moment)}


def mail_section() -> Section:
    """Tell what goes out and what does not: two queries."""
    faults = mail_faults()
    waits = Q(state__in=[MailState.WAITING, MailState.SENDING])
    # Of what is settled, ``due_at`` says when its last attempt began.
    sent = Q(state=MailState.SENT, due_at__gte=timezone.now() - WEEK)
    counts = OutgoingMail.objects.filter(waits | sent).aggregate(
        waiting=Count("pk", filter=waits),
        retried=Count("pk", filter=waits & Q(attempts__gt=0) & ~Q(fault="")),
        sent=Count("pk", filter=sent),
    )
    return Section(
        gettext("Outgoing mail"),
        facts=(
            (pgettext("mail", "Waiting"), counts["waiting"]),
            (gettext("Waiting after a failed attempt"), counts["retried"]),
            (gettext("Sent in 7 days"), counts["sent"]),
            (gettext("Failed in 7 days"), faults.count),
        ),
        table=_mail_table(faults) if faults.count else None,
        trouble=_could_not_be_sent(faults.count) if faults.count else "",
    )


def _mail_table(faults: MailFaults) -> Table:
    head = (gettext("Mail"), gettext("Why"), gettext("Number"))
    return Table(gettext("Failed in the last 7 days"), head, faults.rows)


def _could_not_be_sent(count: int) -> str:
    said = ngettext(
        "%(count)s mail could not be sent.", "%(count)s mails could not be sent.", count
    )
    return said % {"count": count}
