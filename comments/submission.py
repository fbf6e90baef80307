"""Taking a reply in: the checks, the decision, and one transaction that writes it down."""

import datetime
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.db import transaction

from articles.models import Article
from comments import contacts, pace, policy
from comments.models import Comment, DiscussionSettings, ModerationEvent, Status
from comments.rendering import count_links

MODERATE_PERMISSION = "comments.moderate_comment"
# From one network: what a lively conversation needs, and a script finds slow.
PER_MINUTE, PER_HOUR = 4, 40


class SubmissionRefused(Exception):
    """A reply is not taken; ``str()`` is the sentence for its author, ``status`` the HTTP status."""

    status = 400


class CommentsClosed(SubmissionRefused):
    status = 403


class ParentUnavailable(SubmissionRefused):
    status = 403


class Duplicate(SubmissionRefused):
    status = 409


class TooFast(SubmissionRefused):
    status = 429


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A reply as it was typed, validated by the form."""

    article: Article
    text: str
    author_name: str
    author_url: str = ""
    # Kept out of repr(), and with it out of every traceback.
    address: str = field(default="", repr=False)
    parent_id: int | None = None
    user: User | None = None
    network: str = "unknown"
    # Private keys of earlier comments, kept by the author's own browser.
    earlier_keys: tuple[str, ...] = ()

    @property
    def is_by_moderator(self) -> bool:
        """Whether the signed-in author decides about comments here anyway."""
        user = self.user
        return user is not None and (
            user == self.article.author or user.has_perm(MODERATE_PERMISSION)
        )


def submit(reply: Reply) -> Comment:
    """Write the reply down in the state that the rules give it, and return it.

    Raises a ``SubmissionRefused`` when it cannot be taken. No answer depends on the address typed.
    """
    rules = DiscussionSettings.current()
    if not rules.takes_replies(reply.article):
        raise CommentsClosed("Comments are closed for this article.")
    comment = Comment(
        article=reply.article,
        user=reply.user,
        author_name=reply.author_name,
        author_url=reply.author_url,
    )
    # Before the transaction: nobody else waits while this text is made into HTML.
    comment.set_text(reply.text)
    with transaction.atomic():
        return _take(comment, reply, rules)


def _take(comment: Comment, reply: Reply, rules: DiscussionSettings) -> Comment:
    # Replies to one article follow one another, so that the same one sent twice at once is seen.
    Article.objects.select_for_update().get(pk=reply.article.pk)
    comment.parent = _parent(reply)
    _refuse_duplicate(comment)
    if not reply.is_by_moderator:
        _refuse_haste(reply.network)
    return _record(comment, reply, policy.decide(_evidence(comment, reply), rules_of(rules)))


def _record(comment: Comment, reply: Reply, decision: policy.Decision) -> Comment:
    comment.status = Status(decision.verdict)
    comment.save()
    if reply.address:
        contacts.seal(comment, reply.address)
    ModerationEvent.record(comment, "", reasons=decision.reasons)
    return comment


def _parent(reply: Reply) -> Comment | None:
    if reply.parent_id is None:
        return None
    parent = Comment.objects.approved().filter(article=reply.article, pk=reply.parent_id).first()
    if parent is None:
        raise ParentUnavailable(
            "The comment you are replying to is not there any more. "
            "Post again to leave yours as a comment of its own."
        )
    return parent


def _refuse_duplicate(comment: Comment) -> None:
    same = Comment.objects.standing().filter(
        article=comment.article, parent=comment.parent, text_digest=comment.text_digest
    )
    if same.exists():
        raise Duplicate(
            "That has been said here already, in the same words. Did you send it twice?"
        )


def _refuse_haste(network: str) -> None:
    minute, hour = datetime.timedelta(minutes=1), datetime.timedelta(hours=1)
    if not pace.allow("reply", network, times=PER_MINUTE, within=minute):
        raise TooFast(
            "Too many comments came from your network just now. Wait a minute and post again."
        )
    if not pace.allow("reply hour", network, times=PER_HOUR, within=hour):
        raise TooFast(
            "Too many comments came from your network in this hour. Please post again later."
        )


def _evidence(comment: Comment, reply: Reply) -> policy.Evidence:
    earlier = Comment.objects.approved().filter(private_key__in=reply.earlier_keys)
    return policy.Evidence(
        is_reply=True,
        text=reply.text,
        author_name=reply.author_name,
        author_url=reply.author_url,
        links=count_links(comment.text_html),
        is_moderator=reply.is_by_moderator,
        is_known=bool(reply.earlier_keys) and earlier.exists(),
    )


def rules_of(settings: DiscussionSettings) -> policy.Rules:
    """Return the part of the owner's settings that decides."""
    return policy.Rules(
        hold_everything=settings.hold_everything,
        hold_first_time_authors=settings.hold_first_time_authors,
        hold_from_links=settings.hold_from_links,
        held_words=settings.held_words,
        disallowed_words=settings.disallowed_words,
        trusted_sources=settings.trusted_sources,
    )
