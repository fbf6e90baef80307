"""RSS 2.0, with the modules that readers used to WordPress know: content, slash, wfw."""

from html import escape
from io import BytesIO
from typing import Any

from django.conf import settings
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.xmlutils import SimplerXMLGenerator

from articles.feeds.entries import Entry, Feed

_NAMESPACES = {
    "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns:slash": "http://purl.org/rss/1.0/modules/slash/",
    "xmlns:wfw": "http://wellformedweb.org/CommentAPI/",
}


def write(feed: Feed, address: str) -> bytes:
    """Return the feed as the document that stands at this address."""
    made = _Rss(
        title=feed.title,
        link=feed.page,
        description=feed.subtitle or feed.title,
        language=settings.LANGUAGE_CODE,
        feed_url=address,
        said=feed,
    )
    for entry in feed.entries:
        made.add_item(
            title=entry.title,
            link=entry.url,
            # Readers take it for HTML.
            description=escape(entry.summary),
            author_name=entry.author or None,
            pubdate=entry.published,
            updateddate=entry.updated,
            comments=entry.replies.page if entry.replies else None,
            unique_id=entry.id,
            unique_id_is_permalink=False,
            categories=entry.tags,
            said=entry,
        )
    document = BytesIO()
    made.write(document, "utf-8")
    return document.getvalue()


class _Rss(Rss201rev2Feed):
    def rss_attributes(self) -> dict[str, str]:
        return {**super().rss_attributes(), **_NAMESPACES}

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        super().add_root_elements(handler)
        if hub := self.feed["said"].hub:
            handler.addQuickElement("atom:link", None, {"rel": "hub", "href": hub})

    def latest_post_date(self) -> Any:
        # Not that of the moment, where there are no entries.
        return self.feed["said"].updated

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        entry: Entry = item["said"]
        handler.addQuickElement("content:encoded", entry.html)
        if entry.replies:
            handler.addQuickElement("slash:comments", str(entry.replies.count))
            handler.addQuickElement("wfw:commentRss", entry.replies.feed)
