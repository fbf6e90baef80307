"""Comments that say nearly the same: copies of one text on many pages, or one text many times.

Two texts are alike when most of the runs of three words of one occur in the other (Jaccard
similarity of 3-word shingles; Broder, “On the resemblance and containment of documents”, 1997).
"""

import threading
from collections import Counter
from collections.abc import Iterator
from itertools import chain

from django.db import connection

from comments.models import Comment, new_private_key

ALIKE_FROM = 0.6
# Two that share fewer words need not have them from each other: “Read this”, “Thank you!”
FEWEST_WORDS = 5
# Of each text only the beginning: 300 of 500 words and more took 15 ms of somebody's sending.
MOST_WORDS, MOST_CHARACTERS = 200, 3_000
COMPARED = 300  # the newest that wait or were thrown away: a campaign comes in one go
LOOKED_THROUGH = 5_000  # the newest of all, which is where they are looked for

# As one value: three hundred rows cost more than all the rest of it. The condition is that of their index.
RECENT = """SELECT {together} FROM (
    SELECT id, look_alike FROM comments_comment WHERE NOT (status = 'approved') AND id <> %s
    AND id > (SELECT COALESCE(MAX(id), 0) FROM comments_comment) - %s ORDER BY id DESC LIMIT %s
) AS recent"""
TOGETHER = {
    "sqlite": "GROUP_CONCAT(id || ' ' || look_alike, ',')",
    "postgresql": "STRING_AGG(id || ' ' || look_alike, ',')",
}


def group_of(comment: Comment) -> str:
    """Return the group of words just taken: that of the comment most like it, or a new one."""
    mine = shingles(comment.text)
    if not mine:
        return new_private_key()
    return recent.group_of(mine, _unapproved(comment)) or new_private_key()


Member = str  # number and group, which is another one when the words are: “12 kA3…”


def _unapproved(but: Comment) -> set[Member]:
    """Return the newest comments that wait or were thrown away."""
    sql = RECENT.format(together=TOGETHER[connection.vendor])
    with connection.cursor() as cursor:
        cursor.execute(sql, [but.pk or 0, LOOKED_THROUGH, COMPARED])
        listed: str = cursor.fetchone()[0] or ""
    return set(listed.split(",")) if listed else set()


class Recent:
    """What has been read of comments that wait or were thrown away: numbers made of their words.

    Each process keeps its own, as much as it compares. Whatever is said is looked up, and nothing compared
    twice, so that what waits changes the time it takes by some microseconds at most.
    """

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self.forget_all()

    def forget_all(self) -> None:
        """Begin anew: all of it will be read again."""
        self._runs: dict[Member, frozenset[int]] = {}
        # Tuples: of sets, there would be as many as words, and the garbage collector would look at each.
        self._that_say: dict[int, tuple[Member, ...]] = {}

    def __len__(self) -> int:
        return len(self._runs)

    def group_of(self, mine: frozenset[int], members: set[Member]) -> str:
        """Return the group of the member most like these words, the newest of several; "" if none is alike."""
        with self._mutex:
            self._keep_only(members)
            shared = Counter(chain.from_iterable(self._that_say.get(run, ()) for run in mine))
            most, _, group = max(
                (
                    (similarity(mine, self._runs[member], common), *_parts(member))
                    for member, common in shared.items()
                ),
                default=(0.0, 0, ""),
            )
        return group if most >= ALIKE_FROM else ""

    def _keep_only(self, members: set[Member]) -> None:
        for member in self._runs.keys() - members:
            self._forget(member)
        if unread := members - self._runs.keys():
            for member, runs in _read(unread):
                self._runs[member] = runs
                for run in runs:
                    self._that_say[run] = (*self._that_say.get(run, ()), member)

    def _forget(self, member: Member) -> None:
        for run in self._runs.pop(member):
            others = tuple(other for other in self._that_say.pop(run) if other != member)
            if others:
                self._that_say[run] = others


def _read(members: set[Member]) -> Iterator[tuple[Member, frozenset[int]]]:
    marks = ", ".join(["%s"] * len(members))
    sql = f"SELECT id, look_alike, SUBSTR(text, 1, %s) FROM comments_comment WHERE id IN ({marks})"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [MOST_CHARACTERS, *(_parts(member)[0] for member in members)])
        rows = cursor.fetchall()
    for pk, group, text in rows:
        yield f"{pk} {group}", shingles(text)


def _parts(member: Member) -> tuple[int, str]:
    pk, _, group = member.partition(" ")
    return int(pk), group


recent = Recent()


def shingles(text: str) -> frozenset[int]:
    """Return the runs of three words, each as a number; none of a text that says too little to be compared."""
    words = text[:MOST_CHARACTERS].casefold().split()[:MOST_WORDS]
    if len(words) < FEWEST_WORDS:
        return frozenset()
    # As Python numbers them, in each process differently: 64 bits, of which nobody can choose two alike.
    return frozenset(map(hash, zip(words, words[1:], words[2:], strict=False)))


def similarity(one: frozenset[int], other: frozenset[int], shared: int) -> float:
    """Return the share of runs that both have, from 0 to 1, of all that either has."""
    return shared / (len(one) + len(other) - shared)
