"""One attempt to tell a page that an article links to it: look for its endpoint, then post there.

Everything goes through the guarded ``fetch``: the endpoint's address comes from a stranger (the
sender's own forgery of requests; Webmention 4.2 and 4.3). Nothing is written here.
"""

import datetime
import enum
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

from django.utils import timezone

from articles.models import Blog
from comments.linkbacks import pingback, trackback, webmention
from comments.linkbacks.discovery import Endpoint, discover
from comments.linkbacks.exceptions import (
    LinkbackRefused,
    NotRepeated,
    SourceRefused,
    UpstreamError,
)
from comments.linkbacks.excerpts import shorten
from comments.linkbacks.fetching import Limits, Page, fetch
from comments.linkbacks.markup import tokens
from comments.linkbacks.models import ANSWER_LENGTH, OutgoingLinkback

# Any type: a picture may name its endpoint in a header, and an answer's status is what counts.
TARGET: Final = Limits(types=None)
ANSWER: Final = Limits(body=trackback.MAX_BYTES, types=None)
HTML: Final = ("text/html", "application/xhtml+xml", "")
LONGEST_WAIT: Final = datetime.timedelta(days=1)

_LATER: Final = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
_DUPLICATE, _UPSTREAM = 0x30, 0x32
_LINK_NOT_SEEN: Final = (0x10, 0x11)


class Verdict(enum.Enum):
    ACCEPTED = "accepted"
    REFUSED = "refused"
    LATER = "later"  # the other side's trouble: worth another attempt
    NO_ENDPOINT = "no endpoint"


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt; ``answer`` is a plain sentence or what the other side said."""

    verdict: Verdict
    answer: str = ""
    status: int | None = None
    endpoint: Endpoint | None = None
    status_url: str = ""
    #: How long the other side asks to be left alone, at most a day.
    wait: datetime.timedelta | None = None
    #: Whether the other side itself spoke of our link, rather than the network or our own guard.
    was_heard: bool = False


class _Ended(Exception):
    """The attempt ends here, with this outcome."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.answer)
        self.outcome = outcome


def look_up(url: str) -> Outcome:
    """Find where a page takes linkbacks, and tell it nothing: ``ACCEPTED`` where it does."""
    try:
        return Outcome(Verdict.ACCEPTED, endpoint=_discover(url))
    except _Ended as end:
        return end.outcome


def deliver(outgoing: OutgoingLinkback) -> Outcome:
    """Make one attempt to tell the target that the article links to it, or does no longer.

    The endpoint is looked for every time (Webmention 3.1.4). TrackBack knows neither updates nor
    removals, and its receivers may show a second ping as a second response: it is sent once.
    """
    try:
        endpoint = _discover(outgoing.target_url)
        if endpoint.protocol == "trackback" and outgoing.sent_at:
            said = "Told once already: TrackBack knows no updates."
            return Outcome(Verdict.ACCEPTED, said, endpoint=endpoint, was_heard=True)
        return replace(_post(endpoint, outgoing), endpoint=endpoint)
    except _Ended as end:
        return end.outcome


def _discover(url: str) -> Endpoint:
    with _failures("That address"):
        page = fetch(url, limits=TARGET)
    html = page.text if page.content_type in HTML else None
    endpoint = discover(url=page.url, headers=page.headers, html=html)
    if endpoint is None or page.status >= 500:
        raise _Ended(_without_endpoint(page))
    return endpoint


def _without_endpoint(page: Page) -> Outcome:
    if _is_passing(page.status):
        sentence = f"That page cannot be read at the moment ({page.status})."
        return Outcome(Verdict.LATER, sentence, page.status, wait=_wait(page))
    if page.status >= 400:
        return Outcome(Verdict.REFUSED, f"That page answers {page.status}.", page.status)
    return Outcome(Verdict.NO_ENDPOINT, "", page.status)


@contextmanager
def _failures(what: str, endpoint: Endpoint | None = None) -> Iterator[None]:
    """End the attempt when the network or the guard on it does not let us through."""
    status: int | None = None
    try:
        yield
    except NotRepeated as redirect:
        status, verdict = redirect.status, Verdict.REFUSED
        sentence = f"{what} answers {status}, a redirect after which nothing may be posted again."
    except SourceRefused:
        verdict, sentence = Verdict.REFUSED, f"{what} is not one on the public web."
    except UpstreamError:
        verdict, sentence = Verdict.LATER, f"{what} did not answer in time."
    except LinkbackRefused:
        verdict, sentence = Verdict.LATER, f"{what} could not be reached."
    else:
        return
    raise _Ended(Outcome(verdict, sentence, status, endpoint))


