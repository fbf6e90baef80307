"""How moderation is doing, in numbers: a constant number of queries, each along an index.

A *decision* here is an event that changed the state of a comment and still stands: neither an
undoing nor undone itself. Days are those of the site's time zone.
"""

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from articles.prepared import MOMENT, Prepared
from comments.models import Comment, ModerationEvent, Proposal, Status
from comments.policy import FILTER_SAYS

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

DAYS_SHOWN = 30
DECISIONS_MEASURED = 200
SUSPECTED_FROM = 0.5
# Nearly every row has none: asked for as they are, SQLite would look through all of these rows
# by their index on that, rather than through those of some days.
_UNDOES, _ACTOR = Coalesce("undoes_id", 0), Coalesce("actor_id", 0)
# In days: from, to (none for ever), and what that is called.
AGES: tuple[tuple[int, int | None, "StrOrPromise"], ...] = (
    (0, 1, _("Under a day")),
    (1, 3, _("1 to 3 days")),
    (3, 7, _("3 to 7 days")),
    (7, 30, _("7 to 30 days")),
    (30, None, pgettext_lazy("comments that wait", "Older")),
)


@dataclass(frozen=True)
class Waiting:
    """What waits for a decision, by how long it has been waiting."""

    by_age: tuple[int, ...]  # as many as AGES
    since: datetime.datetime | None

    @property
    def count(self) -> int:
        return sum(self.by_age)


def waiting() -> Waiting:
    """Count what ``Comment.objects.waiting()`` holds, by age: two queries.

    A held comment waits since it was held (last), new words of a shown one since they were found.
    """
    held, changed = _ages(_held_by_age), _ages(_changed_by_age)
    since = min(filter(None, (held.since, changed.since)), default=None)
    both = tuple(a + b for a, b in zip(held.by_age, changed.by_age, strict=True))
    return Waiting(both, since)


def _new_words() -> QuerySet[Proposal]:
    # Few proposals, many approved comments: joined, SQLite would begin with these.
    shown = Comment.objects.filter(pk=OuterRef("comment"), status=Status.APPROVED)
    return Proposal.objects.filter(Exists(shown))


def _ages(count: Prepared) -> Waiting:
    now = timezone.now()
    found = {
        age: (number, since)
        for age, number, since in count(*(now - datetime.timedelta(days=low) for low, _, _ in AGES))
    }
    counts, moments = zip(*(found.get(age, (0, None)) for age in range(len(AGES))), strict=True)
    return Waiting(counts, min(filter(None, moments), default=None))


def _by_age(
    rows: Callable[[], "QuerySet[Any]"], moment: str, *since: datetime.datetime
) -> "QuerySet[Any, tuple[int, int, datetime.datetime]]":
    """Count rows by age: each a part of the index by itself, whose rows need no looking at."""
    counted: list[QuerySet[Any, tuple[int, int, datetime.datetime]]] = [
        rows()
        .filter(Q(**{f"{moment}__lte": low}), Q(**{f"{moment}__gt": high}) if high else Q())
        .order_by()
        .values(age=Value(age))
        .annotate(number=Count("*"), since=Min(moment))
        .values_list("age", "number", "since")
        for age, (low, high) in enumerate(zip_longest(since, since[1:]))
    ]
    return counted[0].union(*counted[1:], all=True)


_held_by_age, _changed_by_age = (
    Prepared(partial(_by_age, rows, moment), *[MOMENT] * len(AGES))
    for rows, moment in (
        (lambda: Comment.objects.filter(status=Status.PENDING), "status_since"),
        (_new_words, "at"),
    )
)


def longest_waiting() -> Comment | None:
    """Return the comment that has waited longest for a decision: two queries."""
    held = Comment.objects.filter(status=Status.PENDING).order_by("status_since", "pk").first()
    changed = _new_words().select_related("comment").order_by("at").first()
    if held and changed:
        return changed.comment if changed.at < held.status_since else held
    return changed.comment if changed else held


def decisions() -> QuerySet[ModerationEvent]:
    """Return every decision that stands, by whomever; what came in and was settled at once too.

    One undone and redone stands again, however its undoings were undone (twice at most).
    """
    back = "undone_by__undone_by"
    stands = (
        Q(undone_by=None)
        | Q(**{f"{back}__isnull": False, f"{back}__undone_by": None})
        | Q(**{f"{back}__{back}__isnull": False})
    )
    changed = ModerationEvent.objects.exclude(from_status=F("to_status"))
    return changed.alias(undoes_pk=_UNDOES).filter(stands, undoes_pk=0).order_by()


@dataclass(frozen=True)
class Day:
    """How many comments were approved and how many found to be spam on one day."""

    date: datetime.date
    approved: int
    spam: int


