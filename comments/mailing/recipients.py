"""Who may be written to: asked when a mail is planned, and again when it is sent."""

from comments import contacts
from comments.mailing import mailboxes
from comments.models import Comment, Contact, Status, Subscription, SubscriptionState


def of_question(subscription: Subscription) -> Contact | None:
    """Return the contact that is to be asked about its wish; None when nobody is."""
    comment = subscription.comment
    contact: Contact | None = getattr(comment, "contact", None)
    waits = subscription.state == SubscriptionState.WAITING
    if contact is None or not waits or not _is_shown(comment) or mailboxes.is_refused(contact):
        return None
    return contact


def of_notice(subscription: Subscription, reply: Comment) -> Contact | None:
    """Return the contact that is to be told of a reply; None when nobody is."""
    comment = subscription.comment
    contact: Contact | None = getattr(comment, "contact", None)
    wanted = subscription.state == SubscriptionState.CONFIRMED
    if contact is None or not wanted or not (_is_shown(comment) and _is_shown(reply)):
        return None
    if _is_by_same_person(reply, contact) or mailboxes.is_refused(contact):
        return None
    return contact


def _is_shown(comment: Comment) -> bool:
    return comment.status == Status.APPROVED and comment.article.is_published


def _is_by_same_person(reply: Comment, contact: Contact) -> bool:
    theirs = getattr(reply, "contact", None)
    return theirs is not None and theirs.blind_index in contacts.same_address(contact)
