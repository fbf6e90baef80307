"""Everything public said about an article, the decisions about it, and the rules they follow."""

from comments.models.contact import Contact, ContactReveal
from comments.models.conversation import (
    FIRST_SHOWN,
    Actor,
    Comment,
    CommentQuerySet,
    ModerationEvent,
    Proposal,
)
from comments.models.discussion import DiscussionSettings, NetworkUse, validate_sources
from comments.models.faq import FaqOrigin
from comments.models.kinds import Kind, ResponseType, Status
from comments.models.learning import FilterState, Lesson
from comments.models.mail import (
    Digest,
    Mailbox,
    MailKind,
    MailState,
    ModeratorPreferences,
    OutgoingMail,
    Subscription,
    SubscriptionState,
)
from comments.models.marks import digest, new_private_key
from comments.models.tally import Tally, Thread

__all__ = [
    "FIRST_SHOWN",
    "Actor",
    "Comment",
    "CommentQuerySet",
    "Contact",
    "ContactReveal",
    "Digest",
    "DiscussionSettings",
    "FaqOrigin",
    "FilterState",
    "Kind",
    "Lesson",
    "MailKind",
    "MailState",
    "Mailbox",
    "ModerationEvent",
    "ModeratorPreferences",
    "NetworkUse",
    "OutgoingMail",
    "Proposal",
    "ResponseType",
    "Status",
    "Subscription",
    "SubscriptionState",
    "Tally",
    "Thread",
    "digest",
    "new_private_key",
    "validate_sources",
]
