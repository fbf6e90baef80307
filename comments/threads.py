"""The order in which responses are shown: threads, as nested lists."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db.models import Case, Count, F, When

from articles.models import Article
from comments.models import Comment

MAX_DEPTH = 5  # as WordPress: deeper replies stay at this depth and name whom they answer
PHONE_DEPTH = 3  # on a narrow screen the indent ends earlier


@dataclass(eq=False)
class Response:
    """One approved comment at its place in the thread."""

    comment: Comment
    depth: int = 1
    # Set when the place in the list may not show whom it answers: never on a wide screen for
    # depths up to MAX_DEPTH, on a narrow one up to PHONE_DEPTH.
    in_reply_to: Comment | None = None
    is_below_max_depth: bool = False
    has_replies: bool = False
    # When the link behind a pingback, trackback or webmention was last seen.
    link_checked_at: datetime.datetime | None = None
    # Where the FAQ of the article answers it.
    faq_anchor: str = ""
    # How many nested lists end after this one.
    closes: range = field(default_factory=lambda: range(0))


def responses(article: Article) -> list[Response]:
    """Return the article's approved responses in reading order; two queries however many there are."""
    said = article.comments.approved().in_words().oldest_first()
    shown_entry = When(faq_origin__entry__is_published=True, then="faq_origin__entry__anchor")
    # The companion's column by its name: comments know nothing else of linkbacks.
    beside = {"link_checked_at": F("linkback__verified_at"), "faq_anchor": Case(shown_entry)}
    approved = list(said.annotate(**beside))
    return arrange(approved, _hidden_parents(article, approved))


def reactions(article: Article) -> dict[str, int]:
    """Return how many likes and reposts the article has: counted, not shown one by one."""
    counted = article.comments.approved().exclude(response_type__in=["mention", "reply"])
    return dict(
        counted.values_list("response_type").annotate(Count("pk")).order_by("response_type")
    )


def _hidden_parents(article: Article, approved: list[Comment]) -> dict[int, int | None]:
    """Return the parent of each comment that is not shown, where a shown one hangs below it."""
    shown = {comment.pk for comment in approved}
    if all(comment.parent_id is None or comment.parent_id in shown for comment in approved):
        return {}
    hidden = article.comments.exclude(pk__in=article.comments.approved().values("pk"))
    return dict(hidden.filter(children__isnull=False).values_list("pk", "parent_id"))


def arrange(approved: Iterable[Comment], hidden: dict[int, int | None]) -> list[Response]:
    """Arrange comments, oldest first, into threads; below a hidden one, its nearest shown ancestor counts."""
    by_pk = {comment.pk: comment for comment in approved}
    replies: dict[int | None, list[Comment]] = defaultdict(list)
    for comment in by_pk.values():
        replies[_shown_ancestor(comment.parent_id, by_pk, hidden)].append(comment)
    arranged = list(_walk(replies))
    _mark_ends(arranged)
    return arranged


def _shown_ancestor(
    parent: int | None, shown: dict[int, Comment], hidden: dict[int, int | None]
) -> int | None:
    while parent is not None and parent not in shown:
        parent = hidden.get(parent)
    return parent


def _walk(replies: dict[int | None, list[Comment]]) -> Iterator[Response]:
    """Go through the threads depth first, without recursion: a thread may be any number deep."""
    waiting: list[tuple[Comment, int, Comment | None]] = [
        (top, 1, None) for top in reversed(replies[None])
    ]
    while waiting:
        comment, depth, above = waiting.pop()
        yield Response(
            comment,
            min(depth, MAX_DEPTH),
            in_reply_to=above if depth > PHONE_DEPTH else None,
            is_below_max_depth=depth > MAX_DEPTH,
            link_checked_at=getattr(comment, "link_checked_at", None),
            faq_anchor=getattr(comment, "faq_anchor", None) or "",
        )
        waiting.extend(
            (child, depth + 1, comment) for child in reversed(replies.get(comment.pk, []))
        )


def _mark_ends(arranged: list[Response]) -> None:
    next_depths = [*(response.depth for response in arranged[1:]), 1]
    for current, next_depth in zip(arranged, next_depths, strict=False):
        current.has_replies = next_depth > current.depth
        current.closes = range(max(0, current.depth - next_depth))
