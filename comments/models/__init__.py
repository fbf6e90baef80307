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

__all__ = [
    "Actor",
    "Comment",
    "CommentQuerySet",
    "Contact",
    "ContactReveal",
    "DiscussionSettings",
    "Kind",
    "ModerationEvent",
    "NetworkUse",
    "Proposal",
    "ResponseType",
    "Status",
    "digest",
    "new_private_key",
    "validate_sources",
]
