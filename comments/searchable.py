"""Responses in the search of ``articles.search``: what is approved, by its words and its author's name."""

from collections.abc import Iterable

from django.db.models import F, Q, QuerySet
from django.utils.html import escape

from articles.models import is_published
from articles.search.sources import COMMENT, Field, Result, Source
from comments.models import Comment, CommentQuerySet


def _shown() -> CommentQuerySet:
    # Joined, for what the index found is looked up one by one: EXISTS made SQLite's search a twelfth slower.
    return Comment.objects.approved().in_words().filter(Q(is_published(of="article__")))


def _visible() -> "QuerySet[Comment, dict[str, object]]":
    named = _shown().order_by().annotate(hit=F("pk"), moment=F("created_at"), name=F("author_name"))
    return named.values("hit", "moment", "name")


def _results(keys: Iterable[int]) -> dict[int, Result]:
    found = Comment.objects.filter(pk__in=keys).select_related("article")
    return {comment.pk: _result(comment) for comment in found}


def _result(comment: Comment) -> Result:
    return Result(
        "comment",
        comment.article.title,
        comment.get_absolute_url(),
        comment.created_at,
        # A reply's HTML was sanitised when it was stored; the words of a page are text.
        comment.text_html if comment.is_reply else escape(comment.text),
        comment.author_name,
        comment.article.language,
    )


RESPONSES = Source(
    "comment",
    "comments_comment",
    "{row}.status = 'approved' AND {row}.response_type NOT IN ('like', 'repost')",
    ("status", "response_type"),
    (Field("comment", ("author_name", "text"), COMMENT),),
    _visible,
    _results,
)
