"""The addresses behind replies, and who looked at them."""

from django.conf import settings
from django.db import models
from django.utils import timezone

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
        return f"Contact of comment {self.comment_id}"


class ContactReveal(models.Model):
    """Who looked at which address, when and why: append-only."""

    comment = models.ForeignKey(Comment, models.SET_NULL, null=True, related_name="reveals")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.user} at {self.at:%Y-%m-%d %H:%M}: {self.reason}"
