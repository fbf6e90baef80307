"""What kinds of things are said, and the states they can be in."""

from django.db import models


class Status(models.TextChoices):
    PENDING = "pending", "Pending"
    APPROVED = "approved", "Approved"
    SPAM = "spam", "Spam"
    TRASH = "trash", "Trash"


class Kind(models.TextChoices):
    REPLY = "reply", "Reply"
    PINGBACK = "pingback", "Pingback"
    TRACKBACK = "trackback", "TrackBack"
    WEBMENTION = "webmention", "Webmention"


class ResponseType(models.TextChoices):
    """What a linking page does to the article, as far as it says so (microformats2 h-entry)."""

    MENTION = "mention", "Mention"
    REPLY = "reply", "Reply"
    LIKE = "like", "Like"
    REPOST = "repost", "Repost"
