"""The queue as a list: its tabs, and everything a moderator needs to see in a row."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from comments.models import (
    Comment,
    CommentQuerySet,
    Kind,
    ModerationEvent,
    Proposal,
    ResponseType,
    Status,
)
from comments.moderation.blocking import host_of
from comments.moderation.decisions import Verb, new_words, verbs_about
from comments.moderation.differences import word_diff
from comments.moderation.folding import Fold, folds, one_of_each
from comments.rendering import link_hosts
from comments.untrusted import web_address

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

LONG = 600  # characters: what is longer, or has more lines, is folded up
LONG_LINES = 8
EVERYTHING = "all"
# Likes and reposts are only counted.
IN_WORDS = (ResponseType.MENTION, ResponseType.REPLY)


class Tabs(SimpleListFilter):
    """A filter shown above the list; its first choice is the one without a parameter."""

    template = "admin/comments/comment/tabs.html"

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:  # type: ignore[override]
        default = self.lookup_choices[0][0]
        for value, label in self.lookup_choices:
            parameter = {str(self.parameter_name): None if value == default else value}
            yield {
                "selected": value == (self.value() or default),
                "query_string": changelist.get_query_string(parameter),
                "display": label,
            }


class StatusTabs(Tabs):
    """Pending | Approved | Spam | Trash | All, each with its number of comments."""

    title = "state"
    parameter_name = "status"

    def lookups(
        self, request: HttpRequest, model_admin: "ModelAdmin[Any]"
    ) -> Iterable[tuple[str, str]]:
        per_status = dict(Comment.objects.order_by().values_list("status").annotate(Count("pk")))
        everything = sum(per_status.values())
        per_status[Status.PENDING] = Comment.objects.waiting().count()
        for value, label in Status.choices:
            yield value, f"{label} ({per_status.get(value, 0)})"
        yield EVERYTHING, f"All ({everything})"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Comment]) -> QuerySet[Comment]:
        status = shown_status(request)
        if status == Status.PENDING:
            return cast(CommentQuerySet, queryset).waiting()
        return queryset if status == EVERYTHING else queryset.filter(status=status)


class KindTabs(Tabs):
    """All kinds | Reply | Pingback | …"""

    title = "kind"
    parameter_name = "kind"

    def lookups(
        self, request: HttpRequest, model_admin: "ModelAdmin[Any]"
    ) -> Iterable[tuple[str, str]]:
        return [("", "All kinds"), *((value, str(label)) for value, label in Kind.choices)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Comment]) -> QuerySet[Comment]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class OrderTabs(Tabs):
    """The order of the list, as far as the open tab allows a choice."""

    title = "order"
    parameter_name = "order"

    def lookups(
        self, request: HttpRequest, model_admin: "ModelAdmin[Any]"
    ) -> Iterable[tuple[str, str]]:
        return [(name, label) for name, (label, _) in orders(request).items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Comment]) -> QuerySet[Comment]:
        return queryset  # ordered by the admin itself, after all filters


Orders = dict[str, tuple[str, tuple[str, str]]]


def orders(request: HttpRequest) -> Orders:
    """Return the orders to choose from: name, label and fields; the first is the default.

    Pending: who came first is answered first, and nobody waits for ever. Elsewhere: what has just
    been decided is what one comes back for.
    """
    oldest = {"oldest": ("Oldest first", ("created_at", "pk"))}
    newest = {"newest": ("Newest first", ("-created_at", "-pk"))}
    if shown_status(request) == Status.PENDING:
        return oldest | newest
    return {"decided": ("Last decided first", ("-status_since", "-pk"))} | newest | oldest


def ordering(request: HttpRequest) -> tuple[str, str]:
    """Return the fields to order by."""
    choices = orders(request)
    _, fields = choices.get(request.GET.get("order", ""), next(iter(choices.values())))
    return fields


def shown_status(request: HttpRequest) -> str:
    """Return the state whose tab is open, or ``EVERYTHING``; what nobody knows is “pending”."""
    wanted = request.GET.get("status", "")
    return wanted if wanted in {*Status.values, EVERYTHING} else Status.PENDING


def place_of(comment: Comment) -> str:
    """Return where readers see the comment; the article's address if they don't see its words."""
    is_shown = comment.status == Status.APPROVED and comment.response_type in IN_WORDS
    return comment.get_absolute_url() if is_shown else comment.article.get_absolute_url()


@dataclass(frozen=True)
class Row:
    """A comment as the queue shows it."""

    comment: Comment
    last_event: ModerationEvent | None
    verbs: list[Verb]
    # The row that a decision about this one leads to.
    following: int | None
    fold: Fold | None

    @property
    def is_long(self) -> bool:
        return len(self.comment.text) > LONG or self.comment.text.count("\n") > LONG_LINES

    @property
    def link_hosts(self) -> tuple[str, ...]:
        return link_hosts(self.comment.text)

    @property
    def website(self) -> str:
        return web_address(self.comment.author_url)

    @property
    def website_host(self) -> str:
        return urlsplit(self.website).hostname or ""

    @property
    def place(self) -> str:
        return place_of(self.comment)

    @property
    def source_host(self) -> str:
        return host_of(self.comment)

    @property
    def change(self) -> "Change | None":
        words = new_words(self.comment)
        return Change(self.comment, words) if words else None


@dataclass(frozen=True)
class Change:
    """What the page behind a comment says now, beside what is shown of it."""

    comment: Comment
    words: Proposal

    @property
    def name(self) -> SafeString | None:
        """The names, where they differ."""
        if self.comment.author_name == self.words.author_name:
            return None
        return word_diff(self.comment.author_name, self.words.author_name)

    @property
    def text(self) -> SafeString:
        return word_diff(self.comment.text, self.words.text)


class CommentQueue(ChangeList):
    """Comments with all that a decision about them rests on, in a constant number of queries."""

    rows: list[Row]
    # Comments, however many rows they take.
    comment_count: int
    unfolded: QuerySet[Comment]

    def get_queryset(
        self, request: HttpRequest, exclude_parameters: Any = None
    ) -> QuerySet[Comment]:
        comments: QuerySet[Comment] = super().get_queryset(request, exclude_parameters)
        self.unfolded = comments.defer(
            "text_html", "article__body", "article__body_html", "parent__text_html"
        )
        is_folding = shown_status(request) == Status.PENDING
        return one_of_each(self.unfolded) if is_folding else self.unfolded

    def get_results(self, request: HttpRequest) -> None:
        try:
            super().get_results(request)
        except IncorrectLookupParameters:
            # The last comment of the last page has just been decided about.
            self.page_num = 1
            super().get_results(request)
        self.comment_count = self.unfolded.count()
        may_moderate = self.model_admin.has_moderate_permission(request)  # type: ignore[attr-defined]
        is_folding = shown_status(request) == Status.PENDING
        self.rows = rows(list(self.result_list), may_moderate=may_moderate, is_folding=is_folding)


def row(comment: Comment, *, may_moderate: bool) -> Row:
    """Return one comment as the queue would show it, on its own page."""
    verbs = verbs_about(comment) if may_moderate else []
    return Row(comment, last_event=None, verbs=verbs, following=None, fold=None)


def rows(comments: list[Comment], *, may_moderate: bool, is_folding: bool) -> list[Row]:
    """Return the rows for these comments, with two queries."""
    events = (
        ModerationEvent.objects.filter(comment__in=comments).select_related("actor").order_by("pk")
    )
    last = {event.comment_id: event for event in events}
    behind = folds(comments) if is_folding else {}
    # From the last row the way leads up.
    following: list[int | None] = [comment.pk for comment in [*comments[1:], *comments[-2:-1]]]
    following += [None] * (len(comments) - len(following))
    return [
        Row(
            comment,
            last.get(comment.pk),
            verbs_about(comment) if may_moderate else [],
            after,
            behind.get(comment.pk),
        )
        for comment, after in zip(comments, following, strict=True)
    ]
