"""A moderator's reply, typed in the queue: approves what it answers and is published below it."""

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from comments import tokens
from comments.forms import ReplyForm
from comments.models import Actor, Comment, Status
from comments.moderation.decisions import VERBS, Outcome, decide
from comments.moderation.drafts import Draft
from comments.moderation.seen import Seen
from comments.submission import Prepared, Reply, SubmissionRefused, one_at_a_time, prepare, take

APPROVED_AND_REPLIED = _("Approved the comment and published your reply.")
REPLIED = _("Published your reply.")


class AnswerRefused(Exception):
    """Nothing was approved and nothing published; ``str()`` is the sentence for the moderator."""


def name_of(user: User) -> str:
    """Return the name readers see with a moderator's replies; empty while it is not known."""
    if name := user.get_full_name():
        return name
    last = Comment.objects.filter(user=user).order_by("-pk").values_list("author_name", flat=True)
    return last.first() or ""


def answer(comment: Comment, draft: Draft, *, by: User, seen: Seen) -> Outcome:
    """Publish the draft below the comment, which is approved first if it is not.

    All or nothing. The text goes the way of every reply, and meets the same rules. Raises
    ``AnswerRefused``.
    """
    reply = _checked(comment, draft, by)
    try:
        return _publish(comment, prepare(reply), by, seen)
    except SubmissionRefused as refusal:
        raise AnswerRefused(str(refusal)) from refusal


def _checked(comment: Comment, draft: Draft, by: User) -> Reply:
    name = name_of(by) or draft.name
    typed = {"comment": draft.reply, "author": name, "parent": str(comment.pk)}
    form = ReplyForm(comment.article, {**typed, "token": tokens.issue(comment.article)}, user=by)
    if not form.is_valid():
        raise AnswerRefused(" ".join(str(errors[0]) for errors in form.errors.values()))
    return Reply(
        article=comment.article,
        text=form.cleaned_data["comment"],
        author_name=by.get_full_name() or form.cleaned_data["author"],
        parent_id=comment.pk,
        user=by,
    )


@transaction.atomic
def _publish(comment: Comment, reply: Prepared, by: Actor, seen: Seen) -> Outcome:
    one_at_a_time(comment.article_id)
    was_shown = seen.states.get(comment.pk, comment.status) == Status.APPROVED
    outcome = Outcome(REPLIED)
    if not was_shown:
        approval = decide(VERBS["approve"], [comment], by=by, seen=seen)
        if approval.missed:
            raise AnswerRefused(approval.regret)
        outcome = Outcome(APPROVED_AND_REPLIED, events=approval.events)
    outcome.add(take(reply).events.get())
    return outcome
