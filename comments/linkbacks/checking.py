"""Looking at the source of a linkback: fetch it, find the link, and settle what follows.

The first look verifies an announced linkback and puts it into the queue, or refuses it. Every
later one, announced or by the calendar, keeps it honest: what the page says now is taken over, a
page that is gone takes its response with it, an outage changes nothing.
"""

import datetime
from dataclasses import dataclass
from http import HTTPStatus

from django.utils import timezone

from comments.linkbacks import microformats, registering, verification
from comments.linkbacks.exceptions import (
    AccessDenied,
    LinkbackRefused,
    SourceDoesNotLink,
    SourceNotFound,
    UpstreamError,
)
from comments.linkbacks.fetching import Page, fetch
from comments.linkbacks.microformats import Mention
from comments.linkbacks.models import Linkback
from comments.linkbacks.targets import addresses_of
from comments.linkbacks.verification import SourcePage
from comments.models import DiscussionSettings
from comments.policy import is_listed

# A page without the link is believed only when it is seen so again after this time.
SECOND_STRIKE_AFTER = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Sight:
    """What a look at a linking page showed."""

    page: Page
    seen: SourcePage
    mention: Mention | None


class Unchanged(Exception):
    """The source's server says that the page is as it was (304)."""


class Gone(LinkbackRefused):
    """The source says that it was deleted: 410, or the same by ``<meta http-equiv="Status">``."""


def check(linkback: Linkback) -> None:
    """Fetch the source and settle what follows for the linkback and its comment."""
    try:
        sight = look(linkback)
    except Unchanged:
        registering.confirm(linkback)
    except Gone as refusal:
        _settle_gone(linkback, refusal)
    except SourceDoesNotLink as refusal:
        _settle_missing(linkback, refusal)
    except LinkbackRefused as refusal:
        _settle_unreachable(linkback, refusal)
    else:
        registering.register(linkback, sight.page, sight.seen, sight.mention)


def look(linkback: Linkback) -> Sight:
    """Fetch the source and read what it says about the article; nothing is written.

    Raises ``Unchanged``, ``Gone``, ``SourceDoesNotLink``, or another ``LinkbackRefused`` when the
    page could not be seen.
    """
    page = fetch(linkback.source_url, headers=_conditions(linkback))
    _refuse_status(page, linkback)
    if is_listed(page.url, DiscussionSettings.current().blocked_sources):
        raise AccessDenied("Linkbacks from that site are not taken here.")
    targets = addresses_of(linkback.article)
    try:
        seen = verification.read_source(page.text, page.url, targets)
    except SourceDoesNotLink:
        if verification.says_gone(page.text):
            raise Gone("The source says that it was deleted.") from None
        if page.truncated and linkback.was_verified:
            raise UpstreamError("The source could not be read to its end.") from None
        raise
    return Sight(page, seen, microformats.read(page.text, page.url, targets))


def _conditions(linkback: Linkback) -> dict[str, str]:
    """Return the headers that ask for the page only if it has changed (RFC 9110, 13.1)."""
    if linkback.state != Linkback.State.VERIFIED or linkback.missing_since:
        return {}
    return {name: value for name, value in linkback.validators.items() if value}


def _refuse_status(page: Page, linkback: Linkback) -> None:
    if page.status == HTTPStatus.NOT_MODIFIED and _conditions(linkback):
        raise Unchanged
    if page.status == HTTPStatus.GONE:
        raise Gone("The source was deleted (410).")
    if page.status >= 500:
        raise UpstreamError(f"The source's server answered with an error ({page.status}).")
    if page.status != HTTPStatus.OK:
        raise SourceNotFound(f"There is no page at the source's address ({page.status}).")


def _settle_gone(linkback: Linkback, refusal: Gone) -> None:
    if linkback.was_verified:
        registering.remove(linkback, str(refusal))
    else:
        linkback.refuse(str(refusal))


def _settle_missing(linkback: Linkback, refusal: SourceDoesNotLink) -> None:
    """Refuse a page that never linked; believe one that no longer does at the second sight only."""
    if not linkback.was_verified:
        linkback.refuse(str(refusal))
    elif linkback.missing_since is None:
        Linkback.objects.filter(pk=linkback.pk).update(
            missing_since=timezone.now(),
            look_again_at=timezone.now() + SECOND_STRIKE_AFTER,
            checks_begun=0,
        )
    elif timezone.now() - linkback.missing_since >= SECOND_STRIKE_AFTER:
        registering.remove(linkback, "The page no longer links to the article.")
    else:
        Linkback.objects.filter(pk=linkback.pk).update(checks_begun=0)


def _settle_unreachable(linkback: Linkback, refusal: LinkbackRefused) -> None:
    """Refuse a page that was never seen; an outage of one that was proves nothing."""
    if not linkback.was_verified:
        linkback.refuse(str(refusal))
    elif linkback.missing_since:
        # Its second sight is still to come.
        soon = timezone.now() + SECOND_STRIKE_AFTER
        Linkback.objects.filter(pk=linkback.pk).update(look_again_at=soon, checks_begun=0)
    else:
        registering.plan_next_look(linkback)
