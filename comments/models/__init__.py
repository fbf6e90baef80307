"""Everything public said about an article, the decisions about it, and the rules they follow."""

from comments.models.contact import Contact, ContactReveal
from comments.models.conversation import (
    Actor,
    Comment,
    CommentQuerySet,
    Kind,
    ModerationEvent,
    Proposal,
    ResponseType,
    Status,
    digest,
    new_private_key,
)
from comments.models.discussion import DiscussionSettings, NetworkUse, validate_sources
from comments.models.faq import FaqOrigin
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

__all__ = [
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
    "digest",
    "new_private_key",
    "validate_sources",
]
