"""The pages that link here, and the links that go out."""

import datetime
import hashlib
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from articles.models import Article, Tag
from comments.linkbacks.verification import normalise
from comments.models import Comment, Status, new_private_key

REFUSAL_LENGTH = 500
ANSWER_LENGTH = 500


def page_digest(url: str) -> str:
    """Return SHA-256 (hex) of the normalised address: what makes a source page one and the same.

    The scheme does not count: a page is announced by ``http`` and fetched by ``https``.
    """
    return hashlib.sha256(normalise(url).partition("://")[2].encode()).hexdigest()


class LinkbackQuerySet(models.QuerySet["Linkback"]):
    def lost_before(self, moment: datetime.datetime) -> Self:
        """Linkbacks that should have been checked by then and were not."""
        return self.filter(state=Linkback.State.RECEIVED, check_expected_at__lt=moment)

    def due(self) -> Self:
        """Linkbacks whose source is to be looked at again by now, the longest due first."""
        alive = self.filter(
            state=Linkback.State.VERIFIED, comment__status__in=[Status.PENDING, Status.APPROVED]
        )
        return alive.filter(look_again_at__lte=timezone.now()).order_by("look_again_at")


class Linkback(models.Model):
    """Another page's link to an article: from the moment it is announced, as long as it lives.

    One row for an article and a source page, whatever protocols announced it. A row whose comment
    was thrown away or purged stays as its tombstone: announced again, it revives nothing.
    """

    class State(models.TextChoices):
        RECEIVED = "received", _("Received, not checked yet")
        VERIFIED = "verified", _("Link found")
        REFUSED = "refused", pgettext_lazy("linkback", "Refused")
        GONE = "gone", _("No longer links here")
        MERGED = "merged", _("The same page as another one")

    article = models.ForeignKey(
        Article, models.CASCADE, related_name="linkbacks", verbose_name=_("article")
    )
    # Only a verified linkback is something said about the article.
    comment = models.OneToOneField(
        Comment,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="linkback",
        verbose_name=_("comment"),
    )
    source_url = models.CharField(_("source URL"), max_length=2000)
    source_digest = models.CharField(max_length=64, editable=False)
    # Of the address that the source was finally fetched from, once it was.
    final_digest = models.CharField(max_length=64, null=True, editable=False)  # noqa: DJ001 - unique when known
    merged_into = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="+")
    target_url = models.CharField(_("target URL"), max_length=2000)
    protocols = models.JSONField(default=list)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RECEIVED)
    refusal = models.CharField(_("refusal"), max_length=REFUSAL_LENGTH, blank=True)
    # What was seen at the source: where the link stands, its words, its rel, the final address.
    evidence = models.JSONField(_("evidence"), default=dict)
    # What the source's server said of this version of the page, for conditional requests.
    validators = models.JSONField(default=dict, editable=False)
    status_key = models.CharField(
        max_length=22, unique=True, default=new_private_key, editable=False
    )
    received_at = models.DateTimeField(_("received at"), default=timezone.now, db_index=True)
    verified_at = models.DateTimeField(_("verified at"), null=True, blank=True)
    # Since when a page that was seen to link has been seen not to.
    missing_since = models.DateTimeField(null=True, blank=True)
    look_again_at = models.DateTimeField(null=True, blank=True)
    looks = models.PositiveIntegerField(default=0, editable=False)
    # How often a check was begun: one that kills its worker is not begun for ever.
    checks_begun = models.PositiveSmallIntegerField(default=0, editable=False)
    check_expected_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = LinkbackQuerySet.as_manager()

    MAX_CHECKS = 4

    class Meta:
        verbose_name, verbose_name_plural = _("linkback"), _("linkbacks")
        ordering = ["-received_at", "-pk"]
        indexes = [
            models.Index(fields=["state", "check_expected_at"], name="linkback_waiting"),
            models.Index(fields=["state", "look_again_at"], name="linkback_due"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "source_digest"], name="one_linkback_per_source"
            ),
            models.UniqueConstraint(
                fields=["article", "final_digest"], name="one_linkback_per_page"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["received", "verified", "refused", "gone", "merged"]),
                name="linkback_state",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_url} → {self.article}"

    @property
    def was_verified(self) -> bool:
        """Whether its link has been seen at least once."""
        return self.verified_at is not None

    def begin_check(self) -> bool:
        """Count one more attempt to check it; say whether there should be one."""
        if self.state in (self.State.REFUSED, self.State.MERGED):
            return False
        if self.checks_begun >= self.MAX_CHECKS:
            self.refuse("The check could not be completed.")
            self._look_again_much_later()
            return False
        waiting = Linkback.objects.filter(pk=self.pk, state=self.state)
        return bool(
            waiting.update(checks_begun=F("checks_begun") + 1, check_expected_at=timezone.now())
        )

    def _look_again_much_later(self) -> None:
        """Let a page that was seen once, and now breaks whoever looks at it, rest for a month."""
        later = timezone.now() + datetime.timedelta(days=30)
        seen = Linkback.objects.filter(pk=self.pk, state=self.State.VERIFIED)
        seen.update(checks_begun=0, look_again_at=later)

    def expect_check(self) -> None:
        """Note that a check has been queued now; the calendar of looks begins anew with it."""
        Linkback.objects.filter(pk=self.pk).update(check_expected_at=timezone.now(), looks=0)

    def look_again_soon(self, wait: datetime.timedelta) -> None:
        """Bring its next look forward: its sender says that it has changed, just after the last one.

        Not that of a page waiting for its second sight without the link, which has its day.
        """
        soon = timezone.now() + wait
        calendar = Linkback.objects.filter(pk=self.pk, state=self.State.VERIFIED)
        calendar.filter(missing_since=None, look_again_at__gt=soon).update(look_again_at=soon)

    def refuse(self, why: str) -> None:
        """Settle an unchecked linkback as refused, with a sentence for its sender."""
        waiting = Linkback.objects.filter(pk=self.pk, state=self.State.RECEIVED)
        waiting.update(state=self.State.REFUSED, refusal=why[:REFUSAL_LENGTH])

    def take_up_again(self, target_url: str) -> None:
        """Give a linkback that was refused another chance: its source may have changed."""
        now = timezone.now()
        refused = Linkback.objects.filter(pk=self.pk, state=self.State.REFUSED)
        refused.update(
            state=self.State.RECEIVED,
            refusal="",
            target_url=target_url,
            received_at=now,
            check_expected_at=now,
            checks_begun=0,
        )
        self.refresh_from_db()

    def add_protocol(self, protocol: str) -> None:
        """Note that it was announced by this protocol as well."""
        if protocol not in self.protocols:
            self.protocols = [*self.protocols, protocol]
            self.save(update_fields=["protocols"])


