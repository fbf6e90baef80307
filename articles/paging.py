"""Pages of long lists, whose time does not grow with the list.

Counting a hundred thousand rows, or skipping them, takes longer than showing ten of them. So counting ends
somewhere, the first pages have numbers, and further ones are named by the article that they follow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from django.core.paginator import Paginator
from django.db import connection
from django.db.models import QuerySet
from django.http import Http404, QueryDict
from django.utils.formats import number_format

from articles.models import Article
from articles.numbers import DIGITS_OF_A_ROW, whole_number

if TYPE_CHECKING:
    AnyPaginator = Paginator[Any]
else:
    AnyPaginator = Paginator

MOST_COUNTED = 10_000
NUMBERED_PAGES = 100


def count_to(rows: "QuerySet[Any, Any]", most: int = MOST_COUNTED) -> int:
    """Count the rows, but no further than one beyond ``most``."""
    return rows.order_by()[: most + 1].count()


def count_each_to(
    lists: "Mapping[str, QuerySet[Any, Any]]", most: int = MOST_COUNTED
) -> dict[str, int]:
    """Count several lists as ``count_to()`` does, with one query."""
    counts: list[str] = []
    values: list[Any] = []
    for number, rows in enumerate(lists.values()):
        sql, given = rows.order_by().values("pk")[: most + 1].query.sql_with_params()
        counts.append(f"(SELECT COUNT(*) FROM ({sql}) AS list{number})")  # noqa: S608 - Django's own
        values.extend(given)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(counts)}", values)
        return dict(zip(lists, cursor.fetchone(), strict=True))


def as_read(number: int, most: int = MOST_COUNTED) -> str:
    """Return a number that ``count_to()`` returned as it is read: “37”, or “10,000+”."""
    return (
        f"{number_format(most, use_l10n=True, force_grouping=True)}+"
        if number > most
        else str(number)
    )


class BoundedPaginator(AnyPaginator):
    """Counts no further than 10,000: what comes after is found by search and filters."""

    @cached_property
    def count(self) -> int:
        return min(MOST_COUNTED, count_to(self.object_list))  # type: ignore[arg-type]


@dataclass(frozen=True)
class IndexPage:
    """A page of a list of articles, with the addresses (queries) of those beside it."""

    articles: Sequence[Article]
    # Its own query: empty for the first.
    query: str = ""
    newer: str | None = None
    older: str | None = None
    # Of the first pages.
    number: int | None = None
    last: str = ""

    @property
    def has_others(self) -> bool:
        return self.newer is not None or self.older is not None


class Rows(Protocol):
    """Articles, or what stands for articles: see ``TagListingQuerySet``."""

    def published(self) -> "QuerySet[Any]": ...
    def before(self, article: Article) -> "Rows": ...
    def after(self, article: Article) -> "Rows": ...


def index_page(asked: QueryDict, size: int, rows: "Rows | None" = None) -> IndexPage | None:
    """Return the page asked for, of all articles or of these; None where it would be the first.

    The first page's address has no query. Raises ``Http404`` when there is no such page.
    """
    listed: Any = Article.objects.all() if rows is None else rows
    for name in ("before", "after"):
        if name in asked:
            end = _named(asked.get(name, ""))
            return (_older if name == "before" else _newer)(listed, end, size)
    return _numbered(listed, asked.get("page", "1"), size)


def _shown(rows: "QuerySet[Any]") -> list[Article]:
    """Return the articles of these rows with what lists show of them."""
    if rows.model is not Article:
        rows = Article.objects.filter(pk__in=list(rows.values_list("article_id", flat=True)))
        rows = rows.newest_first()
    shown = rows.select_related("author").defer("body", "headings", "contents_html")
    return list(shown.prefetch_related("tags"))


def _named(value: str) -> Article:
    number = whole_number(value, DIGITS_OF_A_ROW)
    found = Article.objects.published().filter(pk=number) if number else None
    end = found.only("published_at").first() if found else None
    if end is None:
        raise Http404("There is no such page of articles.")
    return end


def _numbered(listed: Any, value: str, size: int) -> IndexPage:
    number = whole_number(value, 5) or 0
    most = NUMBERED_PAGES * size
    rows = listed.published()
    total = count_to(rows, most)
    pages = max(1, -(-min(total, most) // size))
    if not 1 <= number <= pages:
        raise Http404("There is no such page of articles.")
    shown = _shown(rows.newest_first()[(number - 1) * size : number * size])
    older = f"?page={number + 1}" if number < pages else None
    if older is None and total > most and shown:
        older = f"?before={shown[-1].pk}"
    return IndexPage(
        shown,
        query=_numbered_query(number) or "",
        newer=_numbered_query(number - 1),
        older=older,
        number=number,
        last=f"{NUMBERED_PAGES}+" if total > most else str(pages),
    )


def _numbered_query(number: int) -> str | None:
    if number < 1:
        return None
    return f"?page={number}" if number > 1 else ""


def _older(listed: Any, end: Article, size: int) -> IndexPage:
    found = _shown(listed.before(end).published()[: size + 1])
    if not found:
        raise Http404("There is no such page of articles.")
    shown = found[:size]
    older = f"?before={shown[-1].pk}" if len(found) > size else None
    return IndexPage(shown, f"?before={end.pk}", f"?after={shown[0].pk}", older)


def _newer(listed: Any, end: Article, size: int) -> IndexPage | None:
    found = sorted(_shown(listed.after(end).published()[: size + 1]), key=_place, reverse=True)
    if len(found) <= size:
        return None
    shown = found[1:]
    return IndexPage(shown, f"?after={end.pk}", f"?after={shown[0].pk}", f"?before={shown[-1].pk}")


def _place(article: Article) -> tuple[Any, int]:
    return article.published_at, article.pk
