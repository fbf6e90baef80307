"""Telling a hub that feeds have changed (WebSub, W3C Recommendation of 2018; section 6 leaves to publisher and hub how).

What every hub understands is a POST of ``hub.mode=publish`` and ``hub.url``, from PubSubHubbub 0.3, 7.1. Only
what a feed says decides, compared with what it said when the hub was last told: so it does not matter
who or what changed an article, whether it was scheduled, or what was missed while the worker stood still.
"""

import logging
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from articles.feeds import lists
from articles.feeds.entries import Feed
from articles.feeds.forms import FORMS
from articles.models import Article
from comments.linkbacks import tasks
from comments.linkbacks.exceptions import NotRepeated, SourceRefused
from comments.linkbacks.fetching import Limits, fetch
from comments.linkbacks.models import AnnouncedFeed

logger = logging.getLogger(__name__)

#: Seconds until the next attempt to reach the hub, for each that failed; then this change is let go.
DELAYS: Final = (60, 900, 7_200, 43_200)
CONTENT_TYPE: Final = "application/x-www-form-urlencoded"
# Of the answer only the status counts.
_ANSWER: Final = Limits(body=2_000, types=None)


class HubUnavailable(Exception):
    """The hub could not be reached, or says that it cannot take anything now."""


def follow(article: Article) -> None:
    """Have the feeds looked at that show an article which was saved."""
    if settings.WEBSUB_HUB:
        tasks.announce_feeds.enqueue()


def sweep() -> None:
    """Look at the feeds, and plan to tell the hub of each that changed; bounded work."""
    if not settings.WEBSUB_HUB:
        return
    for feed in _to_look_at():
        _compare(feed)


def _to_look_at() -> Iterable[Feed]:
    yield lists.of_articles()


def _compare(feed: Feed) -> None:
    with transaction.atomic():
        told, _ = AnnouncedFeed.objects.select_for_update().get_or_create(key=feed.id)
        if told.digest != feed.digest:
            told.digest = feed.digest
            for form in FORMS.values():
                tasks.tell_hub.enqueue(form.address(feed))
        told.looked_at = timezone.now()
        told.save()


def tell(address: str) -> None:
    """Tell the hub that the feed at this address has changed.

    Raises ``HubUnavailable`` and whatever the network does where another attempt may help.
    """
    hub = settings.WEBSUB_HUB
    if not hub:
        return
    body = urlencode({"hub.mode": "publish", "hub.url": address}).encode()
    headers = {"Content-Type": CONTENT_TYPE}
    try:
        answer = fetch(hub, method="POST", body=body, accept="*/*", headers=headers, limits=_ANSWER)
    except (SourceRefused, NotRepeated):
        logger.exception("WEBSUB_HUB (%s) is not an address that can be posted to", hub)
        return
    if answer.status >= 500 or answer.status in (408, 429):
        raise HubUnavailable(f"The hub answered {answer.status}.")
    if answer.status >= 400:
        logger.error("The hub refused to be told of %s: %s", address, answer.status)
