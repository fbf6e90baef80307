"""The pages that link here."""

import datetime
import hashlib
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from articles.models import Article
from comments.linkbacks.verification import normalise
from comments.models import Comment, new_private_key


def source_digest(url: str) -> str:
    """Return SHA-256 (hex) of the normalised address: what makes a source page one and the same."""
    return hashlib.sha256(normalise(url).encode()).hexdigest()


class LinkbackQuerySet(models.QuerySet["Linkback"]):
    def lost_before(self, moment: datetime.datetime) -> Self:
        """Linkbacks that should have been checked by then and were not."""
        return self.filter(state=Linkback.State.RECEIVED, check_expected_at__lt=moment)


class Linkback(models.Model):
    """Another page's link to an article: from the moment it is announced, through verification."""

    class State(models.TextChoices):
        RECEIVED = "received", "Received, not checked yet"
        VERIFIED = "verified", "Link found"
        REFUSED = "refused", "Refused"

    article = models.ForeignKey(Article, models.CASCADE, related_name="linkbacks")
    # Only a verified linkback is something said about the article.
    comment = models.OneToOneField(
        Comment, models.SET_NULL, null=True, blank=True, related_name="linkback"
    )
    source_url = models.CharField(max_length=2000)
    source_digest = models.CharField(max_length=64, editable=False)
    target_url = models.CharField(max_length=2000)
    protocols = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State, default=State.RECEIVED)
    refusal = models.CharField(max_length=300, blank=True)
    # What was seen at the source: where the link stands, its words, its rel, the final address.
    evidence = models.JSONField(default=dict)
    status_key = models.CharField(
        max_length=22, unique=True, default=new_private_key, editable=False
    )
    received_at = models.DateTimeField(default=timezone.now)
    verified_at = models.DateTimeField(null=True, blank=True)
    # How often a check was begun: one that kills its worker is not begun for ever.
    checks_begun = models.PositiveSmallIntegerField(default=0, editable=False)
    check_expected_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = LinkbackQuerySet.as_manager()

    MAX_CHECKS = 4

    class Meta:
        ordering = ["-received_at", "-pk"]
        indexes = [models.Index(fields=["state", "received_at"], name="linkback_waiting")]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "source_digest"], name="one_linkback_per_source"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["received", "verified", "refused"]), name="linkback_state"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_url} → {self.article}"

    def begin_check(self) -> bool:
        """Count one more attempt to check it; say whether there should be one."""
        waiting = Linkback.objects.filter(pk=self.pk, state=self.State.RECEIVED)
        if self.checks_begun >= self.MAX_CHECKS:
            self.refuse("The check could not be completed.")
            return False
        return bool(
            waiting.update(checks_begun=F("checks_begun") + 1, check_expected_at=timezone.now())
        )

    def expect_check(self) -> None:
        """Note that a check has been queued now."""
        Linkback.objects.filter(pk=self.pk).update(check_expected_at=timezone.now())

    def refuse(self, why: str) -> None:
        """Settle an unchecked linkback as refused, with a sentence for its sender."""
        waiting = Linkback.objects.filter(pk=self.pk, state=self.State.RECEIVED)
        waiting.update(state=self.State.REFUSED, refusal=why[:300])

    def take_up_again(self, target_url: str) -> None:
        """Give a linkback that was refused another chance: its source may have changed."""
        self.state, self.refusal, self.target_url = self.State.RECEIVED, "", target_url
        self.received_at = self.check_expected_at = timezone.now()
        self.checks_begun = 0
        self.save()