def _post(endpoint: Endpoint, outgoing: OutgoingLinkback) -> Outcome:
    content_type, body = _message(endpoint, outgoing)
    with _failures("The endpoint of that page", endpoint):
        page = fetch(
            endpoint.url,
            method="POST",
            body=body,
            accept="*/*",
            headers={"Content-Type": content_type},
            limits=ANSWER,
        )
    if _is_passing(page.status):
        return Outcome(Verdict.LATER, _said(page), page.status, wait=_wait(page))
    outcome = {"webmention": _webmention, "pingback": _pingback, "trackback": _trackback}[
        endpoint.protocol
    ](page, outgoing)
    return replace(outcome, status=page.status, was_heard=outcome.verdict is not Verdict.LATER)


def _message(endpoint: Endpoint, outgoing: OutgoingLinkback) -> tuple[str, bytes]:
    """Return the content type and the body that tell of the link, as written in the text."""
    source, target = outgoing.source_url, outgoing.target_url
    if endpoint.protocol == "webmention":
        return webmention.CONTENT_TYPE, webmention.form(source, target)
    if endpoint.protocol == "pingback":
        return pingback.CONTENT_TYPE, pingback.call(source, target)
    if outgoing.article is None:
        return trackback.CONTENT_TYPE, trackback.form(source)
    article, blog = outgoing.article, Blog.current()
    return trackback.CONTENT_TYPE, trackback.form(source, article.title, article.excerpt, blog.name)


def _webmention(page: Page, outgoing: OutgoingLinkback) -> Outcome:
    if not webmention.is_success(page.status):
        return Outcome(Verdict.REFUSED, _said(page))
    where = webmention.status_url(page.status, page.headers.get("Location"), page.url)
    return Outcome(Verdict.ACCEPTED, _said(page), status_url=where or "")


def _pingback(page: Page, outgoing: OutgoingLinkback) -> Outcome:
    try:
        return Outcome(Verdict.ACCEPTED, _short(pingback.parse_answer(page.body)))
    except pingback.WireFault as fault:
        said = _short(f"{fault.message} (fault {fault.code})")
        is_known = fault.code == _DUPLICATE
        if is_known or (outgoing.is_gone and fault.code in _LINK_NOT_SEEN):
            return Outcome(Verdict.ACCEPTED, said)
        return Outcome(Verdict.LATER if fault.code == _UPSTREAM else Verdict.REFUSED, said)


def _trackback(page: Page, outgoing: OutgoingLinkback) -> Outcome:
    if page.status >= 400:
        return Outcome(Verdict.REFUSED, _said(page))
    try:
        trackback.parse_answer(page.body)
    except trackback.TrackbackFault as fault:
        return Outcome(Verdict.REFUSED, _short(fault.message))
    return Outcome(Verdict.ACCEPTED)


def _is_passing(status: int) -> bool:
    return status >= 500 or status in _LATER


def _wait(page: Page) -> datetime.timedelta | None:
    """Return what ``Retry-After`` asks for (RFC 9110, 10.2.3), between 0 and a day, or None."""
    value, none = page.headers.get("Retry-After").strip(), datetime.timedelta(0)
    if value.isascii() and value.isdigit():
        wait = datetime.timedelta(seconds=int(value[:6])) if len(value) < 7 else LONGEST_WAIT
    else:
        try:
            until = parsedate_to_datetime(value)
        except (ValueError, TypeError, OverflowError):
            return None
        # Without a zone it is in UTC (RFC 5322, 3.3 as read by RFC 9110, 5.6.7).
        until = until if until.tzinfo else until.replace(tzinfo=datetime.UTC)
        wait = until - timezone.now()
    return min(wait, LONGEST_WAIT) if wait > none else None


def _said(page: Page) -> str:
    """Return the words of an answer, without its markup."""
    text = page.text
    if page.content_type.endswith(("html", "html+xml", "xml")):
        text = " ".join(token for token in tokens(text) if isinstance(token, str))
    return _short(text)


def _short(text: str) -> str:
    return shorten(text, ANSWER_LENGTH)