def target_digest(url: str) -> str:
    """Return SHA-256 (hex) of the normalised address: what makes two links of a text one."""
    return hashlib.sha256(normalise(url).encode()).hexdigest()


class OutgoingLinkbackQuerySet(models.QuerySet["OutgoingLinkback"]):
    def told(self) -> Self:
        """Links that the other side knows of and may be told more about."""
        return self.filter(sent_at__isnull=False, is_wanted=True)

    def lost_before(self, moment: datetime.datetime) -> Self:
        """Links that should have been sent by then, and nobody is at it."""
        free = Q(claimed_until=None) | Q(claimed_until__lt=timezone.now())
        return self.filter(
            free, state=OutgoingLinkback.State.PLANNED, next_attempt_at__lt=moment
        ).order_by("next_attempt_at")

    def plan(self) -> int:
        """Note that they are to be sent now, whatever became of them before; return how many."""
        return self.update(
            state=OutgoingLinkback.State.PLANNED, attempts=0, next_attempt_at=timezone.now()
        )

    def unplan(self) -> None:
        """Take back what was to be sent and has not been."""
        planned, state = (
            self.filter(state=OutgoingLinkback.State.PLANNED),
            OutgoingLinkback.State,
        )
        planned.filter(sent_at=None).update(state=state.FOUND, next_attempt_at=None)
        planned.update(state=state.SENT, next_attempt_at=None)


