"""The verbs of moderators: deciding about comments, in words, and taking it back."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from django.db import transaction

from comments.models import Actor, Comment, ModerationEvent, Status

MEANWHILE = "Somebody else decided about {} in the meantime."


@dataclass(frozen=True)
class Verb:
    """Something a moderator can do with a comment."""

    name: str
    label: str
    # What is said when it was done; the braces take “3 comments”.
    done: str
    act: Callable[[Comment, Actor], ModerationEvent | None]


VERBS = {
    verb.name: verb
    for verb in (
        Verb("approve", "Approve", "Approved {}.", lambda comment, by: comment.approve(by=by)),
        Verb(
            "hold",
            "Hold",
            "Put {} back among the pending.",
            lambda comment, by: comment.hold(by=by),
        ),
        Verb("restore", "Restore", "Restored {}.", lambda comment, by: comment.restore(by=by)),
        Verb("spam", "Spam", "Marked {} as spam.", lambda comment, by: comment.mark_spam(by=by)),
        Verb(
            "trash",
            "Trash",
            "Moved {} to the trash.",
            lambda comment, by: comment.move_to_trash(by=by),
        ),
    )
}

_OFFERED: dict[str, tuple[str, ...]] = {
    Status.PENDING: ("approve", "spam", "trash"),
    Status.APPROVED: ("hold", "spam", "trash"),
    Status.SPAM: ("approve", "restore", "trash"),
    Status.TRASH: ("restore", "spam"),
}


def verbs_for(status: str) -> list[Verb]:
    """Return what makes sense for comments in this state; every verb where states are mixed."""
    return [VERBS[name] for name in _OFFERED.get(status, VERBS)]


@dataclass
class Outcome:
    """What became of a decision about several comments."""

    done: str
    events: list[ModerationEvent] = field(default_factory=list)
    missed: int = 0

    def add(self, event: ModerationEvent | None) -> None:
        if event is None:
            self.missed += 1
        else:
            self.events.append(event)

    @property
    def sentence(self) -> str:
        return self.done.format(_comments(len(self.events)))

    @property
    def regret(self) -> str:
        """Say how many were left as somebody else had put them; empty when there were none."""
        if not self.missed:
            return ""
        return MEANWHILE.format("it" if self.missed == 1 else f"{self.missed} of them")


def _comments(count: int) -> str:
    return "1 comment" if count == 1 else f"{count} comments"


@transaction.atomic
def decide(
    verb: Verb, comments: Iterable[Comment], *, by: Actor, seen: Mapping[int, str]
) -> Outcome:
    """Do it to each comment that is still in the state in which the moderator saw it."""
    outcome = Outcome(verb.done)
    for comment in comments:
        comment.status = seen.get(comment.pk, comment.status)
        outcome.add(verb.act(comment, by))
    return outcome


@transaction.atomic
def take_back(events: Iterable[int], *, by: Actor) -> Outcome:
    """Undo these decisions, except those that somebody has followed with another."""
    outcome = Outcome("Took back the decision about {}.")
    for event in ModerationEvent.objects.filter(pk__in=list(events)).select_related("comment"):
        outcome.add(event.undo(by=by))
    return outcome
