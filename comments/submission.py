"""Taking a reply in: the checks, the decision, and one transaction that writes it down."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from articles.models import Article
from articles.prepared import NUMBER, TEXT, PreparedInsert
from articles.prepared import Prepared as PreparedQuery
from comments import contacts, look_alikes, pace, policy
from comments.filter import judging
from comments.mailing import subscriptions
from comments.models import Comment, CommentQuerySet, DiscussionSettings, ModerationEvent, Status
from comments.moderators import decides_about
from comments.rendering import count_links

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
    # See ``tokens.age``.
    form_age: float | None = None
    is_decoy_filled: bool = False
    # Asked to be told by mail of replies.
    wants_notices: bool = False

    @property
    def is_by_moderator(self) -> bool:
        """Whether the signed-in author decides about comments here anyway."""
        return decides_about(self.user, self.article)


def submit(reply: Reply, rules: DiscussionSettings | None = None) -> Comment:
    """Write the reply down in the state that the rules give it, and return it.

    Raises a ``SubmissionRefused`` when it cannot be taken. No answer depends on the address typed.
    """
    prepared = prepare(reply, rules)
    with transaction.atomic():
        return take(prepared)


@dataclass(frozen=True)
class Prepared:
    """A reply with all that can be made of it before anything is written."""

    reply: Reply
    rules: DiscussionSettings
    comment: Comment
    learned: judging.Filter


def prepare(reply: Reply, rules: DiscussionSettings | None = None) -> Prepared:
    """Make the reply's text into HTML and judge it: outside any transaction, so that nobody waits for it.

    ``rules`` are read unless that has just been done. Raises a ``SubmissionRefused`` for what could not be
    taken anyway.
    """
    rules = rules or DiscussionSettings.current()
    if not rules.takes_replies(reply.article):
        raise CommentsClosed(gettext("Comments are closed for this article."))
    if not reply.is_by_moderator:
        _refuse_haste(reply.network, pace.exceeded)
    comment = Comment(
        article=reply.article,
        user=reply.user,
        author_name=reply.author_name,
        author_url=reply.author_url,
    )
    comment.set_text(reply.text)
    comment.signals = _signals(reply)
    comment.network_key = pace.network_key(reply.network)
    learned = judging.current()
    if not reply.is_by_moderator:
        learned.opinion(judging.sample_of(comment)).note(comment)
        comment.look_alike = look_alikes.group_of(comment)
    return Prepared(reply, rules, comment, learned)


def _signals(reply: Reply) -> dict[str, object]:
    """Return how it came in, as far as that helps to judge it."""
    signals: dict[str, object] = {} if reply.form_age is None else {"form_age": reply.form_age}
    return {**signals, "decoy": True} if reply.is_decoy_filled else signals


def take(prepared: Prepared) -> Comment:
    """Write the prepared reply down, in a transaction; raises as ``submit()`` does."""
    comment, reply = prepared.comment, prepared.reply
    one_at_a_time(reply.article.pk)
    comment.parent = _parent(reply)
    comment.take_place()
    refuse_duplicate(comment)
    if not reply.is_by_moderator:
        _refuse_haste(reply.network, pace.count)
    return _record(comment, reply, policy.decide(_evidence(prepared), rules_of(prepared.rules)))


def one_at_a_time(article: int) -> None:
    """Have replies to one article follow one another: the same one sent twice at once is seen.

    To be called in a transaction, before any of its comments is changed: all take the article first.
    """
    # SQLite's transactions are immediate: they already follow one another.
    if connection.vendor == "postgresql":
        _lock_article(article)


# Not for its key: whoever refers to the article meanwhile (a link, a question) need not wait.
_lock_article = PreparedQuery(
    lambda pk: Article.objects.select_for_update(no_key=True).filter(pk=pk).values_list("pk"),
    NUMBER,
)
_write_comment = PreparedInsert(Comment)


def _record(comment: Comment, reply: Reply, decision: policy.Decision) -> Comment:
    comment.status = Status(decision.verdict)
    _write_comment(comment)
    if reply.address:
        contacts.seal(comment, reply.address)
        if reply.wants_notices:
            subscriptions.wish(comment)
    ModerationEvent.record(comment, "", reasons=decision.reasons)
    return comment


def _parent(reply: Reply) -> Comment | None:
    if reply.parent_id is None:
        return None
    parent = Comment.objects.approved().filter(article=reply.article, pk=reply.parent_id).first()
    if parent is None:
        raise ParentUnavailable(
            gettext(
                "The comment you are replying to is not there any more. "
                "Post again to leave yours as a comment of its own."
            )
        )
    return parent


def refuse_duplicate(comment: Comment) -> None:
    """Raise ``Duplicate`` when another comment says the same in the same place."""
    place = (comment.article_id, comment.text_digest, comment.pk or 0)
    same = _same_below(*place, comment.parent_id) if comment.parent_id else _same_on_top(*place)
    if same:
        raise Duplicate(
            gettext("That has been said here already, in the same words. Did you send it twice?")
        )


def _same(article: int, digest: str, but: int) -> CommentQuerySet:
    there = Comment.objects.standing().filter(article=article, text_digest=digest)
    return there.exclude(pk=but)


_same_on_top = PreparedQuery(
    lambda *place: _same(*place).filter(parent=None).order_by().values_list("pk")[:1],
    *(NUMBER, TEXT, NUMBER),
)
_same_below = PreparedQuery(
    lambda article, digest, but, parent: (
        _same(article, digest, but).filter(parent=parent).order_by().values_list("pk")[:1]
    ),
    *(NUMBER, TEXT, NUMBER, NUMBER),
)

_IN_A_MINUTE = _("Too many comments came from your network just now. Wait a minute and post again.")
_IN_AN_HOUR = _("Too many comments came from your network in this hour. Please post again later.")


def _refuse_haste(network: str, ask: Callable[..., pace.Limit | None]) -> None:
    reply = partial(pace.Limit, "reply", network)
    minute = reply(PER_MINUTE, datetime.timedelta(minutes=1))
    exceeded = ask(minute, reply(PER_HOUR, datetime.timedelta(hours=1)))
    if exceeded:
        raise TooFast(gettext(_IN_A_MINUTE if exceeded is minute else _IN_AN_HOUR))


def _evidence(prepared: Prepared) -> policy.Evidence:
    reply = prepared.reply
    return evidence_of(
        prepared.comment,
        prepared.rules,
        is_moderator=reply.is_by_moderator,
        is_known=bool(reply.earlier_keys) and _any_was_approved(reply.earlier_keys),
        learned=prepared.learned,
    )


def _any_was_approved(keys: tuple[str, ...]) -> bool:
    return Comment.objects.approved().filter(private_key__in=keys).exists()


def evidence_of(
    comment: Comment,
    rules: DiscussionSettings,
    *,
    is_moderator: bool,
    is_known: bool,
    learned: judging.Filter | None = None,
) -> policy.Evidence:
    """Return what is known of a reply that has its text, its signals and the filter's opinion.

    ``learned`` is read unless that has just been done.
    """
    return policy.Evidence(
        is_reply=True,
        text=comment.text,
        author_name=comment.author_name,
        author_url=comment.author_url,
        linked_urls=comment.linked_urls,
        links=count_links(comment.text_html),
        is_moderator=is_moderator,
        is_known=is_known,
        is_decoy_filled=bool(comment.signals.get("decoy")),
        form_age=comment.signals.get("form_age"),
        **opinion_of(comment, rules, learned or judging.current()),
    )


def opinion_of(
    comment: Comment, rules: DiscussionSettings, learned: judging.Filter
) -> dict[str, Any]:
    """Return, as evidence, what the filter said of the comment, as far as the owner hears it."""
    return {
        "score": comment.score if rules.filter_enabled else None,
        "score_reasons": tuple(comment.score_reasons),
        "filter_may_act": judging.may_act(learned.measures, rules),
    }


def rules_of(settings: DiscussionSettings) -> policy.Rules:
    """Return the part of the owner's settings that decides."""
    return policy.Rules(
        hold_everything=settings.hold_everything,
        hold_first_time_authors=settings.hold_first_time_authors,
        hold_from_links=settings.hold_from_links,
        held_words=settings.held_words,
        disallowed_words=settings.disallowed_words,
        trusted_sources=settings.trusted_sources,
        blocked_sources=settings.blocked_sources,
    )
