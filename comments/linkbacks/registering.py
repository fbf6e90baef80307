"""Writing down what a look at a linking page showed: the linkback, its comment, its next look."""

import datetime
from collections import Counter

from django.db import transaction
from django.utils import timezone

from comments import look_alikes, policy
from comments.filter import judging
from comments.filter.features import host_of
from comments.linkbacks.fetching import Page
from comments.linkbacks.microformats import Mention
from comments.linkbacks.models import Linkback, page_digest
from comments.linkbacks.verification import SourcePage
from comments.models import (
    Comment,
    DiscussionSettings,
    Kind,
    ModerationEvent,
    Proposal,
    ResponseType,
    Status,
    digest,
)
from comments.submission import opinion_of, rules_of

HOSTS_REMEMBERED = 1_000  # linkbacks
NAME_LENGTH = 245
REPLY_LENGTH = 2_000
REMOVED = "gone at its source"
# After the first look: soon, then ever more rarely.
INTERVALS = tuple(datetime.timedelta(days=days) for days in (1, 7, 30, 60))
_RICHEST_FIRST = (Kind.WEBMENTION, Kind.PINGBACK, Kind.TRACKBACK)


@transaction.atomic
def register(linkback: Linkback, page: Page, seen: SourcePage, mention: Mention | None) -> None:
    """Take over what the page says: a new comment, or what has changed in the one there is."""
    # Two workers may have looked at the same one: the row decides which of them writes first.
    row = Linkback.objects.select_for_update().select_related("article").get(pk=linkback.pk)
    if row.state in (Linkback.State.REFUSED, Linkback.State.MERGED):
        return
    if other := _same_page(row, page.url):
        _merge(row, other)
        if other.state != Linkback.State.GONE:
            return
        # Its page is there again, by way of this one.
        row = other
    is_first = not row.was_verified
    came_back = row.state == Linkback.State.GONE
    _take_over(row, page, seen)
    if mention and mention.published:
        row.evidence["published"] = mention.published.isoformat()
        row.save(update_fields=["evidence"])
    words = _words(row, seen, mention)
    if is_first:
        row.comment = _new_comment(row, page, seen, words)
        row.save()
    elif row.comment_id is not None:
        # Locked: a moderator may be deciding about it at this moment.
        comment = Comment.objects.select_for_update().get(pk=row.comment_id)
        words.signals = {**comment.signals, "link_place": _place(seen)}
        _update_comment(comment, words, came_back=came_back)


def _same_page(row: Linkback, final_url: str) -> Linkback | None:
    """Return another row, locked, that was fetched from the same address in the end."""
    others = Linkback.objects.select_for_update().filter(article=row.article).exclude(pk=row.pk)
    same = others.exclude(state=Linkback.State.MERGED).filter(final_digest=page_digest(final_url))
    return same.first()


def _merge(row: Linkback, other: Linkback) -> None:
    """Fold the row into the other one; of their comments one stays in sight."""
    for protocol in row.protocols:
        other.add_protocol(protocol)
    comment = row.comment
    row.state, row.merged_into, row.comment = Linkback.State.MERGED, other, None
    row.final_digest = row.look_again_at = None
    row.save()
    is_alive = comment is not None and comment.status in (Status.PENDING, Status.APPROVED)
    if is_alive and other.state == Linkback.State.GONE and _may_be_replaced(other.comment):
        # What readers see stays as it is, rather than what left with the other page.
        other.comment, is_alive = comment, False
        other.save(update_fields=["comment"])
    # What had been merged into this one follows it: there is never more than one step to go.
    Linkback.objects.filter(merged_into=row).update(merged_into=other)
    if comment and is_alive:
        comment.move_to_trash(reasons=["the same page as another response"])


def _may_be_replaced(comment: Comment | None) -> bool:
    """Say whether it left by itself: what a moderator has thrown away must not come back."""
    return comment is None or (comment.status == Status.TRASH and _left_by_itself(comment))


def _take_over(row: Linkback, page: Page, seen: SourcePage) -> None:
    row.state, row.refusal, row.missing_since = Linkback.State.VERIFIED, "", None
    row.verified_at = timezone.now()
    row.final_digest = page_digest(page.url)
    row.evidence = {
        "final_url": page.url,
        "link_text": seen.link_text,
        "rel": list(seen.rel),
    }
    row.validators = {
        "If-None-Match": _sendable(page.headers.get("ETag")),
        "If-Modified-Since": _sendable(page.headers.get("Last-Modified")),
    }
    row.checks_begun = 0
    row.save()
    plan_next_look(row)


def _sendable(value: str) -> str:
    """Return a header's value if it can be kept and sent back as it is, else nothing."""
    return value if len(value) <= 200 and value.isascii() and value.isprintable() else ""


