"""Linkbacks that say nearly the same and wait: one row of the queue, one decision."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from comments.models import Comment, Kind, Status
from comments.untrusted import web_address

FOLDED = Q(status=Status.PENDING) & ~Q(kind=Kind.REPLY)
MOST_SHOWN = 50
# Each takes its own conditional update and event: what is beyond this stays as a row.
MOST_DECIDED = 1_000


@dataclass(frozen=True)
class Fold:
    """The comments behind a row, apart from the one that is shown."""

    others: int
    youngest: int
    listed: list[Comment]

    @property
    def unlisted(self) -> int:
        return self.others - len(self.listed)

    @property
    def sources(self) -> list[tuple[Comment, str]]:
        """Each with the address of its page, as far as a browser may be led there."""
        return [(comment, web_address(comment.author_url)) for comment in self.listed]


def is_folded(comment: Comment) -> bool:
    return comment.status == Status.PENDING and not comment.is_reply


def one_of_each(comments: QuerySet[Comment]) -> QuerySet[Comment]:
    """Return of those that say nearly the same only the one that came first."""
    same = comments.filter(FOLDED, look_alike=OuterRef("look_alike"))
    # One step in an index for each that waits: to group them all takes the whole table.
    came_before = same.filter(pk__lt=OuterRef("pk")).select_related(None).order_by()
    return comments.filter(~FOLDED | ~Exists(came_before))


def folds(comments: Iterable[Comment]) -> dict[int, Fold]:
    """Return what is folded behind these comments, with one query."""
    shown = {comment.look_alike: comment.pk for comment in comments if is_folded(comment)}
    group = F("look_alike")
    members: Iterable[Any] = (
        Comment.objects.filter(FOLDED, look_alike__in=shown)
        .exclude(pk__in=shown.values())
        .annotate(
            place=Window(RowNumber(), group, order_by="pk"),
            others=Window(Count("pk"), group),
            youngest=Window(Max("pk"), group),
        )
        .filter(place__lte=MOST_SHOWN)
        .defer("text_html")
        .order_by("pk")
    )
    found: dict[int, Fold] = {}
    for member in members:
        empty = Fold(member.others, member.youngest, [])
        found.setdefault(shown[member.look_alike], empty).listed.append(member)
    return found


def unfold(comments: Iterable[Comment], seen: Mapping[int, int]) -> list[Comment]:
    """Return the comments with those that were folded behind them when the page was shown."""
    rows = list(comments)
    groups = {row.look_alike: seen[row.pk] for row in rows if row.pk in seen and is_folded(row)}
    behind = (
        Comment.objects.filter(FOLDED, look_alike__in=groups)
        .exclude(pk__in=[row.pk for row in rows])
        .order_by("pk")
    )
    members = [one for one in behind[:MOST_DECIDED] if one.pk <= groups[one.look_alike]]
    return rows + members
