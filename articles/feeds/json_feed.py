"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

import json
from typing import Any, Final

from django.conf import settings

from articles.feeds.entries import Entry, Feed
from articles.moments import rfc3339

VERSION: Final = "https://jsonfeed.org/version/1.1"
#: What the extension of ours means is told there.
ABOUT: Final = "https://www.rfc-editor.org/rfc/rfc4685"


def write(feed: Feed, address: str) -> bytes:
    """Return the feed as the document that stands at this address."""
    said = {
        "version": VERSION,
        "title": feed.title,
        "home_page_url": feed.page,
        "feed_url": address,
        "description": feed.subtitle,
        "language": settings.LANGUAGE_CODE,
        "authors": [{"name": feed.author}] if feed.author else [],
        "hubs": [{"type": "WebSub", "url": feed.hub}] if feed.hub else [],
    }
    items = [_item(entry) for entry in feed.entries]
    return json.dumps({**_without_empty(said), "items": items}, ensure_ascii=False).encode()


def _item(entry: Entry) -> dict[str, Any]:
    author = _without_empty({"name": entry.author, "url": entry.author_url})
    return {
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "content_html": entry.html,
        **_without_empty(
            {
                "summary": entry.summary,
                "date_published": rfc3339(entry.published),
                "date_modified": rfc3339(entry.updated),
                "authors": [author] if entry.author else [],
                "tags": list(entry.tags),
                "language": entry.language,
                "_thread": _thread(entry),
            }
        ),
    }


def _thread(entry: Entry) -> dict[str, Any]:
    """Return what RFC 4685 has elements for and JSON Feed has not, as an extension of ours."""
    said: dict[str, Any] = {}
    if entry.answers:
        said |= {"in_reply_to": {"id": entry.answers.id, "url": entry.answers.url}}
    if entry.replies:
        feed = f"{entry.replies.feed}json/"
        said |= {
            "replies": {"count": entry.replies.count, "url": entry.replies.page, "feed_url": feed}
        }
    return {"about": ABOUT, **said} if said else {}


def _without_empty(said: dict[str, Any]) -> dict[str, Any]:
    """Return what there is: an optional field is left out rather than empty."""
    return {name: value for name, value in said.items() if value}
