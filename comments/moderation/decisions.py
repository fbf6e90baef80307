"""The verbs of moderators: deciding about comments, in words, and taking it back."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.core.exceptions import BadRequest
from django.db import transaction

from comments.models import Actor, Comment, ModerationEvent, Proposal, Status
from comments.moderation.seen import Seen

MEANWHILE = "Somebody else decided about {} in the meantime."
OTHER_WORDS = (
    "The page behind {} says something else by now, or somebody else decided. Nothing was done."
)


@dataclass(frozen=True)
class Verb:
    """Something a moderator can do with a comment."""

    name: str
    label: str
    # What is said when it was done; the braces take “3 comments”.
    done: str
    # With what is said to the comment's author, if anything.
    act: Callable[[Comment, Actor, str], ModerationEvent | None]
    can_be_undone: bool = True
    # What is said when it could not be done; the braces take “it” or “3 of them”.
    missed: str = MEANWHILE


def new_words(comment: Comment) -> Proposal | None:
    """Return what the page behind a comment that is shown says now, while that is not decided."""
    shown = comment.status == Status.APPROVED
    return getattr(comment, "proposal", None) if shown else None


def _accept(comment: Comment, by: Actor, message: str) -> ModerationEvent | None:
    words = new_words(comment)
    return words.accept(by=by) if words else None


def _decline(comment: Comment, by: Actor, message: str) -> ModerationEvent | None:
    words = new_words(comment)
    return words.decline(by=by) if words else None


def _move_to(status: Status) -> Callable[[Comment, Actor, str], ModerationEvent | None]:
    return lambda comment, by, message: comment.move_to(status, by=by, message=message)


VERBS = {
    verb.name: verb
    for verb in (
        Verb("approve", "Approve", "Approved {}.", _move_to(Status.APPROVED)),
        Verb("hold", "Hold", "Put {} back among the pending.", _move_to(Status.PENDING)),
        Verb(
            "restore",
            "Restore",
            "Restored {}.",
            lambda comment, by, message: comment.restore(by=by),
        ),
        Verb("spam", "Spam", "Marked {} as spam.", _move_to(Status.SPAM)),
        Verb("trash", "Trash", "Moved {} to the trash.", _move_to(Status.TRASH)),
    )
}
# About the words, not only about the comment.
BOUND_TO_WORDS = ("approve", "spam")
# What its author is told the reason of, when there is one.
DECLINING = ("spam", "trash")
SAVED_REASONS = (
    "It is not about the article.",
    "It is advertising.",
    "It insults somebody.",
    "It has been said here already.",
)
# The words that lose are kept nowhere.
WORD_VERBS = {
    verb.name: verb
    for verb in (
        Verb(
            "accept",
            "Show the new words",
            "The new words of {} are shown. There is no undo: the old ones are gone.",
            _accept,
            can_be_undone=False,
            missed=OTHER_WORDS,
        ),
        Verb(
            "decline",
            "Keep the old words",
            "The old words of {} stay. There is no undo: the new ones are forgotten.",
            _decline,
            can_be_undone=False,
            missed=OTHER_WORDS,
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


def verbs_about(comment: Comment) -> list[Verb]:
    """Return what makes sense for this comment."""
    about_words = list(WORD_VERBS.values()) if new_words(comment) else []
    offered = verbs_for(comment.status)
    if comment.withdrawn_at is not None:
        # Its author has taken it back: nobody else brings it out again.
        offered = [verb for verb in offered if verb.name in DECLINING]
    return about_words + offered


def verb_named(name: str) -> Verb:
    """Return the verb; raise ``BadRequest`` when there is none."""
    verb = {**VERBS, **WORD_VERBS}.get(name)
    if verb is None:
        raise BadRequest("There is no such decision.")
    return verb


@dataclass
class Outcome:
    """What became of a decision about several comments."""

    done: str
    can_be_undone: bool = True
    missed_words: str = MEANWHILE
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
        return self.missed_words.format("it" if self.missed == 1 else f"{self.missed} of them")


def _comments(count: int) -> str:
    return "1 comment" if count == 1 else f"{count} comments"


@transaction.atomic
def decide(
    verb: Verb, comments: Iterable[Comment], *, by: Actor, seen: Seen, message: str = ""
) -> Outcome:
    """Do it to each comment that is still in the state in which the moderator saw it.

    The message is for the comments' authors, who read it on their own pages.
    """
    outcome = Outcome(verb.done, verb.can_be_undone, verb.missed)
    # In one order, whatever the list's: two moderators must not wait for each other.
    for comment in sorted(comments, key=lambda one: one.pk):
        comment.status = seen.states.get(comment.pk, comment.status)
        is_as_seen = (
            _is_as_seen(comment, seen)
            if verb.name in WORD_VERBS
            else _was_read(verb, comment, seen)
        )
        outcome.add(verb.act(comment, by, message) if is_as_seen else None)
    return outcome


def _was_read(verb: Verb, comment: Comment, seen: Seen) -> bool:
    """Say whether the words are those that the moderator read: authors and pages change them.

    What is shown was to be read before, and so was what teaches the filter.
    """
    read = seen.texts.get(comment.pk)
    return verb.name not in BOUND_TO_WORDS or read is None or read == comment.words_digest


def _is_as_seen(comment: Comment, seen: Seen) -> bool:
    """Say whether its new words are those that the moderator read: nobody decides unseen."""
    words = new_words(comment)
    return words is not None and words.fingerprint == seen.words.get(comment.pk)


@transaction.atomic
def take_back(events: Iterable[int], *, by: Actor) -> Outcome:
    """Undo these decisions, except those that somebody has followed with another."""
    outcome = Outcome("Took back the decision about {}.")
    found = ModerationEvent.objects.filter(pk__in=list(events)).select_related("comment")
    for event in found.order_by("comment_id", "-pk"):
        outcome.add(event.undo(by=by) if event.from_status else _unsay(event, by))
    return outcome


def _unsay(event: ModerationEvent, by: Actor) -> ModerationEvent | None:
    """Take back one's own reply, on which nobody has decided since it was published."""
    comment = event.comment
    if comment is None or comment.user_id is None or comment.user_id != getattr(by, "pk", None):
        return None
    stands = comment.events.order_by("-pk").first() == event
    return comment.move_to_trash(by=by, reasons=["undone"]) if stands else None
