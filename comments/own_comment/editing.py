"""Changing the words of a comment, for a quarter of an hour: the rules then decide anew."""

import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from comments import look_alikes, policy
from comments.filter import judging
from comments.models import Comment, DiscussionSettings, ModerationEvent, Status
from comments.moderators import decides_about
from comments.own_comment.reasons import EDITED, EDITED_AFTER_APPROVAL
from comments.own_comment.taking_back import NotPossible, locked, read_anew
from comments.submission import evidence_of, one_at_a_time, refuse_duplicate, rules_of

EDITABLE_FOR = datetime.timedelta(minutes=15)
# What follows from the words.
_WORDS = ("text", "text_html", "text_digest", "look_alike", "score", "score_reasons", "doubt")


def _time_left(comment: Comment) -> datetime.timedelta:
    return comment.created_at + EDITABLE_FOR - timezone.now()


def minutes_left(comment: Comment) -> int:
    """Return how long its author may still change it, in minutes begun; 0 when no longer."""
    return max(0, -(-_time_left(comment) // datetime.timedelta(minutes=1)))


def may_edit(comment: Comment) -> bool:
    """Say whether its author may change it now: what was declined or withdrawn stays as it is."""
    stands = comment.status in (Status.PENDING, Status.APPROVED)
    return stands and _time_left(comment) > datetime.timedelta(0)


def edit(comment: Comment, text: str) -> Comment:
    """Give the comment these words, have the rules decide about them, and return it.

    A moderator's approval was about other words: without one of the rules' own, they wait.
    Raises ``NotPossible`` when it is too late or the comment has gone, ``Duplicate`` when another comment says the same.
    """
    # Before the transaction: nobody else waits while this text is made into HTML and judged.
    changed = _with_words(comment, text)
    with transaction.atomic():
        one_at_a_time(comment.article_id)
        now = locked(comment)
        if not may_edit(now):
            raise NotPossible(gettext("It is too late to change this comment."))
        if text != now.text:
            _take(changed, now)
        return now


def _with_words(comment: Comment, text: str) -> Comment:
    changed = read_anew(comment, Comment.objects.all())
    changed.set_text(text)
    if not _is_by_moderator(changed):
        judging.judge(changed).note(changed)
        changed.look_alike = look_alikes.group_of(changed)
    return changed


def _is_by_moderator(comment: Comment) -> bool:
    return decides_about(comment.user, comment.article)


def _take(changed: Comment, now: Comment) -> None:
    for name in _WORDS:
        setattr(now, name, getattr(changed, name))
    refuse_duplicate(now)
    now.edited_at = timezone.now()
    now.save(update_fields=[*_WORDS, "edited_at"])
    _decide_again(now)


def _decide_again(comment: Comment) -> None:
    rules, before = DiscussionSettings.current(), comment.status
    decision = policy.decide(_evidence(comment, rules), rules_of(rules))
    status, reasons = Status(decision.verdict), decision.reasons
    if status == Status.APPROVED and before == Status.PENDING and _is_for_a_person(comment):
        status, reasons = Status.PENDING, ()
    lost_approval = before == Status.APPROVED != status
    said = (EDITED_AFTER_APPROVAL if lost_approval else EDITED, *reasons)
    if comment.move_to(status, reasons=said) is None:
        ModerationEvent.record(comment, before, reasons=said)


def _is_for_a_person(comment: Comment) -> bool:
    """Say whether a moderator held it, or it once lay in spam or trash: no rule decides that alone."""
    judged = Q(actor__isnull=False) | Q(to_status__in=[Status.SPAM, Status.TRASH])
    return comment.events.filter(judged).exists()


def _evidence(comment: Comment, rules: DiscussionSettings) -> policy.Evidence:
    entry = comment.events.filter(from_status="").order_by("pk").first()
    # Whom the rules let in at once had proved it then; nothing is proved by having edited.
    is_known = entry is not None and entry.to_status == Status.APPROVED
    by_moderator = _is_by_moderator(comment)
    return evidence_of(comment, rules, is_moderator=by_moderator, is_known=is_known)
