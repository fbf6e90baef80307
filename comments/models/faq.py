"""Questions of readers that became part of the article."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext

from articles.models import FaqEntry
from comments.models.conversation import Comment


class FaqOrigin(models.Model):
    """The comment that an FAQ entry was made from."""

    comment = models.OneToOneField(Comment, models.CASCADE, related_name="faq_origin")
    entry = models.OneToOneField(FaqEntry, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        facts = {"entry": self.entry_id, "comment": self.comment_id}
        return gettext("FAQ entry %(entry)s from comment %(comment)s") % facts
