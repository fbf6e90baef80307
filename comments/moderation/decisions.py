"""The verbs of moderators: deciding about comments, in words, and taking it back."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.core.exceptions import BadRequest
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, pgettext_lazy

from comments.models import Actor, Comment, ModerationEvent, Proposal, Status
from comments.moderation.seen import Seen

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MEANWHILE = ngettext_lazy(
    "Somebody else decided about it in the meantime.",
    "Somebody else decided about %(count)s of them in the meantime.",
    "count",
)
OTHER_WORDS = ngettext_lazy(
    "The page behind it says something else by now, or somebody else decided. Nothing was done.",
    "The page behind %(count)s of them says something else by now, or somebody else decided. "
    "Nothing was done.",
    "count",
)


@dataclass(frozen=True)
class Verb:
    """Something a moderator can do with a comment."""

    name: str
    label: "StrOrPromise"
    # What is said when it was done, by the number of comments.
    done: "StrOrPromise"
    # With what is said to the comment's author, if anything.
    act: Callable[[Comment, Actor, str], ModerationEvent | None]
    can_be_undone: bool = True
    # What is said when it could not be done, by the number of comments.
    missed: "StrOrPromise" = MEANWHILE


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
        Verb(
            "approve",
            pgettext_lazy("act", "Approve"),
            ngettext_lazy("Approved %(count)s comment.", "Approved %(count)s comments.", "count"),
            _move_to(Status.APPROVED),
        ),
        Verb(
            "hold",
            pgettext_lazy("act", "Hold"),
            ngettext_lazy(
                "Put %(count)s comment back among the pending.",
                "Put %(count)s comments back among the pending.",
                "count",
            ),
            _move_to(Status.PENDING),
        ),
        Verb(
            "restore",
            pgettext_lazy("act", "Restore"),
            ngettext_lazy("Restored %(count)s comment.", "Restored %(count)s comments.", "count"),
            lambda comment, by, message: comment.restore(by=by),
        ),
        Verb(
            "spam",
            pgettext_lazy("act", "Spam"),
            ngettext_lazy(
                "Marked %(count)s comment as spam.", "Marked %(count)s comments as spam.", "count"
            ),
            _move_to(Status.SPAM),
        ),
        Verb(
            "trash",
            pgettext_lazy("act", "Trash"),
            ngettext_lazy(
                "Moved %(count)s comment to the trash.",
                "Moved %(count)s comments to the trash.",
                "count",
            ),
            _move_to(Status.TRASH),
        ),
    )
}
# About the words, not only about the comment.
BOUND_TO_WORDS = ("approve", "spam")
# What its author is told the reason of, when there is one.
DECLINING = ("spam", "trash")
SAVED_REASONS = (
    _("It is not about the article."),
    _("It is advertising."),
    _("It insults somebody."),
    _("It has been said here already."),
)
# The words that lose are kept nowhere.
WORD_VERBS = {
    verb.name: verb
    for verb in (
        Verb(
            "accept",
            _("Show the new words"),
            ngettext_lazy(
                "The new words of %(count)s comment are shown. There is no undo: the old ones are gone.",
                "The new words of %(count)s comments are shown. There is no undo: the old ones are gone.",
                "count",
            ),
            _accept,
            can_be_undone=False,
            missed=OTHER_WORDS,
        ),
        Verb(
            "decline",
            _("Keep the old words"),
            ngettext_lazy(
                "The old words of %(count)s comment stay. There is no undo: the new ones are forgotten.",
                "The old words of %(count)s comments stay. There is no undo: the new ones are forgotten.",
                "count",
            ),
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

    # By the number of comments.
    done: "StrOrPromise"
    can_be_undone: bool = True
    missed_words: "StrOrPromise" = MEANWHILE
    events: list[ModerationEvent] = field(default_factory=list)
    missed: int = 0

    def add(self, event: ModerationEvent | None) -> None:
        if event is None:
            self.missed += 1
        else:
            self.events.append(event)

    @property
    def sentence(self) -> str:
        return str(self.done % {"count": len(self.events)})

    @property
    def regret(self) -> str:
        """Say how many were left as somebody else had put them; empty when there were none."""
        if not self.missed:
            return ""
        return str(self.missed_words % {"count": self.missed})


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
    outcome = Outcome(
        ngettext_lazy(
            "Took back the decision about %(count)s comment.",
            "Took back the decision about %(count)s comments.",
            "count",
        )
    )
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
