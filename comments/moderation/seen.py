"""What a page of the queue showed: decisions are about that, whatever has changed since."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.core.exceptions import BadRequest
from django.http import QueryDict

from comments.models import Status
from comments.untrusted import parse_id


@dataclass(frozen=True)
class Seen:
    """What a moderator saw of each comment, by its number."""

    states: Mapping[int, str] = field(default_factory=dict)
    # The digest of the words that were shown.
    texts: Mapping[int, str] = field(default_factory=dict)
    # The fingerprint of the words that its page says now.
    words: Mapping[int, str] = field(default_factory=dict)
    # Of a folded row: the number of its youngest comment.
    folds: Mapping[int, int] = field(default_factory=dict)

    @classmethod
    def read(cls, post: QueryDict) -> "Seen":
        """Read the hidden fields of a page; raise ``BadRequest`` for what is on no page."""
        return replace(
            cls._of(post.getlist("seen")),
            words=dict(_split(value) for value in post.getlist("words")),
            folds=dict(_fold(value) for value in post.getlist("fold")),
        )

    @classmethod
    def read_all(cls, post: QueryDict) -> "Seen":
        """Read the one field that names everything alike; raise ``BadRequest`` as ``read()`` does."""
        return cls._of(post.get("all", "").split())

    @classmethod
    def _of(cls, values: list[str]) -> "Seen":
        states = [_state(value) for value in values]
        return cls(
            states={pk: status for pk, status, _ in states},
            texts={pk: text for pk, _, text in states if text},
        )


def _split(value: str) -> tuple[int, str]:
    """Read “12:something”."""
    pk, _, rest = value.partition(":")
    comment = parse_id(pk)
    if comment is None:
        raise BadRequest("That is no comment.")
    return comment, rest


def _state(value: str) -> tuple[int, str, str]:
    """Read “12:pending:1f2e…”; without the last part nothing was read."""
    comment, rest = _split(value)
    status, _, text = rest.partition(":")
    if status not in Status.values:
        raise BadRequest("That is no state of a comment.")
    return comment, status, text


def _fold(value: str) -> tuple[int, int]:
    comment, rest = _split(value)
    youngest = parse_id(rest)
    if youngest is None:
        raise BadRequest("That is no comment.")
    return comment, youngest
