"""The queue as a list: what a page of it holds."""

from typing import Any, cast

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR, SEARCH_VAR, ChangeList
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import ngettext

from articles.paging import MOST_COUNTED, as_read, count_to
from comments.models import Comment, Status
from comments.moderation import drafts
from comments.moderation.answering import name_of
from comments.moderation.decisions import Verb, verbs_for
from comments.moderation.folding import MOST_DECIDED, one_of_each
from comments.moderation.rows import Row, rows
from comments.moderation.tabs import EVERYTHING, TABS, LikeFilter, shown_status


class CommentQueue(ChangeList):
    """Comments with all that a decision about them rests on, in a constant number of queries."""

    rows: list[Row]
    # Comments, however many rows they take; no further than one beyond ``MOST_COUNTED``.
    comment_count: int
    unfolded: QuerySet[Comment]
    # Whether a moderator who replies is asked what to be called.
    asks_name: bool
    # All that one decision can be about, when only what is alike is shown.
    alike: list[Comment]
    alike_verbs: list[Verb]

    def get_queryset(
        self, request: HttpRequest, exclude_parameters: Any = None
    ) -> QuerySet[Comment]:
        comments: QuerySet[Comment] = super().get_queryset(request, exclude_parameters)
        self.unfolded = comments.defer(
            "text_html", "article__body", "article__body_html", "parent__text_html"
        )
        return one_of_each(self.unfolded) if self._is_folding(request) else self.unfolded

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        """Return the parameters of the tabs: what else stands in an address is left aside.

        Nobody is refused a page, and no field spelled out letter by letter: private_key__startswith
        """
        given: dict[str, Any] = super().get_filters_params(params)
        known = {tab.parameter_name for tab in TABS}
        return {name: value for name, value in given.items() if name in known}

    def get_results(self, request: HttpRequest) -> None:
        try:
            super().get_results(request)
        except IncorrectLookupParameters:
            # The last comment of the last page has just been decided about.
            self.page_num = 1
            super().get_results(request)
        self.comment_count = count_to(self.unfolded)
        self.asks_name = not name_of(cast(User, request.user))
        self._gather_rows(request)
        self._gather_alike(request)

    def _gather_rows(self, request: HttpRequest) -> None:
        comments: list[Comment] = list(self.result_list)
        self.rows = rows(
            comments,
            may_moderate=self._may_moderate(request),
            is_folding=self._is_folding(request),
            drafts=_drafts(request, comments),
        )

    def _gather_alike(self, request: HttpRequest) -> None:
        self.alike, self.alike_verbs = [], []
        status = shown_status(request)
        if self._like is None or status == EVERYTHING or not self._may_moderate(request):
            return
        found = self.unfolded.select_related(None).only("status", "author_name", "text")
        self.alike = list(found.order_by("pk")[:MOST_DECIDED])
        self.alike_verbs = verbs_for(status)

    @property
    def are_all_alike(self) -> bool:
        """Whether a decision about all is about all: there may be more than it takes at once."""
        return len(self.alike) == self.comment_count

    @property
    def extent(self) -> str:
        """Such as “37 comments in 12 rows”."""
        comments, rows = self.comment_count, self.result_count
        found = ngettext("%(count)s comment", "%(count)s comments", comments)
        found %= {"count": as_read(comments)}
        if comments == rows or comments > MOST_COUNTED:
            return found
        both = ngettext("%(comments)s in %(count)s row", "%(comments)s in %(count)s rows", rows)
        return both % {"comments": found, "count": rows}

    @property
    def search_place(self) -> str:
        """Where a search is sent: here, without what was searched for and the page of that."""
        return self.get_query_string(remove=[SEARCH_VAR, PAGE_VAR])

    @property
    def _like(self) -> LikeFilter | None:
        return next((spec for spec in self.filter_specs if isinstance(spec, LikeFilter)), None)

    def _is_folding(self, request: HttpRequest) -> bool:
        return shown_status(request) == Status.PENDING and LikeFilter.parameter_name not in (
            request.GET
        )

    def _may_moderate(self, request: HttpRequest) -> bool:
        may: bool = self.model_admin.has_moderate_permission(request)  # type: ignore[attr-defined]
        return may


def _drafts(request: HttpRequest, comments: list[Comment]) -> dict[int, drafts.Draft]:
    """Take out what was typed; not for a bulk act, which makes a list before the page shows one."""
    pks = [comment.pk for comment in comments]
    return {} if request.method == "POST" else drafts.take(request, pks)
