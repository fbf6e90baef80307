"""Taking a linkback in: answered from what we know ourselves, before anything is fetched.

Faults of the target and of the pace are told at once. Nothing about the source is: the answer
would make this site a port scanner, and the fetch a reflector (CVE-2013-0235).
"""

import datetime
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Count

from articles.models import Article
from articles.prepared import Prepared, PreparedInsert
from comments import pace
from comments.linkbacks import tasks
from comments.linkbacks.addresses import parse_source_url
from comments.linkbacks.exceptions import AccessDenied, SourceRefused, TargetNotPingable, TooHasty
from comments.linkbacks.models import Linkback, page_digest
from comments.linkbacks.targets import find_target, is_own
from comments.models import DiscussionSettings, Kind
from comments.policy import has_dot_segments, is_listed

PER_CALLER_AND_HOUR = 30
PER_SOURCE_HOST_AND_HOUR = 10
# The worker looks at one after the other: what is beyond this would wait for hours.
MOST_WAITING = 500
_HOUR = datetime.timedelta(hours=1)
# One look at one page for one article in this time, however often it is announced.
LOOK_AGAIN_AFTER = datetime.timedelta(minutes=5)


@dataclass(frozen=True)
class Receipt:
    """The row of an announced linkback, and whether it was announced for the first time."""

    linkback: Linkback
    is_new: bool


@dataclass(frozen=True)
class Announcement:
    """A linkback as it was announced, with its addresses judged; nothing has been fetched."""

    article: Article
    kind: Kind
    source: str
    target: str
    source_host: str
    network: str


def receive(kind: Kind, source: str, target: str, *, network: str) -> Receipt:
    """Note the linkback and queue the look at its source.

    Raises a ``LinkbackRefused`` that says what is wrong with the target, the pace or the form of
    the source's address.
    """
    article = find_target(target)
    rules = DiscussionSettings.current()
    if not rules.takes(kind, article):
        raise TargetNotPingable(f"That article takes no {kind}s.")
    host = parse_source_url(source, allowed_ports=settings.LINKBACK_ALLOWED_PORTS).host
    if has_dot_segments(source):
        raise SourceRefused("The source's address has “.” or “..” in its path.")
    if is_own(source):
        raise SourceRefused("The source is a page of this site itself.")
    if is_listed(source, rules.blocked_sources):
        raise AccessDenied("Linkbacks from that site are not taken here.")
    with transaction.atomic():
        return _note(Announcement(article, kind, source, target, host, network))


def _note(announced: Announcement) -> Receipt:
    """Write the row or find it, and queue the look with it, in one transaction."""
    linkback = Linkback(
        article=announced.article,
        source_digest=page_digest(announced.source),
        source_url=announced.source,
        target_url=announced.target,
        protocols=[announced.kind.value],
    )
    # Of two that announce it at the same time, one writes it and the other finds it.
    if _write_new(linkback):
        # After the row: a duplicate is told so however hasty its sender is. Undone with it.
        _refuse_haste(announced)
        tasks.verify_linkback.enqueue(linkback.pk)
        return Receipt(linkback, is_new=True)
    known = Linkback.objects.select_for_update().get(
        article=announced.article, source_digest=linkback.source_digest
    )
    known.add_protocol(announced.kind.value)
    return _announced_again(known, announced)


_write_new = PreparedInsert(Linkback, skips_known=True)
_waiting = Prepared(
    lambda: (
        Linkback.objects.filter(state=Linkback.State.RECEIVED)
        .values("state")
        .order_by()
        .values_list(Count("pk"))
    )
)


def _announced_again(linkback: Linkback, announced: Announcement) -> Receipt:
    """Look again at a page that was announced before, unless that has just been done."""
    if linkback.state == Linkback.State.MERGED and linkback.merged_into_id is not None:
        # One step is enough: whatever was merged into a row that merges goes with it.
        linkback = Linkback.objects.select_for_update().get(pk=linkback.merged_into_id)
        linkback.add_protocol(announced.kind.value)
    was_refused = linkback.state == Linkback.State.REFUSED
    if linkback.state != Linkback.State.RECEIVED and _may_look_again(linkback):
        _refuse_haste(announced)
        if was_refused:
            linkback.take_up_again(announced.target)
        linkback.expect_check()
        tasks.verify_linkback.enqueue(linkback.pk)
        return Receipt(linkback, is_new=was_refused)
    linkback.look_again_soon(LOOK_AGAIN_AFTER)
    return Receipt(linkback, is_new=False)


def _may_look_again(linkback: Linkback) -> bool:
    return pace.allow("look again", f"linkback {linkback.pk}", times=1, within=LOOK_AGAIN_AFTER)


def _refuse_haste(announced: Announcement) -> None:
    if next(iter(_waiting()), (0,))[0] > MOST_WAITING:
        raise TooHasty("Too many linkbacks wait to be checked. Send yours again in an hour.")
    caller = pace.Limit("linkback", announced.network, PER_CALLER_AND_HOUR, _HOUR)
    exceeded = pace.count(caller, _fetches_from(announced.source_host))
    if exceeded is caller:
        raise TooHasty("Too many linkbacks came from your network in this hour.")
    if exceeded:
        raise TooHasty("Too many linkbacks named that host in this hour.")


def may_fetch_from(host: str) -> bool:
    """Count one fetch from the host, and say whether it keeps within what a host is asked for."""
    return pace.count(_fetches_from(host)) is None


def _fetches_from(host: str) -> pace.Limit:
    return pace.Limit("linkback source", registered_part(host), PER_SOURCE_HOST_AND_HOUR, _HOUR)


def registered_part(host: str) -> str:
    """Return the part of a host name that its owner cannot multiply at will, roughly.

    The last two labels, three below country codes with short second levels (``co.uk``): a wildcard
    in the domain name system gives one owner any number of names, and each must not count anew.
    """
    labels = host.lower().rstrip(".").split(".")
    if len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3:
        return ".".join(labels[-3:])
    return host if host.replace(".", "").isdigit() or ":" in host else ".".join(labels[-2:])
