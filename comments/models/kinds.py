"""What kinds of things are said, and the states they can be in."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Status(models.TextChoices):
    PENDING = "pending", pgettext_lazy("state", "Pending")
    APPROVED = "approved", pgettext_lazy("state", "Approved")
    SPAM = "spam", pgettext_lazy("state", "Spam")
    TRASH = "trash", pgettext_lazy("state", "Trash")


# The same in the middle of a sentence; “new” is what has just come in.
IN_WORDS = {
    "": pgettext_lazy("state", "new"),
    Status.PENDING: pgettext_lazy("state", "pending"),
    Status.APPROVED: pgettext_lazy("state", "approved"),
    Status.SPAM: pgettext_lazy("state", "spam"),
    Status.TRASH: pgettext_lazy("state", "trash"),
}


class Kind(models.TextChoices):
    REPLY = "reply", pgettext_lazy("kind of response", "Reply")
    PINGBACK = "pingback", _("Pingback")
    TRACKBACK = "trackback", _("TrackBack")
    WEBMENTION = "webmention", _("Webmention")


class ResponseType(models.TextChoices):
    """What a linking page does to the article, as far as it says so (microformats2 h-entry)."""

    MENTION = "mention", _("Mention")
    REPLY = "reply", pgettext_lazy("kind of response", "Reply")
    LIKE = "like", pgettext_lazy("kind of response", "Like")
    REPOST = "repost", _("Repost")
