"""What has become of a comment, in words for its author; who decided is never said."""

import datetime
from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from comments.models import Comment, ModerationEvent, Status
from comments.own_comment.reasons import (
    ANONYMISED,
    ASKED_AGAIN,
    EDITED,
    EDITED_AFTER_APPROVAL,
    PUT_BACK,
    WITHDRAWN,
)

_CAME_IN = {
    Status.PENDING: _("You posted it. It waits for a moderator."),
    Status.APPROVED: _("You posted it, and it was published at once."),
    Status.SPAM: _("You posted it. Our filter took it for spam."),
    Status.TRASH: _("You posted it."),
}
_EDITED = {
    Status.PENDING: _("You changed it. Your new words wait for a moderator."),
    Status.APPROVED: _("You changed it, and your new words were published at once."),
    Status.SPAM: _("You changed it. Our filter took your new words for spam."),
}
_OWN_ACTS = {
    WITHDRAWN: _("You withdrew it."),
    PUT_BACK: _("You put it back."),
    ASKED_AGAIN: _("You asked for a moderator to look again."),
    ANONYMISED: _("You had your name taken off."),
}
_BY_MODERATOR = {
    Status.PENDING: _("A moderator put it back among those that wait."),
    Status.APPROVED: _("A moderator published it."),
    Status.SPAM: _("A moderator took it for spam."),
    Status.TRASH: _("A moderator decided not to publish it."),
}
_BY_RULE = {
    Status.PENDING: _("It was put back among those that wait, by a rule."),
    Status.APPROVED: _("It was published, by a rule."),
    Status.SPAM: _("Our filter took it for spam."),
    Status.TRASH: _("It was declined, by a rule."),
}
_TAKEN_BACK = {
    Status.PENDING: _("A moderator took that back: it waits again."),
    Status.APPROVED: _("A moderator took that back: it is published again."),
    Status.SPAM: _("A moderator took that back: it counts as spam again."),
    Status.TRASH: _("A moderator took that back: it is not to be published."),
}


@dataclass(frozen=True)
class Step:
    """Something that happened to a comment."""

    at: datetime.datetime
    sentence: str
    # What the moderator says to the author, if anything.
    message: str = ""


@dataclass(frozen=True)
class Verdict:
    """Why a comment is in its state: whether a person decided it, and what they say."""

    is_by_person: bool = False
    message: str = ""


def history(comment: Comment) -> list[Step]:
    """Return what happened to the comment, oldest first."""
    events = comment.events.order_by("pk")
    return [Step(event.at, sentence(event), event.message) for event in events]


def verdict(comment: Comment) -> Verdict:
    """Return the decision that led to its present state, or nothing where none is written down."""
    for event in comment.events.order_by("-pk"):
        if event.from_status != event.to_status == comment.status:
            return Verdict(event.actor_id is not None, event.message)
    return Verdict()


def is_anonymous(comment: Comment) -> bool:
    """Say whether its author has had their name taken off."""
    return any(
        ANONYMISED in reasons for reasons in comment.events.values_list("reasons", flat=True)
    )


def sentence(event: ModerationEvent) -> str:
    """Return what happened, addressed to the author of the comment."""
    return gettext(_sentence(event))


def _sentence(event: ModerationEvent) -> str:
    status = Status(event.to_status)
    for reason in event.reasons:
        if reason in _OWN_ACTS:
            return _OWN_ACTS[reason]
        if reason in (EDITED, EDITED_AFTER_APPROVAL):
            return _EDITED.get(status, _("You changed it."))
    if not event.from_status:
        return _CAME_IN[status]
    if event.undoes_id is not None:
        return _TAKEN_BACK[status]
    if event.from_status == event.to_status:
        return _("It was looked at, and stays as it is.")
    return (_BY_RULE if event.actor_id is None else _BY_MODERATOR)[status]
