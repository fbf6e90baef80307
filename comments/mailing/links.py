"""Signed links in moderators' mails: one act on one comment, by one moderator, for seven days.

A link opens a page that shows the comment and does nothing; the button on that page acts. Mail
scanners open every link, and some follow buttons of mails, but none fills in a page's form.
"""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from comments.models import Comment, ModerationEvent
from comments.moderators import may_moderate

GOOD_FOR = 7 * 24 * 3600  # seconds
UNDO_GOOD_FOR = 15 * 60  # seconds
# The characters of the token are those that no mail program takes for the end of an address.
_ACT = signing.TimestampSigner(salt="comments.mailing.act", sep=".")
_UNDO = signing.TimestampSigner(salt="comments.mailing.undo", sep=".")

EXPIRED = _("This link was good for seven days, which are over. Nothing was done.")
UNKNOWN = _("This is no link of ours, or a part of it got lost on its way. Nothing was done.")
NOT_ALLOWED = _(
    "The account that this link was sent to may not moderate any more. Nothing was done."
)
GONE = _("This comment is not there any more. Nothing was done.")
DECIDED = _("Somebody has decided about this comment since the mail was written. Nothing was done.")
OTHER_WORDS = _(
    "This comment says something else than when the mail was written: please decide in the queue. "
    "Nothing was done."
)
NO_UNDO = _("It is too late to take that back here: please do it in the queue.")


class LinkRefused(Exception):
    """A link is not followed: ``str()`` is the sentence for the moderator, in the site's language."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(gettext(sentence))
        self.status = status


@dataclass(frozen=True)
class Offer:
    """What a link offers: a verb of ``comments.moderation.decisions``, a comment, and who decides."""

    verb: str
    comment: Comment
    moderator: User
    # The state and the words that the mail was about.
    state: str
    words: str

    def check(self) -> None:
        """Raise ``LinkRefused`` if the comment is not what the mail was about any more."""
        if self.comment.status != self.state:
            raise LinkRefused(DECIDED, 409)
        if self.comment.words_digest != self.words:
            raise LinkRefused(OTHER_WORDS, 409)


def act_path(verb: str, comment: Comment, moderator: User) -> str:
    """Return the path of a link by which this moderator may do that to the comment as it is now."""
    facts = [verb, comment.pk, moderator.pk, comment.status, comment.words_digest]
    return reverse("moderate", args=[_ACT.sign_object(facts)])


def open_link(token: str) -> Offer:
    """Return what a link offers; raise ``LinkRefused`` when it is void, whatever the comment's state."""
    try:
        verb, comment_id, moderator_id, state, words = _ACT.unsign_object(token, max_age=GOOD_FOR)
    except signing.SignatureExpired:
        raise LinkRefused(EXPIRED, 410) from None
    except signing.BadSignature:
        raise LinkRefused(UNKNOWN, 404) from None
    moderator = _moderator(moderator_id)
    comment = Comment.objects.select_related("article").filter(pk=comment_id).first()
    if comment is None:
        raise LinkRefused(GONE, 410)
    return Offer(verb, comment, moderator, state, words)


def _moderator(pk: int) -> User:
    # Read anew: an account that was closed or demoted since decides nothing.
    user = User.objects.filter(pk=pk).first()
    if user is None or not may_moderate(user):
        raise LinkRefused(NOT_ALLOWED, 403)
    return user


def undo_token(event: ModerationEvent, offer: Offer) -> str:
    """Return what the Undo button posts beside the link's own token."""
    return _UNDO.sign_object([event.pk, offer.comment.pk, offer.moderator.pk])


def event_to_undo(token: str, offer: Offer) -> int:
    """Return the number of the event to take back; raise ``LinkRefused`` after a quarter of an hour."""
    try:
        event, comment, moderator = _UNDO.unsign_object(token, max_age=UNDO_GOOD_FOR)
    except signing.BadSignature:
        raise LinkRefused(NO_UNDO, 410) from None
    if (comment, moderator) != (offer.comment.pk, offer.moderator.pk):
        raise LinkRefused(NO_UNDO, 410)
    return int(event)
