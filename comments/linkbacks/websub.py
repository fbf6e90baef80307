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
from django.db.models import F
from django.utils import timezone

from articles.feeds import lists
from articles.feeds.entries import Feed
from articles.feeds.forms import FORMS
from articles.models import Article, Tag
from comments.linkbacks import tasks
from comments.linkbacks.exceptions import NotRepeated, SourceRefused
from comments.linkbacks.fetching import Limits, fetch
from comments.linkbacks.models import AnnouncedFeed

logger = logging.getLogger(__name__)

#: Seconds until the next attempt to reach the hub, for each that failed; then this change is let go.
DELAYS: Final = (60, 900, 7_200, 43_200)
#: The tags of so many of the newest articles are looked at each time, and so many others.
NEWEST: Final = 20
BY_TURNS: Final = 20
CONTENT_TYPE: Final = "application/x-www-form-urlencoded"
# Of the answer only the status counts.
_ANSWER: Final = Limits(body=2_000, types=None)


class HubUnavailable(Exception):
    """The hub could not be reached, or says that it cannot take anything now."""


def follow(article: Article) -> None:
    """Have the feeds looked at that show an article which was saved."""
    if settings.WEBSUB_HUB:
        tasks.announce_feeds.enqueue(article.pk)


def sweep(saved: int | None = None) -> None:
    """Look at feeds, and plan to tell the hub of each that changed; bounded work.

    That is: the feed of all articles; those of the tags of the newest ones, and of the one that was saved; of all
    other tags some at a time, by turns.
    """
    if not settings.WEBSUB_HUB:
        return
    _compare(lists.of_articles())
    for tag in _to_look_at(saved):
        _compare(lists.of_tag(tag), tag)


def _to_look_at(saved: int | None) -> Iterable[Tag]:
    newest = Article.objects.published().newest_first().values_list("pk", flat=True)
    shown = Tag.objects.shown()
    longest_unseen = F("announced_feed__looked_at").asc(nulls_first=True)
    found = [
        *shown.filter(listings__article__in=[*newest[:NEWEST], saved or 0]).distinct(),
        *shown.order_by(longest_unseen, "pk")[:BY_TURNS],
    ]
    return {tag.pk: tag for tag in found}.values()


def _compare(feed: Feed, tag: Tag | None = None) -> None:
    with transaction.atomic():
        rows = AnnouncedFeed.objects.select_for_update()
        told, _ = rows.get_or_create(key=feed.id, defaults={"tag": tag})
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
