"""Checking a noted linkback: fetch the source, find the link, decide, and put it in the queue."""

from django.db import transaction
from django.utils import timezone

from comments import policy
from comments.linkbacks import verification
from comments.linkbacks.exceptions import LinkbackRefused, SourceNotFound, UpstreamError
from comments.linkbacks.fetching import Page, fetch
from comments.linkbacks.models import Linkback
from comments.linkbacks.targets import addresses_of
from comments.linkbacks.verification import SourcePage
from comments.models import Comment, DiscussionSettings, Kind, ModerationEvent, Status
from comments.submission import rules_of

NAME_LENGTH = 245


def check(linkback: Linkback) -> None:
    """Fetch the source and settle the linkback: verified, with its comment, or refused."""
    try:
        page = fetch(linkback.source_url)
        _refuse_status(page)
        seen = verification.read_source(page.text, page.url, addresses_of(linkback.article))
    except LinkbackRefused as refusal:
        linkback.refuse(str(refusal))
        return
    _register(linkback, page, seen)


def _refuse_status(page: Page) -> None:
    if page.status >= 500:
        raise UpstreamError(f"The source's server answered with an error ({page.status}).")
    if page.status != 200:
        raise SourceNotFound(f"There is no page at the source's address ({page.status}).")


@transaction.atomic
def _register(linkback: Linkback, page: Page, seen: SourcePage) -> None:
    # Two workers may have checked the same one: the row decides which of them writes.
    row = Linkback.objects.select_for_update().get(pk=linkback.pk)
    if row.state != Linkback.State.RECEIVED:
        return
    comment = _comment(row, page, seen)
    row.comment = comment
    row.state = Linkback.State.VERIFIED
    row.verified_at = timezone.now()
    row.evidence = {
        "final_url": page.url,
        "in_content": seen.in_content,
        "link_text": seen.link_text,
        "rel": list(seen.rel),
    }
    row.save()


def _comment(linkback: Linkback, page: Page, seen: SourcePage) -> Comment:
    comment = Comment(
        article=linkback.article,
        kind=Kind.PINGBACK,
        author_name=seen.title[:NAME_LENGTH],
        author_url=linkback.source_url,
    )
    comment.set_text(seen.excerpt)
    evidence = policy.Evidence(
        is_reply=False,
        text=f"{seen.title}\n{seen.excerpt}",
        author_name=seen.site_name or "",
        source_urls=(linkback.source_url, page.url),
    )
    decision = policy.decide(evidence, rules_of(DiscussionSettings.current()))
    comment.status = Status(decision.verdict)
    comment.save()
    ModerationEvent.record(comment, "", reasons=decision.reasons)
    return comment
