"""Comments that say nearly the same: copies of one text on many pages, or one text many times.

Two texts are alike when most of the runs of three words of one occur in the other (Jaccard
similarity of 3-word shingles; Broder, “On the resemblance and containment of documents”, 1997).
"""

from django.db.models import QuerySet, Subquery
from django.db.models.functions import Left

from comments.models import Comment, Status, new_private_key

ALIKE_FROM = 0.6
SHINGLE = 3
# Two that share fewer words need not have them from each other: “Read this”, “Thank you!”
FEWEST_WORDS = 5
# Of each text only the beginning: 300 of 500 words and more took 15 ms of somebody's sending.
MOST_WORDS, MOST_CHARACTERS = 200, 3_000
COMPARED = 300  # the newest that wait or were thrown away: a campaign comes in one go
LOOKED_THROUGH = 5_000  # the newest of all, which is where they are looked for


def group_of(comment: Comment) -> str:
    """Return the group of words just taken: that of the comment most like it, or a new one.

    Every text is compared, whatever was found before: how long that takes tells a sender nothing
    of what waits.
    """
    mine = shingles(comment.text)
    if not mine:
        return new_private_key()
    most, group = max(
        ((similarity(mine, shingles(text)), group) for text, group in _others(comment)),
        key=lambda found: found[0],
        default=(0.0, ""),
    )
    return group if most >= ALIKE_FROM else new_private_key()


def _others(comment: Comment) -> "QuerySet[Comment, tuple[str, str]]":
    newest = Comment.objects.order_by("-pk").values("pk")[:1]
    recent = Comment.objects.filter(pk__gt=Subquery(newest) - LOOKED_THROUGH)
    unapproved = recent.exclude(status=Status.APPROVED).exclude(pk=comment.pk)
    beginning = Left("text", MOST_CHARACTERS)
    return unapproved.order_by("-pk").values_list(beginning, "look_alike")[:COMPARED]


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """Return the runs of three words; none of a text that says too little to be compared."""
    words = text[:MOST_CHARACTERS].casefold().split()[:MOST_WORDS]
    if len(words) < FEWEST_WORDS:
        return frozenset()
    return frozenset(tuple(words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1))


def similarity(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    """Return the share of runs that both have, from 0 to 1; 0 when there are none."""
    return len(one & other) / len(one | other) if one and other else 0.0
