"""Atom (RFC 4287), with threads (RFC 4685)."""

from io import BytesIO
from typing import Any

from django.conf import settings
from django.utils.feedgenerator import Atom1Feed
from django.utils.xmlutils import SimplerXMLGenerator

from articles.feeds.entries import Entry, Feed, Replies

_THREADS = {"xmlns:thr": "http://purl.org/syndication/thread/1.0"}
_ATOM = "application/atom+xml"


def write(feed: Feed, address: str) -> bytes:
    """Return the feed as the document that stands at this address."""
    made = _Atom(
        title=feed.title,
        link=feed.page,
        description=None,
        subtitle=feed.subtitle or None,
        language=settings.LANGUAGE_CODE,
        feed_url=address,
        feed_guid=feed.id,
        # Of an entry without an author it is that of the feed (RFC 4287, 4.2.1).
        author_name=feed.author or feed.title,
        said=feed,
    )
    for entry in feed.entries:
        made.add_item(
            title=entry.title,
            link=entry.url,
            description=None,  # type: ignore[arg-type] # added below, as text
            author_name=entry.author or None,
            author_link=entry.author_url or None,
            pubdate=entry.published,
            updateddate=entry.updated,
            unique_id=entry.id,
            categories=entry.tags,
            said=entry,
        )
    document = BytesIO()
    made.write(document, "utf-8")
    return document.getvalue()


class _Atom(Atom1Feed):
    def root_attributes(self) -> dict[str, str]:
        return {**super().root_attributes(), **_THREADS}

    def item_attributes(self, item: dict[str, Any]) -> dict[str, str]:
        language = item["said"].language
        return {"xml:lang": language} if language else {}

    def latest_post_date(self) -> Any:
        # Not that of the moment, where there are no entries.
        return self.feed["said"].updated

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        super().add_root_elements(handler)
        if hub := self.feed["said"].hub:
            handler.addQuickElement("link", None, {"rel": "hub", "href": hub})

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        entry: Entry = item["said"]
        if entry.summary:
            handler.addQuickElement("summary", entry.summary, {"type": "text"})
        handler.addQuickElement("content", entry.html, {"type": "html"})
        if entry.answers:
            where = {"ref": entry.answers.id, "href": entry.answers.url, "type": "text/html"}
            handler.addQuickElement("thr:in-reply-to", None, where)
        if entry.replies:
            _add_replies(handler, entry.replies)


def _add_replies(handler: SimplerXMLGenerator, replies: Replies) -> None:
    """Say where the responses are (RFC 4685, 4 and 5)."""
    for href, kind in ((f"{replies.feed}atom/", _ATOM), (replies.page, "text/html")):
        link = {"rel": "replies", "type": kind, "href": href, "thr:count": str(replies.count)}
        handler.addQuickElement("link", None, link)
    handler.addQuickElement("thr:total", str(replies.count))