class OutgoingLinkback(models.Model):
    """A link in an article's own text, and what we told the page it leads to.

    ``next_attempt_at`` and ``claimed_until`` belong to its being sent: a worker claims a planned row
    for some minutes, and a claim that ran out was lost with its worker.
    """

    class State(models.TextChoices):
        FOUND = "found", _("Not sent")
        PLANNED = "planned", _("To be sent")
        SENT = "sent", pgettext_lazy("linkback", "Accepted")
        NO_ENDPOINT = "none", _("That page takes no linkbacks")
        FAILED = "failed", _("Not accepted")

    # Empty once the article is deleted: its links are told so under its last address.
    article = models.ForeignKey(
        Article,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="outgoing_linkbacks",
        verbose_name=_("article"),
    )
    # Stays what it was when it was first accepted: the other side knows the article by it.
    source_url = models.CharField(_("source URL"), max_length=2000)
    target_url = models.CharField(_("target URL"), max_length=2000)
    target_digest = models.CharField(max_length=64, editable=False)
    is_wanted = models.BooleanField(_("is wanted"), default=True)
    is_in_text = models.BooleanField(_("is in text"), default=True)
    protocol = models.CharField(_("protocol"), max_length=10, blank=True)
    endpoint = models.CharField(_("endpoint"), max_length=2000, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.FOUND)
    # Begun since it was planned: one that kills its worker is not begun for ever.
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_status = models.PositiveSmallIntegerField(_("last status"), null=True, blank=True)
    last_answer = models.CharField(_("last answer"), max_length=ANSWER_LENGTH, blank=True)
    status_url = models.CharField(_("status URL"), max_length=2000, blank=True)
    # When the other side last accepted it with the link in the text; empty when it was told that
    # the link has gone.
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    next_attempt_at = models.DateTimeField(_("next attempt at"), null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)
    looked_up_at = models.DateTimeField(_("looked up at"), null=True, blank=True)

    objects = OutgoingLinkbackQuerySet.as_manager()

    CLAIM = datetime.timedelta(minutes=10)  # many times the deadlines of two fetches

    class Meta:
        verbose_name, verbose_name_plural = _("outgoing linkback"), _("outgoing linkbacks")
        ordering = ["pk"]
        indexes = [models.Index(fields=["state", "next_attempt_at"], name="outgoing_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "target_digest"], name="one_outgoing_linkback_per_target"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["found", "planned", "sent", "none", "failed"]),
                name="outgoing_linkback_state",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_url} → {self.target_url}"

    @property
    def is_gone(self) -> bool:
        """Whether whoever looks at the article now does not find the link."""
        return not (self.is_in_text and self.article and self.article.is_published)

    def claim(self) -> bool:
        """Take the row for one attempt that is due; False if there is none, or somebody is at it."""
        now = timezone.now()
        until = now + self.CLAIM
        free = Q(claimed_until=None) | Q(claimed_until__lt=now)
        due = OutgoingLinkback.objects.filter(
            free, pk=self.pk, state=self.State.PLANNED, next_attempt_at__lte=now, is_wanted=True
        )
        if not due.update(claimed_until=until, attempts=F("attempts") + 1):
            return False
        self.refresh_from_db()
        return self.claimed_until == until

    def release(self, **outcome: object) -> bool:
        """Write what came of the attempt; False if it was planned anew in the meantime.

        Then only what was found out is written, and the row waits to be sent again.
        """
        mine = OutgoingLinkback.objects.filter(pk=self.pk, claimed_until=self.claimed_until)
        as_claimed = mine.filter(state=self.State.PLANNED, next_attempt_at=self.next_attempt_at)
        if as_claimed.update(**outcome, claimed_until=None):
            return True
        told = {"sent_at": outcome["sent_at"]} if "sent_at" in outcome else {}
        mine.update(**told, claimed_until=None)
        return False


class SentText(models.Model):
    """Which text of an article the pages it links to were last told of."""

    article = models.OneToOneField(Article, models.CASCADE, related_name="sent_text")
    # Empty until something was told.
    fingerprint = models.CharField(max_length=64, blank=True)
    was_public = models.BooleanField(default=False)
    # Before the text was last read and compared: whatever changed later is still to be looked at.
    looked_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"{self.article} at {self.looked_at:%Y-%m-%d %H:%M}"


class AnnouncedFeed(models.Model):
    """What a feed said when the hub was last told of it (WebSub)."""

    # The feed's id, which no change of address changes.
    key = models.CharField(max_length=300, unique=True)
    # Of the feed of a tag: it goes with the tag.
    tag = models.OneToOneField(Tag, models.CASCADE, null=True, related_name="announced_feed")
    # Empty until something was told.
    digest = models.CharField(max_length=64, blank=True)
    looked_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.key
