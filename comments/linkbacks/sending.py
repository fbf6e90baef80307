"""Telling the pages that an article links to: what is to be sent, sending it, and what was missed.

Only the author's own words decide (``outgoing_links.fingerprint``): a response below the article
changes nothing, so two blogs that answer each other come to rest. On a site that does not send
(``LINKBACK_SENDING``) the links are found and shown, and nothing is ever planned.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from articles.models import Article
from articles.site_addresses import page_of
from comments.linkbacks import delivery, tasks
from comments.linkbacks.delivery import Outcome, Verdict
from comments.linkbacks.models import (
    OutgoingLinkback,
    OutgoingLinkbackQuerySet,
    SentText,
    target_digest,
)
from comments.linkbacks.outgoing_links import fingerprint, links_in
from comments.linkbacks.targets import is_own

State = OutgoingLinkback.State

#: Seconds until the next attempt, for each that failed; then it is given up.
DELAYS: Final = (60, 900, 7_200, 43_200)
#: An article that was public for longer when it is first read is not news any more.
ARCHIVE_AFTER: Final = datetime.timedelta(days=7)
#: What one sweep takes up of each sort.
AT_ONCE: Final = 50
#: Unchanged articles that one sweep reads again, the longest unread first: the edits that no
#: column tells of (a question imported, a row changed by hand) are found by and by.
READ_AGAIN: Final = 20
#: A planned row that is overdue by this has lost its task.
LOST_AFTER: Final = datetime.timedelta(minutes=10)


@dataclass(frozen=True)
class Text:
    """The author's own text of an article, as it was at a moment."""

    article: Article
    fingerprint: str
    links: tuple[str, ...]
    read_at: datetime.datetime

    @classmethod
    def of(cls, article: Article, read_at: datetime.datetime) -> "Text":
        """Read the body and the answers that are shown, not the questions, which are plain text."""
        # Filtered here, as the sweep has fetched them beforehand.
        shown = [entry for entry in article.faq_entries.all() if entry.is_published]
        parts = [article.body_html, *(entry.answer_html for entry in shown)]
        links = links_in(parts, base=page_of(article), is_own=is_own)
        return cls(article, fingerprint(parts), links, read_at)

    def is_archive(self, sent: SentText) -> bool:
        """Whether it was public long before this site first read it: moved in from elsewhere.

        The pages it links to heard of it then, or never; any of them can still be told by hand.
        """
        published = self.article.published_at
        is_old = published is not None and self.read_at - published > ARCHIVE_AFTER
        return is_old and not sent.fingerprint and self.article.is_published

    def was_told(self, sent: SentText | None) -> bool:
        """Whether everything is as the other sides were last told."""
        if sent is None or sent.was_public != self.article.is_published:
            return False
        return not sent.was_public or sent.fingerprint == self.fingerprint


# --- What is to be sent -------------------------------------------------------------------------


def plan(article: Article) -> None:
    """Find the links of an article's text, and plan to tell of them if it changed materially.

    Told are, of an article that is public and was not or whose own text changed: the wanted links
    in it, and those once told that it no longer holds; of one that is not public any more: those
    once told. Reads the article anew, so that of two calls at a time the later text wins.
    """
    read_at = timezone.now()
    current = Article.objects.filter(pk=article.pk).first()
    if current is None:
        return
    text = Text.of(current, read_at)
    with transaction.atomic():
        sent = _lock(text)
        if sent.looked_at > read_at:
            return
        _note_links(text)
        if settings.LINKBACK_SENDING and not text.was_told(sent):
            if not text.is_archive(sent):
                _plan_rows(_to_be_told(text))
            sent.was_public = current.is_published
            sent.fingerprint = text.fingerprint if sent.was_public else sent.fingerprint
        sent.looked_at = read_at
        sent.save()


def _to_be_told(text: Text) -> OutgoingLinkbackQuerySet:
    rows = OutgoingLinkback.objects.filter(article=text.article, is_wanted=True)
    if text.article.is_published:
        return rows.filter(Q(is_in_text=True) | Q(sent_at__isnull=False))
    return rows.told()


def _plan_rows(rows: OutgoingLinkbackQuerySet) -> None:
    """Plan them and queue a task for each, in the caller's transaction."""
    found = list(rows.values_list("pk", flat=True))
    OutgoingLinkback.objects.filter(pk__in=found).plan()
    for pk in found:
        tasks.send_linkback.enqueue(pk)


def _lock(text: Text) -> SentText:
    """Return what was told of an article; whoever else would compare its text waits."""
    compared = SentText.objects.select_for_update()
    return compared.get_or_create(article=text.article, defaults={"looked_at": text.read_at})[0]


