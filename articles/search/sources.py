"""What may be searched. ``articles`` says so of its own; other apps add theirs to ``sources``."""

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import F, QuerySet
from django.utils import timezone

from articles.models import Article, FaqEntry, is_published

if TYPE_CHECKING:
    Rows = QuerySet[Any, Any]

TITLE, HEADING, TEXT, COMMENT = 1, 2, 3, 4


@dataclass(frozen=True)
class Field:
    """Columns that are searched as one text, and what it counts: the lower ``rank`` comes first."""

    name: str
    columns: tuple[str, ...]
    rank: int

    @property
    def table(self) -> str:
        return f"search_{self.name}"


@dataclass(frozen=True)
class Result:
    """Something that was found, as it is shown: the plain text is where the snippet is taken from."""

    kind: str
    title: str
    url: str
    at: datetime.datetime
    html: str
    by: str = ""
    # In which it is written, if that is known.
    language: str = ""


@dataclass(frozen=True)
class Source:
    """A table whose rows are searched.

    ``indexed`` is SQL about ``{row}`` for what is in the index; whoever is shown what is decided by ``visible``, a
    query set with ``hit`` (the key), ``moment`` and ``name`` (what words of the search are compared with).
    The last of the fields holds all that is searched.
    """

    name: str
    table: str
    indexed: str
    # What ``indexed`` looks at.
    decisive: tuple[str, ...]
    fields: tuple[Field, ...]
    visible: "Callable[[], Rows]"
    # Returns what is shown of these rows, by their keys.
    results: Callable[[Iterable[int]], Mapping[int, Result]]

    @property
    def whole(self) -> Field:
        return self.fields[-1]


def _visible_articles() -> "Rows":
    shown = Article.objects.published().order_by()
    named = shown.annotate(hit=F("pk"), moment=F("published_at"), name=F("title"))
    return named.values("hit", "moment", "name")


def _articles(keys: Iterable[int]) -> dict[int, Result]:
    found = Article.objects.filter(pk__in=keys).select_related("author").defer("body")
    return {
        article.pk: Result(
            "article",
            article.title,
            article.get_absolute_url(),
            article.published_at or timezone.now(),
            article.body_html,
            article.byline,
            article.language,
        )
        for article in found
    }


def _visible_entries() -> "Rows":
    entries = FaqEntry.objects.published().filter(is_published(of="article__")).order_by()
    named = entries.annotate(hit=F("pk"), moment=F("article__published_at"), name=F("question"))
    return named.values("hit", "moment", "name")


def _entries(keys: Iterable[int]) -> dict[int, Result]:
    found = FaqEntry.objects.filter(pk__in=keys).select_related("article")
    return {
        entry.pk: Result(
            "question",
            entry.question,
            entry.get_absolute_url(),
            entry.article.published_at or timezone.now(),
            entry.answer_html,
            entry.article.title,
            entry.article.language,
        )
        for entry in found
    }


ARTICLES = Source(
    "article",
    "articles_article",
    "{row}.status = 'published'",
    ("status",),
    (
        Field("article_title", ("title",), TITLE),
        Field("article_headings", ("headings",), HEADING),
        Field("article", ("title", "headings", "summary", "body"), TEXT),
    ),
    _visible_articles,
    _articles,
)
QUESTIONS = Source(
    "faq",
    "articles_faqentry",
    "{row}.is_published",
    ("is_published",),
    (Field("faq_question", ("question",), HEADING), Field("faq", ("question", "answer"), TEXT)),
    _visible_entries,
    _entries,
)
sources: list[Source] = []