def plan_next_look(row: Linkback) -> None:
    """Set when the source is looked at again by itself: each time a little later."""
    row.look_again_at = timezone.now() + INTERVALS[min(row.looks, len(INTERVALS) - 1)]
    row.looks += 1
    row.checks_begun = 0
    row.save(update_fields=["look_again_at", "looks", "checks_begun"])


def confirm(row: Linkback) -> None:
    """Note that the page is as it was when it was last seen."""
    Linkback.objects.filter(pk=row.pk).update(verified_at=timezone.now(), missing_since=None)
    plan_next_look(row)


@transaction.atomic
def remove(linkback: Linkback, why: str) -> None:
    """Take the response of a page that is gone out of sight; the row stays as its tombstone."""
    row = Linkback.objects.select_for_update().get(pk=linkback.pk)
    row.state, row.refusal, row.look_again_at = Linkback.State.GONE, why, None
    row.missing_since, row.validators, row.checks_begun = None, {}, 0
    row.save()
    comment = Comment.objects.select_for_update().filter(linkback=row).first()
    if comment and comment.status in (Status.PENDING, Status.APPROVED):
        comment.move_to_trash(reasons=[REMOVED])


def _words(row: Linkback, seen: SourcePage, mention: Mention | None) -> Comment:
    """Return an unsaved comment with what the page says, the richest source first."""
    comment = Comment(
        article=row.article,
        kind=next((kind for kind in _RICHEST_FIRST if kind in row.protocols), Kind.PINGBACK),
        response_type=ResponseType(mention.kind) if mention else ResponseType.MENTION,
        author_name=((mention and mention.author_name) or seen.title)[:NAME_LENGTH],
        author_url=row.source_url,
    )
    said = mention.content if mention and mention.kind == "reply" else None
    comment.set_text((said or seen.excerpt)[:REPLY_LENGTH])
    return comment


def _place(seen: SourcePage) -> str:
    return "content" if seen.in_content else "elsewhere"


def host_record(row: Linkback) -> dict[str, int]:
    """Return since when the linkback's host is known here, in days, and the verdicts about it.

    As far as the newest linkbacks show: the hosts of an old blog's first years do not count.
    """
    host = host_of(row.source_url)
    newest = Linkback.objects.order_by("-received_at").exclude(pk=row.pk)[:HOSTS_REMEMBERED]
    rows = newest.values_list("source_url", "received_at", "comment__status")
    same = [(at, status) for url, at, status in rows if host and host_of(url) == host]
    first = min((at for at, _ in same), default=row.received_at)
    verdicts = Counter(status for _, status in same)
    return {
        "host_known_days": max(0, (timezone.now() - first).days),
        "host_approved": verdicts[Status.APPROVED],
        "host_spam": verdicts[Status.SPAM],
    }


def _new_comment(row: Linkback, page: Page, seen: SourcePage, comment: Comment) -> Comment:
    rules, learned = DiscussionSettings.current(), judging.current()
    comment.signals = {"link_place": _place(seen), **host_record(row)}
    learned.opinion(judging.sample_of(comment)).note(comment)
    evidence = policy.Evidence(
        is_reply=False,
        text=f"{seen.title}\n{comment.text}",
        author_name=comment.author_name,
        author_url=seen.site_name or "",
        source_urls=(row.source_url, page.url),
        **opinion_of(comment, rules, learned),
    )
    decision = policy.decide(evidence, rules_of(rules))
    comment.status = Status(decision.verdict)
    comment.look_alike = look_alikes.group_of(comment)
    comment.take_place()
    comment.save()
    ModerationEvent.record(comment, "", reasons=decision.reasons)
    return comment


def _update_comment(comment: Comment, words: Comment, *, came_back: bool) -> None:
    """Bring the comment up to date: what is shown changes only when a moderator says so."""
    # The moderator's trash stays trash; what left by itself may come back, to be looked at again.
    if came_back and comment.status == Status.TRASH and _left_by_itself(comment):
        comment.hold(reasons=["its page links here again"])
    if comment.status == Status.APPROVED:
        _propose(comment, words)
    elif comment.status == Status.PENDING:
        comment.kind, comment.author_name = words.kind, words.author_name
        comment.response_type = words.response_type
        comment.set_text(words.text)
        comment.signals = words.signals
        judging.judge(comment).note(comment)
        comment.save()


def _left_by_itself(comment: Comment) -> bool:
    last = comment.events.order_by("-pk").first()
    return last is not None and last.actor_id is None and REMOVED in last.reasons


def _propose(comment: Comment, words: Comment) -> None:
    """Offer changed words to the moderators; the ones that were approved stay in sight."""
    is_shown = (words.author_name, digest(words.text)) == (comment.author_name, comment.text_digest)
    said = digest(f"{words.author_name}\n{words.text}")
    if is_shown or said == comment.declined_digest:
        Proposal.objects.filter(comment=comment).delete()
        return
    Proposal.objects.update_or_create(
        comment=comment,
        defaults={"author_name": words.author_name, "text": words.text, "at": timezone.now()},
    )