def _note_links(text: Text) -> None:
    """Bring the rows of an article, which is locked, to the links of its text."""
    rows = OutgoingLinkback.objects.filter(article=text.article)
    unseen = {row.target_digest: row for row in rows}
    for row in _rows(text, unseen):
        # A worker may be writing what came of sending it.
        row.save(update_fields=["target_url", "source_url", "is_in_text"] if row.pk else None)
        unseen.pop(row.target_digest, None)
    gone = rows.filter(pk__in=[row.pk for row in unseen.values()])
    # Nobody was told of them. What was unticked stays so, should the link come back.
    gone.filter(sent_at=None, is_wanted=True).exclude(state=State.PLANNED).delete()
    gone.update(is_in_text=False)


def _rows(text: Text, known: dict[str, OutgoingLinkback]) -> Iterable[OutgoingLinkback]:
    source = page_of(text.article)
    for url in text.links:
        digest = target_digest(url)
        row = known.get(digest) or OutgoingLinkback(article=text.article, target_digest=digest)
        row.target_url, row.is_in_text = url, True
        if row.sent_at is None or not is_own(row.source_url):
            row.source_url = source
        yield row


def links_of(article: Article) -> list[OutgoingLinkback]:
    """Return the links of an article's text in order, then those it no longer holds; write nothing.

    Those that were never noted are new and unsaved.
    """
    text = Text.of(article, timezone.now())
    known = {row.target_digest: row for row in article.outgoing_linkbacks.all()}
    present = list(_rows(text, known))
    there = {row.target_digest for row in present}
    gone = [row for row in known.values() if row.target_digest not in there]
    for row in gone:
        row.is_in_text = False
    told = (row for row in gone if row.sent_at or row.last_status or row.state == State.PLANNED)
    return [*present, *told]


@transaction.atomic
def choose(article: Article, shown: Iterable[str], wanted: Iterable[str]) -> None:
    """Take over which of the links shown are to be told: both are their digests."""
    text = Text.of(article, timezone.now())
    if _lock(text).looked_at <= text.read_at:
        _note_links(text)
    rows = OutgoingLinkback.objects.filter(article=article, target_digest__in=set(shown))
    unwanted = rows.exclude(target_digest__in=set(wanted))
    rows.filter(target_digest__in=set(wanted)).update(is_wanted=True)
    unwanted.update(is_wanted=False)
    unwanted.unplan()


@transaction.atomic
def send_again(outgoing: OutgoingLinkback) -> bool:
    """Plan to send one link now, whatever became of it before; False if there is nothing to tell."""
    may = settings.LINKBACK_SENDING and outgoing.is_wanted
    if not may or (outgoing.is_gone and not outgoing.sent_at):
        return False
    _plan_rows(OutgoingLinkback.objects.filter(pk=outgoing.pk))
    return True


# --- Sending ------------------------------------------------------------------------------------


def send(outgoing: OutgoingLinkback) -> None:
    """Make the attempt that is due, if one is and nobody else makes it, and settle what follows."""
    if not settings.LINKBACK_SENDING or not outgoing.claim():
        return
    is_removal = outgoing.is_gone
    if is_removal and not outgoing.sent_at:
        outgoing.release(state=State.FOUND, next_attempt_at=None)
        return
    if outgoing.attempts > len(DELAYS) + 1:
        said = "Sending could not be completed."
        outgoing.release(state=State.FAILED, last_answer=said, next_attempt_at=None)
        return
    outcome = delivery.deliver(outgoing)
    wait = _wait(outgoing, outcome)
    with transaction.atomic():
        if not outgoing.release(**_found_out(outcome), **_verdict(outcome, wait, is_removal)):
            tasks.send_linkback.enqueue(outgoing.pk)
        elif wait:
            later = tasks.send_linkback.using(run_after=timezone.now() + wait)
            later.enqueue(outgoing.pk)


def _wait(outgoing: OutgoingLinkback, outcome: Outcome) -> datetime.timedelta | None:
    """Return how long to wait for the next attempt; None if there is to be none."""
    if outcome.verdict != Verdict.LATER or outgoing.attempts > len(DELAYS):
        return None
    return outcome.wait or datetime.timedelta(seconds=DELAYS[outgoing.attempts - 1])


def _found_out(outcome: Outcome) -> dict[str, object]:
    """Return what an attempt showed, whatever follows from it."""
    seen: dict[str, object] = {"last_status": outcome.status, "last_answer": outcome.answer}
    if outcome.status_url:
        seen["status_url"] = outcome.status_url
    return {**seen, **_endpoint(outcome)}


