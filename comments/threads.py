"""The order in which responses are shown: threads, as nested lists."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from comments.ancestors import COUNTED_ONLY, nearest_shown
from comments.models import Status

MAX_DEPTH = 5  # as WordPress: deeper replies stay at this depth and name whom they answer
PHONE_DEPTH = 3  # on a narrow screen the indent ends earlier


_LONG_AGO = datetime.datetime.min.replace(tzinfo=datetime.UTC)


@dataclass(eq=False)
class Said:
    """A comment as far as pages show it, with what is told beside it. Nothing changes it."""

    pk: int
    parent_id: int | None = None
    head_id: int | None = None
    kind: str = ""
    response_type: str = ""
    status: str = Status.APPROVED
    user_id: int | None = None
    author_name: str = ""
    author_url: str = ""
    text: str = ""
    text_html: str = ""
    created_at: datetime.datetime = _LONG_AGO
    is_late: bool = False
    # When the link behind a pingback, trackback or webmention was last seen.
    link_checked_at: datetime.datetime | None = None
    # Where the FAQ of the article answers it.
    faq_anchor: str | None = None
    # Of the comment it answers, and where that hangs, and where that does.
    parent_status: str | None = None
    parent_name: str | None = None
    parent_is_late: bool | None = None
    above_parent: int | None = None
    above_that: int | None = None
    is_shown: bool = field(init=False)

    def __post_init__(self) -> None:
        self.is_shown = self.status == Status.APPROVED and self.response_type not in COUNTED_ONLY


@dataclass(eq=False, slots=True)
class Response:
    """One approved comment at its place in the thread."""

    comment: Said
    depth: int = 1
    # Set when the place in the list may not show whom it answers: never on a wide screen for
    # depths up to MAX_DEPTH, on a narrow one up to PHONE_DEPTH.
    in_reply_to: Said | None = None
    is_below_max_depth: bool = False
    # What it answers, as readers see it.
    answers: Said | None = None
    # Whom it answers is not on this page.
    is_answer_to_elsewhere: bool = False
    has_replies: bool = False
    # How many nested lists end after this one.
    closes: int = 0
    # Of the last one of a thread: how many replies of it are on other pages.
    more: int = 0


def arrange(approved: Iterable[Said], hidden: dict[int, int | None]) -> list[Response]:
    """Arrange comments, oldest first, into threads; below a hidden one, its nearest shown ancestor counts."""
    by_pk = {comment.pk: comment for comment in approved}
    replies: dict[int | None, list[Said]] = defaultdict(list)
    for comment in by_pk.values():
        replies[nearest_shown(comment.parent_id, by_pk, hidden)].append(comment)
    arranged = list(_walk(replies))
    _mark_ends(arranged)
    return arranged


def _walk(replies: dict[int | None, list[Said]]) -> Iterator[Response]:
    """Go through the threads depth first, without recursion: a thread may be any number deep."""
    waiting: list[tuple[Said, int, Said | None]] = [
        (top, 1, None) for top in reversed(replies[None])
    ]
    while waiting:
        comment, depth, above = waiting.pop()
        is_answer = comment.parent_id is not None
        elsewhere = _answered_elsewhere(comment, above) if is_answer else None
        yield Response(
            comment,
            min(depth, MAX_DEPTH),
            in_reply_to=elsewhere or (above if depth > PHONE_DEPTH else None),
            is_below_max_depth=depth > MAX_DEPTH or elsewhere is not None,
            answers=elsewhere or above,
            is_answer_to_elsewhere=elsewhere is not None,
        )
        if comment.pk in replies:
            waiting.extend((child, depth + 1, comment) for child in reversed(replies[comment.pk]))


def _answered_elsewhere(comment: Said, above: Said | None) -> Said | None:
    """Return as much of the comment's parent as has to be said, if readers see it, but not here."""
    is_here = above is not None and above.pk == comment.parent_id
    if is_here or comment.parent_id is None or comment.parent_status != Status.APPROVED:
        return None
    return Said(
        comment.parent_id,
        author_name=comment.parent_name or "",
        is_late=bool(comment.parent_is_late),
    )


def _mark_ends(arranged: list[Response]) -> None:
    next_depth = 1
    for current in reversed(arranged):
        current.has_replies = next_depth > current.depth
        current.closes = max(0, current.depth - next_depth)
        next_depth = current.depth
