"""When moderators are told of what waits: at once, every hour or every day, as each of them likes."""

import datetime
from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from comments.filter.binned import least_sure_of_the_binned
from comments.mailing import outbox
from comments.mailing.moderator_letters import SETTLING, WEEK, untold
from comments.models import (
    Digest,
    MailKind,
    MailState,
    ModerationEvent,
    ModeratorPreferences,
    OutgoingMail,
    Status,
)
from comments.moderators import MODERATE_PERMISSION

# Between two mails to one moderator.
INTERVALS: dict[str, datetime.timedelta] = {
    Digest.AT_ONCE: datetime.timedelta(minutes=5),
    Digest.HOURLY: datetime.timedelta(hours=1),
    Digest.DAILY: datetime.timedelta(days=1),
}
# After one that could not be delivered at all.
AFTER_FAILURE = datetime.timedelta(days=1)
_BACKEND = "django.contrib.auth.backends.ModelBackend"
_OPEN = (MailState.WAITING, MailState.SENDING)


def follow(events: list[ModerationEvent]) -> None:
    """Plan mails to those who want to know at once, if something came in that waits."""
    if any(_is_arrival(event) for event in events):
        for user in _moderators():
            preferences = _preferences(user)
            if preferences.digest == Digest.AT_ONCE:
                _plan_digest(preferences)


def _is_arrival(event: ModerationEvent) -> bool:
    comment = event.comment
    return comment is not None and event.to_status == comment.status == Status.PENDING


def send_due_digests() -> None:
    """Plan every mail to a moderator whose time has come and that has something to say."""
    for user in _moderators():
        preferences = _preferences(user)
        if preferences.digest != Digest.OFF:
            _plan_digest(preferences)
            _plan_weekly(preferences)


def _moderators() -> Iterable[User]:
    allowed = User.objects.with_perm(MODERATE_PERMISSION, backend=_BACKEND)
    return allowed.exclude(email="").order_by("pk")


def _preferences(user: User) -> ModeratorPreferences:
    # Somebody who never chose has never been told of anything.
    return ModeratorPreferences.objects.get_or_create(
        user=user, defaults={"told_until": user.date_joined}
    )[0]


@transaction.atomic
def _plan_digest(seen: ModeratorPreferences) -> None:
    preferences = ModeratorPreferences.objects.select_for_update().get(pk=seen.pk)
    now = timezone.now()
    if not _is_due(preferences, now) or not untold(preferences).exists():
        return
    preferences.digest_at = now
    preferences.save(update_fields=["digest_at"])
    outbox.plan(MailKind.DIGEST, moderator=preferences.user, due_at=now + SETTLING)


def _is_due(preferences: ModeratorPreferences, now: datetime.datetime) -> bool:
    interval = INTERVALS.get(preferences.digest)
    mails = OutgoingMail.objects.filter(kind=MailKind.DIGEST, moderator=preferences.user)
    if interval is None or mails.filter(state__in=_OPEN).exists():
        return False
    last = mails.order_by("-pk").first()
    if last and last.state == MailState.FAILED:
        interval = max(interval, AFTER_FAILURE)
    return preferences.digest_at is None or now - preferences.digest_at >= interval


@transaction.atomic
def _plan_weekly(seen: ModeratorPreferences) -> None:
    preferences = ModeratorPreferences.objects.select_for_update().get(pk=seen.pk)
    now = timezone.now()
    if now - preferences.weekly_at < WEEK:
        return
    preferences.weekly_at = now
    preferences.save(update_fields=["weekly_at"])
    if least_sure_of_the_binned(now - WEEK).exists():
        outbox.plan(MailKind.WEEKLY, moderator=preferences.user)
