"""The addresses behind replies, and who looked at them."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from comments.models.conversation import Comment


class Contact(models.Model):
    """The address behind a reply: ciphertext and a blind index, never the address itself.

    ``seal()`` and ``reveal()`` are in ``comments.contacts``; nothing decrypts by accident.
    """

    comment = models.OneToOneField(Comment, models.CASCADE, related_name="contact")
    ciphertext = models.BinaryField(editable=False)
    blind_index = models.CharField(max_length=64, db_index=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        permissions = [("reveal_contact", "Can reveal the email address behind a comment")]

    def __str__(self) -> str:
        return gettext("Contact of comment %(number)s") % {"number": self.comment_id}


class ContactReveal(models.Model):
    """Who looked at which address, when and why: append-only."""

    comment = models.ForeignKey(
        Comment, models.SET_NULL, null=True, related_name="reveals", verbose_name=_("comment")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("user"),
    )
    reason = models.CharField(_("reason"), max_length=200)
    at = models.DateTimeField(pgettext_lazy("moment", "at"), default=timezone.now)

    class Meta:
        verbose_name = _("contact reveal")
        verbose_name_plural = _("contact reveals")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return gettext("%(user)s at %(moment)s: %(reason)s") % {
            "user": self.user,
            "moment": f"{self.at:%Y-%m-%d %H:%M}",
            "reason": self.reason,
        }
