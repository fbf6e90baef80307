"""Forgetting who wrote a comment, or the comment itself: whatever its state, and for good."""

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_tasks import task

from articles.search.forgetting import forget_what_is_gone
from comments.filter import lessons
from comments.models import Comment, ModerationEvent
from comments.own_comment.reasons import ANONYMISED, OWN_REASONS
from comments.own_comment.taking_back import forget_address, locked

NOBODY = _("Anonymous")
ERASED = "erased at the wish of the comment’s author"
_CHANGED = [
    "author_name",
    "author_url",
    "user",
    "signals",
    "network_key",
    "declined_digest",
    "score_reasons",
]


@transaction.atomic
def keep_as_anonymous(comment: Comment) -> None:
    """Leave the text where it is, and nothing that says who wrote it."""
    now = locked(comment)
    # Written in the language of the site, as what is said by somebody is.
    now.author_name, now.author_url, now.user = str(NOBODY), "", None
    now.signals, now.network_key, now.declined_digest = {}, "", ""
    now.score_reasons = []
    now.save(update_fields=_CHANGED)
    _forget_author(now)
    ModerationEvent.record(now, now.status, reasons=[ANONYMISED])


@transaction.atomic
def remove(comment: Comment) -> None:
    """Delete the comment and all that was kept about it; replies to it move up one level.

    That there was a comment, and how it was decided about, stays counted: without words or names.
    """
    now = locked(comment)
    _forget_author(now)
    Comment.objects.filter(pk=now.pk).purge()


@task()
def forget_words() -> None:
    """Have the words that were erased leave the search's index, too."""
    forget_what_is_gone()


def _forget_author(comment: Comment) -> None:
    transaction.on_commit(forget_words.enqueue)
    Comment.objects.filter(pk=comment.pk).forget_credit()
    _forget_words_about(comment)
    forget_address(comment)
    # Of a text that stays it is learned anew, without the name.
    lessons.forget([comment])


def _forget_words_about(comment: Comment) -> None:
    """Blank what moderators and rules wrote about the author: it may hold their name."""
    comment.events.update(message="")
    for event in comment.events.all():
        # The rules and the filter quote what they found, also in the name and the website.
        event.reasons = [reason for reason in event.reasons if reason in OWN_REASONS]
        event.save(update_fields=["reasons"])
    comment.reveals.update(reason=ERASED)
    of_comments = ContentType.objects.get_for_model(Comment)
    LogEntry.objects.filter(content_type=of_comments, object_id=str(comment.pk)).update(
        object_repr=f"Comment {comment.pk}", change_message=""
    )
