"""The rules of the conversation, and the pace it keeps."""

import datetime
import re

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles.models import Article
from articles.prepared import PreparedModels
from comments.models.kinds import Kind

_SOURCE = re.compile(
    r"(?:\w(?:[\w-]*\w)?(?:\.\w(?:[\w-]*\w)?)*|\[[0-9a-f:.]+\])(?::\d{1,5})?(?:/[^\s?#\\]*)?",
    re.IGNORECASE,
)


def validate_sources(text: str) -> None:
    """Raise a ``ValidationError`` for each line that is neither a host nor a host and path."""
    lines = enumerate((line.strip() for line in text.splitlines()), 1)
    wrong = [(number, line) for number, line in lines if line and not _SOURCE.fullmatch(line)]
    if wrong:
        raise ValidationError(
            [_fault(line) % {"number": number, "line": line} for number, line in wrong]
        )


def _fault(line: str) -> str:
    if "://" in line:
        return gettext(
            "Line %(number)s, “%(line)s”: leave out the scheme; a host holds for http and https alike."
        )
    if re.search(r"\s", line):
        return gettext(
            "Line %(number)s, “%(line)s”: there is a blank in it. One host, or host and path, a line."
        )
    return gettext(
        "Line %(number)s, “%(line)s”: "
        "that is neither a host (example.org) nor a host and path (example.org/~ann/)."
    )


class DiscussionSettings(models.Model):
    """The rules of the conversation: one row, edited in the admin."""

    hold_everything = models.BooleanField(
        _("hold everything"), default=False, help_text=_("Every response waits for a moderator.")
    )
    hold_first_time_authors = models.BooleanField(
        _("hold first time authors"),
        default=True,
        help_text=_("Until one of their comments has been approved."),
    )
    hold_from_links = models.PositiveSmallIntegerField(
        _("hold from links"),
        default=2,
        help_text=_(
            "A response with this many links or more waits for a moderator. 0: never for that reason."
        ),
    )
    held_words = models.TextField(
        _("held words"),
        blank=True,
        help_text=_("One word or phrase a line, in text, name or website: such a response waits."),
    )
    disallowed_words = models.TextField(
        _("disallowed words"),
        blank=True,
        help_text=_(
            "One word or phrase a line, in text, name or website: such a response goes to spam."
        ),
    )
    close_after_days = models.PositiveSmallIntegerField(
        _("close after days"),
        default=0,
        help_text=_("Articles older than this take no more responses. 0: they always do."),
    )
    pingbacks_enabled = models.BooleanField(
        _("pingbacks enabled"), default=True, help_text=_("Other blogs may answer by pingback.")
    )
    trackbacks_enabled = models.BooleanField(
        _("trackbacks enabled"), default=True, help_text=_("Other blogs may answer by TrackBack.")
    )
    webmentions_enabled = models.BooleanField(
        _("webmentions enabled"),
        default=True,
        help_text=_("Other sites, and readers with a link, may answer by Webmention."),
    )
    trusted_sources = models.TextField(
        _("trusted sources"),
        blank=True,
        validators=[validate_sources],
        help_text=_(
            "One host, or host and path, a line, without scheme (example.org or "
            "example.org/~ann/): their linkbacks need no moderator."
        ),
    )
    blocked_sources = models.TextField(
        _("blocked sources"),
        blank=True,
        validators=[validate_sources],
        help_text=_(
            "One host, or host and path, a line, without scheme (example.org or "
            "example.org/~ann/): no linkback from there is taken, and replies that lead there go to spam."
        ),
    )
    filter_enabled = models.BooleanField(
        _("the filter may act"),
        default=True,
        help_text=_(
            "Once it has learned from your decisions and measures itself as reliable, it sends "
            "obvious spam to the spam tab by itself. It never deletes anything. Off: it only gives its opinion."
        ),
    )
    reply_notices_enabled = models.BooleanField(
        _("tell readers of replies"),
        default=True,
        help_text=_("Whoever leaves a comment may ask to be told by mail when somebody replies."),
    )
    erase_contacts_after_days = models.PositiveSmallIntegerField(
        _("erase addresses after days"),
        default=90,
        help_text=_(
            "So long after a comment was approved its author's email address is erased, "
            "unless they are to be told of replies. 0: never."
        ),
    )
    erase_declined_contacts_after_days = models.PositiveSmallIntegerField(
        _("erase addresses of spam and trash after days"),
        default=7,
        help_text=_("0: never."),
    )
    purge_trash_after_days = models.PositiveSmallIntegerField(
        _("purge trash after days"), default=30, help_text=_("0: never.")
    )
    purge_spam_after_days = models.PositiveSmallIntegerField(
        _("purge spam after days"), default=30, help_text=_("0: never.")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("discussion settings")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_discussion_settings")]

    def __str__(self) -> str:
        return gettext("Discussion settings")

    @classmethod
    def current(cls) -> "DiscussionSettings":
        """Return the one row, or its defaults while nobody has saved it."""
        return next(iter(_rules(cls)), None) or cls(pk=1)

    @classmethod
    def for_request(cls, request: HttpRequest) -> "DiscussionSettings":
        """Return the rules, read once for a request however many parts of its page ask."""
        if not hasattr(request, "_discussion_settings"):
            request._discussion_settings = cls.current()  # type: ignore[attr-defined]
        rules: DiscussionSettings = request._discussion_settings  # type: ignore[attr-defined]
        return rules

    def is_open(self, article: Article) -> bool:
        """Say whether the article still takes responses of any kind, its own switches apart."""
        closes_at = self.closes_at(article)
        return article.is_published and (closes_at is None or timezone.now() < closes_at)

    def closes_at(self, article: Article) -> datetime.datetime | None:
        """Return from when on the article takes no more responses for its age, past or to come; None for never."""
        if not self.close_after_days or article.published_at is None:
            return None
        # To the last instant of that age it is open.
        age = datetime.timedelta(days=self.close_after_days, microseconds=1)
        return article.published_at + age

    def takes_replies(self, article: Article) -> bool:
        return article.comments_open and self.is_open(article)

    def takes(self, kind: str, article: Article) -> bool:
        """Say whether the article takes linkbacks by this protocol (a ``Kind``)."""
        enabled = {
            Kind.PINGBACK: self.pingbacks_enabled,
            Kind.TRACKBACK: self.trackbacks_enabled,
            Kind.WEBMENTION: self.webmentions_enabled,
        }
        return article.linkbacks_open and enabled[Kind(kind)] and self.is_open(article)


_rules = PreparedModels(lambda: DiscussionSettings.objects.filter(pk=1))


class NetworkUse(models.Model):
    """One act from one network, remembered for a day as a keyed hash to limit the pace of acts."""

    key = models.CharField(max_length=64)
    act = models.CharField(max_length=20)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["key", "act", "at"], name="network_use_pace"),
            models.Index(fields=["at"], name="network_use_age"),
        ]

    def __str__(self) -> str:
        return f"{self.act} at {self.at:%H:%M:%S}"
