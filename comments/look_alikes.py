"""Responses that say nearly the same: copies of one text on many pages, or one text many times.

Two texts are alike when most of the runs of three words of one occur in the other (Jaccard
similarity of 3-word shingles; Broder, “On the resemblance and containment of documents”, 1997).
"""

from comments.models import Comment, Kind, Status, new_private_key

ALIKE_FROM = 0.6
SHINGLE = 3
# Two pages that share fewer words need not have them from each other: “Read this”.
FEWEST_WORDS = 5
MOST_WORDS = 500
COMPARED = 300  # the newest that wait or were thrown away: a campaign comes in one go


def group_of(comment: Comment) -> str:
    """Return the group of the unsaved linkback: that of one much like it, or a new one."""
    mine = shingles(comment.text)
    if not mine:
        return new_private_key()
    others = Comment.objects.exclude(status=Status.APPROVED).exclude(kind=Kind.REPLY)
    for text, group in others.order_by("-pk").values_list("text", "look_alike")[:COMPARED]:
        if similarity(mine, shingles(text)) >= ALIKE_FROM:
            return str(group)
    return new_private_key()


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """Return the runs of three words; none of a text that says too little to be compared."""
    words = text.casefold().split()[:MOST_WORDS]
    if len(words) < FEWEST_WORDS:
        return frozenset()
    return frozenset(tuple(words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1))


def similarity(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    """Return the share of runs that both have, from 0 to 1; 0 when there are none."""
    return len(one & other) / len(one | other) if one and other else 0.0
