"""What a comment answers, as readers see it: below a hidden one, the nearest above that they see counts."""

from collections.abc import Container, Iterable, Mapping

from comments.models import Comment, ResponseType, Status

#: Shown as a number beside the others, and never above one.
COUNTED_ONLY = (ResponseType.LIKE, ResponseType.REPOST)


def nearest_shown(
    parent: int | None, shown: Container[int], hidden: Mapping[int, int | None]
) -> int | None:
    """Return the nearest of the shown ones from this parent on; ``hidden`` says what is above the others."""
    while parent is not None and parent not in shown:
        parent = hidden.get(parent)
    return parent


def answered(comments: Iterable[Comment]) -> dict[int, Comment]:
    """Return the comments that these answer, by the numbers of those that answer one.

    One query for all of them, and one more for each hidden comment that stands above another. Of what
    is returned the place is known, and no words.
    """
    comments = list(comments)
    shown: dict[int, Comment] = {}
    hidden: dict[int, int | None] = {}
    asked = {comment.parent_id for comment in comments}
    while wanted := {pk for pk in asked if pk is not None} - shown.keys() - hidden.keys():
        found = Comment.objects.filter(pk__in=wanted)
        for above in found.only("parent", "article", "status", "response_type", "is_late"):
            if above.status == Status.APPROVED and above.response_type not in COUNTED_ONLY:
                shown[above.pk] = above
            else:
                hidden[above.pk] = above.parent_id
        asked = {hidden.get(pk) for pk in wanted}
    nearest = ((one, nearest_shown(one.parent_id, shown, hidden)) for one in comments)
    return {one.pk: shown[above] for one, above in nearest if above is not None}
