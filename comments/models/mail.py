"""Who asked for mail, and the mail that waits to be sent. No row here holds an address."""

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from comments.models.conversation import Comment


def new_token() -> str:
    """Return 192 random bits as 32 characters fit for an address."""
    return secrets.token_urlsafe(24)


class Mailbox(models.Model):
    """What was asked and agreed about the address behind a blind index (see ``comments.contacts``)."""

    blind_index = models.CharField(max_length=64, unique=True, editable=False)
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    # The mail that asks for a confirmation: at most one a day.
    last_asked_at = models.DateTimeField(null=True, editable=False)
    times_asked = models.PositiveSmallIntegerField(default=0, editable=False)
    # Whoever reads that mailbox wants nothing from here, ever.
    refused_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name_plural = _("mailboxes")

    def __str__(self) -> str:
        return gettext("Mailbox %(number)s") % {"number": self.pk}


class SubscriptionState(models.TextChoices):
    WAITING = "waiting", _("Waiting for a confirmation")
    CONFIRMED = "confirmed", _("Confirmed")
    # By the comment's author, on the page that only they know.
    MUTED = "muted", _("Muted")
    # From the mailbox, which may be somebody else's: that page must not tell it.
    ENDED = "ended", _("Ended")


class Subscription(models.Model):
    """The wish of a comment's author to be told of replies to it."""

    comment = models.OneToOneField(Comment, models.CASCADE, related_name="subscription")
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    state = models.CharField(
        max_length=10, choices=SubscriptionState, default=SubscriptionState.WAITING
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    confirmed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=SubscriptionState.values), name="subscription_state"
            )
        ]

    def __str__(self) -> str:
        facts = {"comment": self.comment, "state": self.get_state_display()}
        return gettext("Replies to %(comment)s: %(state)s") % facts


class MailKind(models.TextChoices):
    CONFIRM = "confirm", _("Confirmation asked of a reader")
    NOTICE = "notice", _("Notice of a reply")
    DIGEST = "digest", _("What waits for moderators")
    WEEKLY = "weekly", _("Spam the filter was least sure of")


class MailState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("mail", "Waiting")
    SENDING = "sending", pgettext_lazy("mail", "Being sent")
    SENT = "sent", pgettext_lazy("mail", "Sent")
    FAILED = "failed", pgettext_lazy("mail", "Failed")
    DROPPED = "dropped", pgettext_lazy("mail", "Not needed any more")


class OutgoingMail(models.Model):
    """A mail to be sent: of what kind, about what and for whom. It is written when it is sent."""

    kind = models.CharField(max_length=10, choices=MailKind)
    state = models.CharField(max_length=10, choices=MailState, default=MailState.WAITING)
    mailbox = models.ForeignKey(Mailbox, models.CASCADE, null=True, related_name="+")
    subscription = models.ForeignKey(Subscription, models.CASCADE, null=True, related_name="+")
    # The new reply.
    comment = models.ForeignKey(Comment, models.CASCADE, null=True, related_name="+")
    moderator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Why the last attempt failed, without the address that mail servers like to repeat.
    fault = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "due_at"], name="outgoing_mail_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subscription", "comment"], name="one_notice_of_a_reply"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=MailKind.values), name="outgoing_mail_kind"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=MailState.values), name="outgoing_mail_state"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_state_display()}"


class Digest(models.TextChoices):
    OFF = "off", pgettext_lazy("mail", "Never")
    AT_ONCE = "at-once", pgettext_lazy("mail", "At once")
    HOURLY = "hourly", pgettext_lazy("mail", "Every hour")
    DAILY = "daily", pgettext_lazy("mail", "Every day")


class ModeratorPreferences(models.Model):
    """How one moderator likes to work."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="moderator_preferences"
    )
    keys_enabled = models.BooleanField(
        _("keyboard shortcuts"),
        default=False,
        help_text=_(
            "In the list of comments: j and k move, a approves, s is spam, d is trash; ? shows all."
        ),
    )
    digest = models.CharField(
        _("mail about what waits"),
        max_length=10,
        choices=Digest,
        default=Digest.DAILY,
        help_text=_("Only when something waits that you have not been told of."),
    )
    # What came in up to this moment they have been told of.
    told_until = models.DateTimeField(default=timezone.now, editable=False)
    digest_at = models.DateTimeField(null=True, editable=False)
    weekly_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = _("moderator preferences")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(digest__in=Digest.values), name="moderator_digest"
            )
        ]

    def __str__(self) -> str:
        return gettext("Preferences of %(user)s") % {"user": self.user}
