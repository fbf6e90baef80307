"""Taking a linkback in: answered from what we know ourselves, before anything is fetched.

Faults of the target and of the pace are told at once. Nothing about the source is: the answer
would make this site a port scanner, and the fetch a reflector (CVE-2013-0235).
"""

import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from articles.models import Article
from comments import pace
from comments.linkbacks import tasks
from comments.linkbacks.addresses import parse_source_url
from comments.linkbacks.exceptions import (
    AccessDenied,
    AlreadyRegistered,
    SourceRefused,
    TargetNotPingable,
)
from comments.linkbacks.models import Linkback, source_digest
from comments.linkbacks.targets import find_target, is_own
from comments.models import DiscussionSettings

PER_CALLER_AND_HOUR = 30
PER_SOURCE_HOST_AND_HOUR = 10
_HOUR = datetime.timedelta(hours=1)


def receive_pingback(source: str, target: str, *, network: str) -> Linkback:
    """Note the pingback and queue its verification; return the row.

    Raises a ``LinkbackRefused`` that says what is wrong with the target, the pace or the form of
    the source's address.
    """
    article = find_target(target)
    if not DiscussionSettings.current().takes_pingbacks(article):
        raise TargetNotPingable("That article takes no pingbacks.")
    parse_source_url(source, allowed_ports=settings.LINKBACK_ALLOWED_PORTS)
    if is_own(source):
        raise SourceRefused("The source is a page of this site itself.")
    # Refused for its pace only after a duplicate was told: senders repeat themselves on updates.
    with transaction.atomic():
        _refuse_known(article, source)
        _refuse_haste(source, network)
        return _note(article, source, target)


def _refuse_known(article: Article, source: str) -> None:
    known = Linkback.objects.filter(article=article, source_digest=source_digest(source))
    if known.exclude(state=Linkback.State.REFUSED).exists():
        raise AlreadyRegistered(
            "A pingback from that page to that article has already been registered."
        )


def _refuse_haste(source: str, network: str) -> None:
    if not pace.allow("pingback", network, times=PER_CALLER_AND_HOUR, within=_HOUR):
        raise AccessDenied("Too many pingbacks came from your network in this hour.")
    host = urlsplit(source).hostname or ""
    if not pace.allow("pingback source", host, times=PER_SOURCE_HOST_AND_HOUR, within=_HOUR):
        raise AccessDenied("Too many pingbacks named that host in this hour.")


def _note(article: Article, source: str, target: str) -> Linkback:
    """Write the row, or take up one that was refused before, and queue the check with it."""
    linkback, is_new = Linkback.objects.select_for_update().get_or_create(
        article=article,
        source_digest=source_digest(source),
        defaults={"source_url": source, "target_url": target, "protocols": ["pingback"]},
    )
    if not is_new:
        if linkback.state != Linkback.State.REFUSED:
            raise AlreadyRegistered(
                "A pingback from that page to that article has already been registered."
            )
        linkback.take_up_again(target)
    tasks.verify_linkback.enqueue(linkback.pk)
    return linkback
