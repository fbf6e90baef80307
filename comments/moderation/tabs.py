"""The tabs above the queue: state, kind and order, and what only like something else is shown."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, cast

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from articles.paging import as_read, count_each_to
from comments.models import Comment, CommentQuerySet, Kind, Proposal, Status
from comments.moderation import likeness

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin
    from django_stubs_ext import StrOrPromise

EVERYTHING = "all"


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

    title = _("state")
    parameter_name = "status"

    def lookups(
        self, request: HttpRequest, model_admin: "ModelAdmin[Any]"
    ) -> Iterable[tuple[str, str]]:
        lists: dict[str, QuerySet[Any]] = {
            value: Comment.objects.filter(status=value) for value in Status.values
        }
        # What waits, in two parts: for an “or” PostgreSQL would look through all that is approved.
        changed = Proposal.objects.filter(comment__status=Status.APPROVED)
        numbers = count_each_to({**lists, "changed": changed, EVERYTHING: Comment.objects.all()})
        numbers[Status.PENDING] += numbers["changed"]
        for value, label in [*Status.choices, (EVERYTHING, pgettext("comments", "All"))]:
            yield value, f"{label} ({as_read(numbers[value])})"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Comment]) -> QuerySet[Comment]:
        status = shown_status(request)
        # “Or” keeps the database from reading in the order of an index: all that wait would be sorted.
        if status == Status.PENDING and Proposal.objects.exists():
            return cast(CommentQuerySet, queryset).waiting()
        return queryset if status == EVERYTHING else queryset.filter(status=status)


class KindTabs(Tabs):
    """All kinds | Reply | Pingback | …"""

    title = _("kind")
    parameter_name = "kind"

    def lookups(
        self, request: HttpRequest, model_admin: "ModelAdmin[Any]"
    ) -> Iterable[tuple[str, str]]:
        return [("", gettext("All kinds")), *((value, str(label)) for value, label in Kind.choices)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Comment]) -> QuerySet[Comment]:
        if self.value() not in Kind.values:
            return queryset
        if self.value() != Kind.REPLY:
            # Said as the index says it, or SQLite does not see that it fits.
            queryset = queryset.exclude(kind=Kind.REPLY)
        return queryset.filter(kind=self.value())


class OrderTabs(Tabs):
    """The order of the list, as far as the open tab allows a choice."""

    title = _("order")
    parameter_name = "order"

    def lookups(
        self, request: HttpRequest, model_admin: "ModelAdmin[Any]"
    ) -> Iterable[tuple[str, str]]:
        return [(name, str(label)) for name, (label, fields) in orders(request).items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Comment]) -> QuerySet[Comment]:
        return queryset  # ordered by the admin itself, after all filters


class LikeFilter(SimpleListFilter):
    """Only what is like a comment, when its row's menu led here; names itself above the list."""

    title = _("likeness")
    parameter_name = likeness.PARAMETER
    template = "admin/comments/comment/like.html"
    like: likeness.Likeness | None = None

    def lookups(
        self, request: HttpRequest, model_admin: "ModelAdmin[Any]"
    ) -> Iterable[tuple[str, str]]:
        return ()

    def has_output(self) -> bool:
        return bool(self.value())

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:  # type: ignore[override]
        yield {"query_string": changelist.get_query_string(remove=[self.parameter_name])}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Comment]) -> QuerySet[Comment]:
        self.like = likeness.named(self.value() or "")
        if self.like is None:
            return queryset.none()
        status = shown_status(request)
        alike = queryset if status == EVERYTHING else queryset.filter(status=status)
        return self.like.among(alike)


TABS = (StatusTabs, KindTabs, OrderTabs, LikeFilter)

Orders = dict[str, tuple["StrOrPromise", tuple[str, ...]]]

_UNSURE = ("-doubt", "created_at", "pk")


def orders(request: HttpRequest) -> Orders:
    """Return the orders to choose from: name, label and fields; the first is the default.

    Pending: what the filter cannot decide needs a human most, and of those, who came first. In
    spam, that is also where good comments went by mistake. Elsewhere: what has just been decided is
    what one comes back for.
    """
    oldest: Orders = {"oldest": (_("Oldest first"), ("created_at", "pk"))}
    newest: Orders = {"newest": (_("Newest first"), ("-created_at", "-pk"))}
    status = shown_status(request)
    if status == Status.PENDING:
        return {"unsure": (_("Unsure first"), _UNSURE)} | oldest | newest
    if status == EVERYTHING:
        # By their numbers: an index by date of all that was ever said would serve nobody else.
        return {"newest": (_("Newest first"), ("-pk",)), "oldest": (_("Oldest first"), ("pk",))}
    decided: Orders = {"decided": (_("Last decided first"), ("-status_since", "-pk"))}
    if status == Status.SPAM:
        decided["unsure"] = (_("Least sure first"), _UNSURE)
    return decided | newest | oldest


def ordering(request: HttpRequest) -> tuple[str, ...]:
    """Return the fields to order by."""
    choices = orders(request)
    return choices.get(request.GET.get("order", ""), next(iter(choices.values())))[1]


def shown_status(request: HttpRequest) -> str:
    """Return the state whose tab is open, or ``EVERYTHING``; what nobody knows is “pending”."""
    wanted = request.GET.get("status", "")
    return wanted if wanted in {*Status.values, EVERYTHING} else Status.PENDING
