"""What moderators are written: what waits for them, and the spam that the filter was least sure of.

No address of a commenter, no network, no ``Reply-To``: a mailbox is read by more than its owner.
"""

import datetime

from django.contrib.auth.models import User
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from articles.site_addresses import absolute, absolute_to
from comments.filter.binned import least_sure_of_the_binned
from comments.mailing import links
from comments.mailing.letters import NAME, TITLE, Letter, clamped, one_line, quoted
from comments.models import (
    Comment,
    Digest,
    ModerationEvent,
    ModeratorPreferences,
    OutgoingMail,
    Status,
)
from comments.moderators import may_moderate
from comments.policy import percent
from comments.stored_words import shown

SHOWN = 20  # comments in one mail
LEAST_SURE = 10
TEXT = 300  # characters
WEEK = datetime.timedelta(days=7)
# What came in a moment ago may still be in a transaction: it is told in the next mail, not skipped.
SETTLING = datetime.timedelta(seconds=30)


def untold(preferences: ModeratorPreferences) -> QuerySet[Comment]:
    """Return what has been waiting since this moderator was last told, oldest comments first.

    Not what they put back among the pending themselves: they know of it.
    """
    waiting = Comment.objects.filter(status=Status.PENDING)
    since = waiting.filter(status_since__gt=preferences.told_until)
    events = ModerationEvent.objects.filter(comment=OuterRef("pk")).order_by("-pk")
    decided = since.annotate(last_actor=Subquery(events.values("actor")[:1]))
    by_others = Q(last_actor=None) | ~Q(last_actor=preferences.user_id)
    return decided.filter(by_others).select_related("article").order_by("created_at", "pk")


def waiting(mail: OutgoingMail) -> Letter | None:
    """Return the mail about what waits; None when nothing does, or none is wanted any more."""
    moderator = mail.moderator
    preferences = _preferences(moderator)
    if moderator is None or preferences is None:
        return None
    until = timezone.now() - SETTLING
    found = untold(preferences).filter(status_since__lte=until)
    count = found.count()
    if not count:
        return None
    items = [_item(comment, moderator, "approve", "spam", "trash") for comment in found[:SHOWN]]
    context = {
        "items": items,
        "count": count,
        "more": count - len(items),
        "total": Comment.objects.waiting().count(),
        "queue": absolute_to("admin:comments_comment_changelist"),
    }

    def note() -> None:
        ModeratorPreferences.objects.filter(pk=preferences.pk).update(told_until=until)

    return Letter(recipient=moderator, context=context, when_sent=note)


def binned(mail: OutgoingMail) -> Letter | None:
    """Return the weekly mail about doubtful spam; None when there is none to doubt."""
    moderator = mail.moderator
    if moderator is None or _preferences(moderator) is None:
        return None
    found = least_sure_of_the_binned(mail.created_at - WEEK)[:LEAST_SURE]
    items = [_item(comment, moderator, "approve") for comment in found]
    queue = absolute_to("admin:comments_comment_changelist") + "?status=spam"
    return Letter(recipient=moderator, context={"items": items, "queue": queue}) if items else None


def _preferences(user: User | None) -> ModeratorPreferences | None:
    """Return how the moderator wants to be told; None if they do not, or moderate no more."""
    if user is None or not user.email or not may_moderate(user):
        return None
    wanted = ModeratorPreferences.objects.filter(user=user).exclude(digest=Digest.OFF)
    return wanted.first()


def _item(comment: Comment, moderator: User, *verbs: str) -> dict[str, object]:
    """Return what the templates show of a comment, by name: nothing else of it reaches them."""
    said = clamped(comment.text, TEXT)
    return {
        "name": one_line(comment.author_name, NAME),
        "kind": comment.get_kind_display(),
        "title": one_line(comment.article.title, TITLE),
        "said": said,
        "quoted": quoted(said),
        "at": comment.created_at,
        "score": _percent(comment.score),
        "reasons": ", ".join(one_line(shown(str(why)), 100) for why in comment.score_reasons[:3]),
        "acts": {verb: absolute(links.act_path(verb, comment, moderator)) for verb in verbs},
    }


def _percent(score: float | None) -> str:
    return "" if score is None else f"{percent(score)} %"
