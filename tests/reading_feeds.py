"""Reads a feed as others do: by feedparser, by a strict parser of XML, and as JSON."""

import json

import feedparser  # type: ignore[import-untyped]
from defusedxml import ElementTree

NAMESPACES = {
    "a": "http://www.w3.org/2005/Atom",
    "thr": "http://purl.org/syndication/thread/1.0",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "wfw": "http://wellformedweb.org/CommentAPI/",
}
SUFFIXES = {"rss": "", "atom": "atom/", "json": "json/"}


def parsed(response):
    """Return the feed as feedparser understands it, which finds nothing wrong with it."""
    assert response.status_code == 200
    headers = {name.lower(): value for name, value in response.headers.items()}
    found = feedparser.parse(response.content, response_headers=headers)
    assert not found.bozo, found.get("bozo_exception")
    return found


def tree(response):
    """Return the root of a feed in XML."""
    assert response.status_code == 200
    return ElementTree.fromstring(response.content)


def texts(element, path):
    return [found.text for found in element.findall(path, NAMESPACES)]


def read_json(response):
    assert response.status_code == 200
    return json.loads(response.content)
