"""What belongs to an article beside its text: its questions, tags and series, in one query."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Value

from articles.faq import FaqEntry
from articles.prepared import NUMBER, Prepared
from articles.topics import Series, Tag, by_letters

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from articles.models import Article

_QUESTION, _TAG, _SERIES = range(3)
_FIELDS = (
    *("pk", "position", "question", "answer", "answer_html"),
    *("anchor", "credit_name", "credit_anchor"),
)


@dataclass(frozen=True)
class Belongings:
    """As much of each as the page shows, each in its order."""

    questions: Sequence[FaqEntry]
    tags: Sequence[Tag]
    series: Series | None = None


def of(article: "Article") -> Belongings:
    """Return what belongs to the article and readers see."""
    rows = _rows(article.pk, article.pk, article.series_id or 0)
    of_kind: dict[int, list[Any]] = {kind: [] for kind in (_QUESTION, _TAG, _SERIES)}
    for kind, *row in sorted(rows, key=lambda row: (row[0], row[2], row[1])):
        of_kind[kind].append(row)
    tags = [
        Tag(pk=pk, listed=listed, name=name, slug=slug)
        for pk, listed, name, slug, *_ in of_kind[_TAG]
    ]
    series = [Series(pk=pk, name=name, slug=slug) for pk, _, name, slug, *_ in of_kind[_SERIES]]
    return Belongings(
        [
            FaqEntry(article=article, **dict(zip(_FIELDS, row, strict=True)))
            for row in of_kind[_QUESTION]
        ],
        sorted(tags, key=by_letters),
        series[0] if series else None,
    )


def _build(article: int, of_tags: int, series: int) -> "QuerySet[Any, Any]":
    nothing = [Value("")] * (len(_FIELDS) - 4)
    questions = FaqEntry.objects.published().filter(article=article)
    tags = Tag.objects.filter(articles=of_tags)
    named = Series.objects.filter(pk=series)
    return (
        questions.order_by()
        .values_list(Value(_QUESTION), *_FIELDS)
        .union(
            tags.order_by().values_list(Value(_TAG), "pk", "listed", "name", "slug", *nothing),
            named.order_by().values_list(Value(_SERIES), "pk", Value(0), "name", "slug", *nothing),
            all=True,
        )
    )


_rows = Prepared(_build, NUMBER, NUMBER, NUMBER)
