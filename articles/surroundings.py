"""What the page of an article shows of others: older and newer, its series, and what is related.

One query for all of it, in which each list is bounded: it takes the same whatever the size of the blog.
"""

import datetime
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection
from django.db.models import F
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from articles import belongings
from articles.belongings import Belongings
from articles.models import Article, ArticleQuerySet, Series, Tag, TagListing, article_path
from articles.prepared import MOMENT, NUMBER, Prepared

if TYPE_CHECKING:
    from django.db.models import QuerySet

RELATED = 4
# Of each tag so many of the newest are looked at.
LOOKED_AT = 12
MOST_TAGS = 8
# Beyond so many parts a series is only named.
MOST_PARTS = 300


class Other(NamedTuple):
    """Another article, as much of it as a link says."""

    pk: int
    title: str
    slug: str
    language: str
    # As the database has it: to compare with others.
    published_at: Any

    def get_absolute_url(self) -> str:
        return article_path(self.slug)


@dataclass(frozen=True)
class Place:
    """The place of an article in its series."""

    series: Series
    parts: Sequence[Other] = ()
    # Its index among them; none where there are too many, or the article is a draft.
    index: int | None = None

    @property
    def number(self) -> int:
        return (self.index or 0) + 1

    @property
    def of(self) -> int:
        return len(self.parts)

    @property
    def previous(self) -> Other | None:
        return self.parts[self.index - 1] if self.index else None

    @property
    def next(self) -> Other | None:
        after = None if self.index is None else self.index + 1
        return self.parts[after] if after is not None and after < len(self.parts) else None


@dataclass(frozen=True)
class Surroundings:
    """What stands beside an article."""

    tags: Sequence[Tag] = ()
    older: Other | None = None
    newer: Other | None = None
    place: Place | None = None
    related: Sequence[Other] = field(default_factory=list)
    # When the next article of all will be seen: until then all this is true by itself.
    appears: datetime.datetime | None = None


def of(
    article: Article, now: datetime.datetime | None = None, own: Belongings | None = None
) -> Surroundings:
    """Return what stands beside an article, now or at that moment: one query, and one for what is its own.

    Beside a draft nothing stands but what it names itself.
    """
    own = own or belongings.of(article)
    tags = own.tags
    if not article.is_published:
        place = Place(own.series) if own.series else None
        return Surroundings(tags, place=place)
    found = _together(_lists(article, tags, now or timezone.now()))
    place = _place(article, own.series, found.get("series", []))
    older, newer = (next(iter(found[side]), None) for side in ("older", "newer"))
    beside = {other.pk for other in (older, newer) if other}
    if place:
        parts = {other.pk for other in (place.previous, place.next) if other}
        # What stands there as the previous or next part is not told twice.
        older, newer = (None if side and side.pk in parts else side for side in (older, newer))
        beside |= parts
    related = _related(article, tags, found, beside)
    appears = next((_moment(other.published_at) for other in found["scheduled"]), None)
    return Surroundings(tags, older, newer, place, related, appears)


def _moment(stored: Any) -> datetime.datetime | None:
    # SQLite has moments as text, or without a zone, in UTC.
    found = stored if isinstance(stored, datetime.datetime) else parse_datetime(stored)
    return found if found is None or found.tzinfo else found.replace(tzinfo=datetime.UTC)


def _lists(
    article: Article, tags: Sequence[Tag], now: datetime.datetime
) -> dict[str, tuple[str, list[Any]]]:
    """Return the query for each list by its name, and its parameters."""
    lists = {
        "older": _older.sql(article.published_at, article.pk, now),
        "newer": _newer.sql(article.published_at, article.pk, now),
        "scheduled": _scheduled.sql(now),
    }
    if article.series_id:
        lists["series"] = _of_series.sql(article.series_id, now)
    return lists | {str(tag.pk): _of_tag.sql(tag.pk, now) for tag in _rarest(tags)}


def _as_others(articles: ArticleQuerySet, most: int) -> "QuerySet[Any, Any]":
    return articles.values_list(*Other._fields)[:most]


def _beside(moment: datetime.datetime, pk: int) -> Article:
    return Article(pk=pk, published_at=moment)


# The nearer bound first, see ``ArticleQuerySet.before()``.
_older = Prepared(
    lambda moment, pk, now: _as_others(
        Article.objects.before(_beside(moment, pk)).published(now), 1
    ),
    *(MOMENT, NUMBER, MOMENT),
)
_newer = Prepared(
    lambda moment, pk, now: _as_others(
        Article.objects.after(_beside(moment, pk)).published(now), 1
    ),
    *(MOMENT, NUMBER, MOMENT),
)
_scheduled = Prepared(lambda now: _as_others(Article.objects.scheduled(now), 1), MOMENT)
_of_series = Prepared(
    lambda series, now: _as_others(
        Article.objects.filter(series=series).published(now).in_order(), MOST_PARTS + 1
    ),
    *(NUMBER, MOMENT),
)
_of_tag = Prepared(
    lambda tag, now: (
        TagListing.objects.filter(tag=tag)
        .published(now)
        .newest_first()
        .values_list(
            F("article_id"),
            F("article__title"),
            F("article__slug"),
            F("article__language"),
            "published_at",
        )
    )[:LOOKED_AT],
    *(NUMBER, MOMENT),
)


def _rarest(tags: Iterable[Tag]) -> list[Tag]:
    return sorted(tags, key=lambda tag: (tag.listed, tag.pk))[:MOST_TAGS]


def _place(article: Article, series: Series | None, parts: list[Other]) -> Place | None:
    if series is None:
        return None
    if len(parts) > MOST_PARTS:
        return Place(series)
    pks = [part.pk for part in parts]
    return Place(series, parts, pks.index(article.pk) if article.pk in pks else None)


def _related(
    article: Article, tags: Sequence[Tag], found: dict[str, list[Other]], beside: set[int]
) -> list[Other]:
    """Return those that have most in common with it: what few share counts more; then the newest."""
    weights: dict[int, float] = defaultdict(float)
    others: dict[int, Other] = {}
    weighed = [(str(tag.pk), tag.listed) for tag in _rarest(tags)]
    if article.series_id:
        weighed.append(("series", len(found["series"])))
    for name, shared_by in weighed:
        for other in found[name]:
            weights[other.pk] += 1 / math.log2(2 + shared_by)
            others[other.pk] = other
    for pk in (article.pk, *beside):
        others.pop(pk, None)
    nearest = sorted(
        others.values(), key=lambda other: (other.published_at, other.pk), reverse=True
    )
    return sorted(nearest, key=lambda other: -round(weights[other.pk], 6))[:RELATED]


def _together(lists: dict[str, tuple[str, list[Any]]]) -> dict[str, list[Other]]:
    """Ask for several lists with one query."""
    parts = [
        f"SELECT {nth} AS list, l{nth}.* FROM ({sql}) AS l{nth}"  # noqa: S608 - Django's own
        for nth, (sql, _) in enumerate(lists.values())
    ]
    given = [value for _, values in lists.values() for value in values]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), given)
        rows_found = cursor.fetchall()
    names = list(lists)
    found: dict[str, list[Other]] = {name: [] for name in names}
    for nth, *row in rows_found:
        found[names[nth]].append(Other(*row))
    return found