def _endpoint(outcome: Outcome) -> dict[str, object]:
    if outcome.endpoint is None and outcome.verdict != Verdict.NO_ENDPOINT:
        return {}  # the page could not be read: what was known of it may still hold
    return {
        "protocol": outcome.endpoint.protocol if outcome.endpoint else "",
        "endpoint": outcome.endpoint.url if outcome.endpoint else "",
        "looked_up_at": timezone.now(),
    }


def _verdict(
    outcome: Outcome, wait: datetime.timedelta | None, is_removal: bool
) -> dict[str, object]:
    """Return what becomes of the row."""
    if wait:
        return {"state": State.PLANNED, "next_attempt_at": timezone.now() + wait}
    settled: dict[str, object] = {"next_attempt_at": None, "state": _STATES[outcome.verdict]}
    # Of a removal, any answer is enough: many receivers refuse a page on which the link is gone.
    if is_removal and (outcome.was_heard or outcome.verdict == Verdict.NO_ENDPOINT):
        settled["sent_at"] = None
    elif outcome.verdict == Verdict.ACCEPTED:
        settled["sent_at"] = timezone.now()
    return settled


_STATES: Final = {
    Verdict.ACCEPTED: State.SENT,
    Verdict.REFUSED: State.FAILED,
    Verdict.LATER: State.FAILED,
    Verdict.NO_ENDPOINT: State.NO_ENDPOINT,
}


def look_up(outgoing: OutgoingLinkback) -> None:
    """Find out where the target takes linkbacks, and tell it nothing."""
    outcome = delivery.look_up(outgoing.target_url)
    seen = _endpoint(outcome)
    row = OutgoingLinkback.objects.filter(pk=outgoing.pk)
    row.update(**{"looked_up_at": timezone.now(), **seen})
    # Beside an answer to what was sent it would be taken for one.
    row.filter(state=State.FOUND).update(last_answer=outcome.answer, last_status=outcome.status)


# --- What was missed ----------------------------------------------------------------------------


def sweep() -> None:
    """Find what no save in the admin told of, and sendings whose task was lost; bounded work.

    That is: scheduled articles whose time has come, imported, withdrawn and deleted ones. Four
    queries and one more for all that is unchanged, however many articles there are.
    """
    if not settings.LINKBACK_SENDING:
        return
    read_at, unchanged = timezone.now(), []
    for article in _to_look_at():
        sent = getattr(article, "sent_text", None)
        if Text.of(article, read_at).was_told(sent):
            unchanged.append(article.pk)
        else:
            plan(article)
    SentText.objects.filter(article__in=unchanged).update(looked_at=read_at)
    _announce_deleted()
    _requeue_lost()


def _to_look_at() -> Iterable[Article]:
    articles = Article.objects.select_related("sent_text").prefetch_related("faq_entries")
    longest_unread = F("sent_text__looked_at").asc(nulls_first=True)
    public = articles.published().order_by(longest_unread, "pk")
    withdrawn = articles.filter(sent_text__was_public=True).exclude(pk__in=_public())
    untold = Q(sent_text=None) | Q(sent_text__was_public=False)
    changed = Q(updated_at__gt=F("sent_text__looked_at"))
    found = [
        *public.filter(untold | changed)[:AT_ONCE],
        *withdrawn.order_by(longest_unread)[:AT_ONCE],
        *public[:READ_AGAIN],
    ]
    return {article.pk: article for article in found}.values()


def _public() -> QuerySet[Article]:
    return Article.objects.published().order_by()


@transaction.atomic
def _announce_deleted() -> None:
    """Tell the pages that a deleted article linked to, and forget those that were never told."""
    orphans = OutgoingLinkback.objects.filter(article=None, is_in_text=True)
    orphans = orphans.exclude(state=State.PLANNED)
    orphans.filter(sent_at=None).delete()
    found = OutgoingLinkback.objects.filter(
        pk__in=list(orphans.values_list("pk", flat=True)[:AT_ONCE])
    )
    found.update(is_in_text=False)
    _plan_rows(found.told())


def _requeue_lost() -> None:
    """Queue again what is long overdue: its task, or the worker that had claimed it, was lost."""
    lost = OutgoingLinkback.objects.lost_before(timezone.now() - LOST_AFTER)
    for pk in list(lost.values_list("pk", flat=True)[:AT_ONCE]):
        with transaction.atomic():
            # Moved, so that the next sweep does not queue it once more beside this task.
            if OutgoingLinkback.objects.filter(pk=pk, state=State.PLANNED).update(
                next_attempt_at=timezone.now()
            ):
                tasks.send_linkback.enqueue(pk)