def days() -> list[Day]:
    """Return the last 30 days, oldest first, with today: one query.

    A comment counts once a day and state, whoever decided, the filter included; one purged since
    counts as long as its event does.
    """
    today = timezone.localdate()
    dates = [today - datetime.timedelta(days=back) for back in reversed(range(DAYS_SHOWN))]
    found = _decided_by_day(*map(_begin, dates))
    counts = {(dates[nth], status): count for nth, status, count in found}
    return [
        Day(date, counts.get((date, Status.APPROVED), 0), counts.get((date, Status.SPAM), 0))
        for date in dates
    ]


def _begin(date: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(date, datetime.time.min))


def _by_day(*begins: datetime.datetime) -> "QuerySet[ModerationEvent, tuple[int, str, int]]":
    """Count decisions by day, as its number, and state; ``begins`` is when each of the days does."""
    recent = decisions().filter(at__gte=begins[0], to_status__in=[Status.APPROVED, Status.SPAM])
    counted = recent.values(day=_day_of(begins), state=F("to_status"))
    # Of a comment that has been purged since, each event counts.
    comments = Count(Coalesce("comment_id", -F("pk")), distinct=True)
    return counted.annotate(count=comments).values_list("day", "state", "count")


def _day_of(begins: Sequence[datetime.datetime], first: int = 0) -> "Case | Value":
    """Return on which of these days an event was, halving them: truncating would have SQLite ask Python."""
    if len(begins) == 1:
        return Value(first)
    half = len(begins) // 2
    later = When(at__gte=begins[half], then=_day_of(begins[half:], first + half))
    return Case(later, default=_day_of(begins[:half], first))


_decided_by_day = Prepared(_by_day, *[MOMENT] * DAYS_SHOWN)


@dataclass(frozen=True)
class Record:
    """How the filter's opinions fared with moderators: numbers of comments."""

    decided: int = 0  # all that were looked at, with an opinion or without
    spam_suspected: int = 0
    spam_missed: int = 0
    fine_suspected: int = 0
    fine_passed: int = 0

    @property
    def judged(self) -> int:
        """Those that the filter had an opinion about."""
        return self.spam_suspected + self.spam_missed + self.fine_suspected + self.fine_passed

    @property
    def precision(self) -> float | None:
        """Of what the filter suspected, the share that moderators found to be spam; 0 to 1."""
        suspected = self.spam_suspected + self.fine_suspected
        return self.spam_suspected / suspected if suspected else None

    @property
    def agreement(self) -> float | None:
        """The share of its opinions that moderators shared; 0 to 1."""
        return (self.spam_suspected + self.fine_passed) / self.judged if self.judged else None


def record() -> Record:
    """Compare the filter's opinions with the last 200 decisions of moderators: one query.

    The verdict is *spam* where a moderator marked it so, and *fine* where one approved it or took
    it out of spam; trash says nothing. Of a comment decided about twice only the last verdict
    counts. The opinion is the score the comment had when it was decided about, or else the one given
    just before the decision was learned (``Lesson.score_before``); from 0.5 it is a suspicion.
    """
    by_hand = decisions().filter(_is_verdict(), actor__isnull=False).order_by("-pk")
    score = Coalesce("score", "comment__lesson__score_before")
    rows = by_hand.values_list("pk", "comment_id", "to_status", score)[:DECISIONS_MEASURED]
    last: dict[int, tuple[str, float | None]] = {}
    for pk, comment, status, opinion in rows:
        last.setdefault(comment or -pk, (status, opinion))
    return _tally(last.values())


def _is_verdict() -> Q:
    return Q(to_status__in=[Status.SPAM, Status.APPROVED]) | Q(from_status=Status.SPAM) & Q(
        to_status=Status.PENDING
    )


def _tally(verdicts: Iterable[tuple[str, float | None]]) -> Record:
    all_of_them = list(verdicts)
    pairs = [
        (status == Status.SPAM, score >= SUSPECTED_FROM)
        for status, score in all_of_them
        if score is not None
    ]
    return Record(
        decided=len(all_of_them),
        spam_suspected=pairs.count((True, True)),
        spam_missed=pairs.count((True, False)),
        fine_suspected=pairs.count((False, True)),
        fine_passed=pairs.count((False, False)),
    )


@dataclass(frozen=True)
class OwnActs:
    """What the filter sent to spam in the last 30 days, and what moderators took back of it."""

    binned: int
    taken_back: int


def own_acts() -> OwnActs:
    """Count what the filter itself sent to spam: one query.

    Taken back is what a moderator approved, held or restored out of spam since: false positives.
    """
    since = timezone.now() - datetime.timedelta(days=DAYS_SHOWN)
    rescue = decisions().filter(
        comment=OuterRef("comment"),
        actor__isnull=False,
        from_status=Status.SPAM,
        to_status__in=[Status.APPROVED, Status.PENDING],
    )
    binned = ModerationEvent.objects.alias(actor_pk=_ACTOR).filter(
        at__gte=since,
        actor_pk=0,
        to_status=Status.SPAM,
        reasons__0__startswith=FILTER_SAYS,
    )
    found = binned.aggregate(all=Count("pk"), back=Count("pk", filter=Exists(rescue)))
    return OwnActs(found["all"], found["back"])
