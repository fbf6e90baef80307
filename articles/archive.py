"""Articles by year and month, in the site's time zone."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import connection
from django.urls import reverse
from django.utils import timezone

from articles import paging
from articles.models import Article

MOST_YEARS = 100
# Beyond it a number is “100+”: counting the rest would take longer on a larger site.
MOST_COUNTED = 100


@dataclass(frozen=True)
class Period:
    """A year, or a month of it."""

    year: int
    month: int | None = None

    @cached_property
    def bounds(self) -> tuple[datetime.datetime, datetime.datetime]:
        """The moment at which it begins, and that at which it is over.

        Raises ``ValueError`` or ``OverflowError`` for what no calendar has.
        """
        last = self.month in (None, 12)
        start = _midnight(self.year, self.month or 1)
        end = _midnight(self.year + 1, 1) if last else _midnight(self.year, (self.month or 0) + 1)
        return start, end

    @property
    def first_day(self) -> datetime.date:
        return datetime.date(self.year, self.month or 1, 1)

    def get_absolute_url(self) -> str:
        return reverse("archive_month" if self.month else "archive_year", args=self._parts)

    @property
    def _parts(self) -> list[int]:
        return [self.year, self.month] if self.month else [self.year]


@dataclass(frozen=True)
class Count:
    """A month, and how many articles it has, as it is read: “37”, or “100+”."""

    period: Period
    articles: str


@dataclass(frozen=True)
class Year:
    """A year and those of its months that have articles."""

    period: Period
    months: list[Count]


def years() -> list[Year]:
    """Return the years that have articles, the latest first."""
    found = list(_years())
    counts = _counted([Period(year, month) for year in found for month in _BACKWARDS])
    return [
        Year(Period(year), [count for count in counts if count.period.year == year])
        for year in found
    ]


def months_of(year: int) -> list[Count]:
    """Return the months of a year that have articles, in order."""
    return _counted([Period(year, month) for month in reversed(_BACKWARDS)])


_BACKWARDS = range(12, 0, -1)


def _years() -> Iterator[int]:
    """Go from year to year by the index: a step for each, however many articles it has."""
    before = None
    for _ in range(MOST_YEARS):
        # The nearer bound first, see ``ArticleQuerySet.before()``.
        older = Article.objects.filter(published_at__lt=before) if before else Article.objects.all()
        newest = older.published().newest_first()
        moment = newest.values_list("published_at", flat=True).first()
        if moment is None:
            return
        year = timezone.localtime(moment).year
        yield year
        before = Period(year).bounds[0]


def _counted(periods: list[Period]) -> list[Count]:
    """Count the articles of each month, with one query, and leave out months without any."""
    if not periods:
        return []
    sql, given = _count_of(periods[0])
    first = [_in_database(moment) for moment in periods[0].bounds]
    values: list[Any] = []
    for period in periods:
        # The same for each month, but for where it begins and ends.
        bounds = dict(zip(first, map(_in_database, period.bounds), strict=True))
        values += [bounds.get(value, value) for value in given]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join([sql] * len(periods))}", values)
        numbers = cursor.fetchone()
    return [
        Count(period, paging.as_read(number, MOST_COUNTED))
        for period, number in zip(periods, numbers, strict=True)
        if number
    ]


def _count_of(period: Period) -> tuple[str, tuple[object, ...]]:
    # The month said first: by “now”, SQLite would go through all that came after a month without any.
    articles = Article.objects.within(*period.bounds).published().order_by()
    sql, given = articles.values("pk")[: MOST_COUNTED + 1].query.sql_with_params()
    return f"(SELECT COUNT(*) FROM ({sql}) AS counted)", given  # noqa: S608 - Django's own


def _in_database(moment: datetime.datetime) -> object:
    return connection.ops.adapt_datetimefield_value(moment)


def _midnight(year: int, month: int) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime(year, month, 1))  # noqa: DTZ001 - made aware here
