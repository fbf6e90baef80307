"""Reads the responses to an article from each form in which the site shows them, one function for each."""

import datetime
import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import mf2py
from defusedxml import ElementTree
from django.conf import settings
from django.test import Client
from selectolax.lexbor import LexborHTMLParser

from articles.models import Article

NOT_SAID = "(this form does not say)"


@dataclass(frozen=True)
class Told:
    """One response as a form tells it: its number, whose it is, when, what, and what it answers."""

    pk: int
    name: str
    when: str
    words: str = NOT_SAID
    answers: int | str | None = NOT_SAID

    def agrees(self, other: "Told") -> bool:
        """Say whether nothing that both tell differs."""
        both = zip(vars(self).values(), vars(other).values(), strict=True)
        return all(NOT_SAID in (mine, theirs) or mine == theirs for mine, theirs in both)


def _address(article: Article, query: str = "") -> str:
    return f"{settings.SITE_URL}{article.get_absolute_url()}{query}"


def _get(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def _number(url: str) -> int:
    """Return the number of the comment at a permalink, which has to name it in one way only."""
    parts = urlsplit(url)
    found = re.fullmatch(r"comment-(\d+)", parts.fragment)
    assert found, url
    assert parse_qs(parts.query) in ({}, {"comment": [found[1]]})
    return int(found[1])


def _plain(text: str) -> str:
    return " ".join(text.split())


def from_html(client: Client, article: Article, query: str = "") -> list[Told]:
    """Read the page as people see it: nested lists, and “in reply to” where they do not tell."""
    tree = LexborHTMLParser(_get(client, article.get_absolute_url() + query))
    return [_from_item(item) for item in tree.css("ol.thread li[id^=comment-]")]


def _from_item(item: Any) -> Told:
    own = item.css_first("article")
    text, link = own.css_first(".text"), own.css_first(".to a")
    above = item.parent
    while above is not None and not (above.attributes.get("id") or "").startswith("comment-"):
        above = above.parent
    answers = _number(link.attributes["href"]) if link else None
    if link is None and above is not None:
        answers = int(above.attributes["id"].removeprefix("comment-"))
    return Told(
        int(item.attributes["id"].removeprefix("comment-")),
        own.css_first(".p-author").text(),
        own.css_first("time").attributes["datetime"],
        _plain(text.text()) if text else "",
        answers,
    )


def from_microformats(client: Client, article: Article, query: str = "") -> list[Told]:
    """Read the h-cite of each comment of the h-entry (microformats.org/wiki/comments)."""
    page = _get(client, article.get_absolute_url() + query)
    found = mf2py.parse(doc=page, url=_address(article, query))
    (entry,) = (item for item in found["items"] if item["type"] == ["h-entry"])
    return [_from_cite(cite) for cite in entry["properties"].get("comment", [])]


def _from_cite(cite: dict[str, Any]) -> Told:
    assert cite["type"] == ["h-cite"]
    said = cite["properties"]
    (url,), (when,), (author,) = said["url"], said["published"], said["author"]
    content = said["content"][0]["value"] if "content" in said else ""
    return Told(_number(url), author["properties"]["name"][0], when, _plain(content))


def from_linked_data(client: Client, article: Article, query: str = "") -> list[Told]:
    """Read the comments of the BlogPosting that the blocks of JSON-LD are about."""
    page = _get(client, article.get_absolute_url() + query)
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    data = [json.loads(text) for text in blocks]
    posting = {}
    for node in (
        node for block in data for node in (block if isinstance(block, list) else [block])
    ):
        if node.get("@id") == _address(article):
            posting.update(node)
    assert posting["headline"] == article.title
    base = _address(article, query)
    return [_from_node(node, base) for node in posting.get("comment", [])]


def _from_node(node: dict[str, Any], base: str) -> Told:
    assert node["@type"] == "Comment"
    above = node.get("parentItem")
    return Told(
        _number(urljoin(base, node["@id"])),
        node["author"]["name"] if "author" in node else node["name"],
        node["datePublished"],
        answers=_number(urljoin(base, above["@id"])) if above else None,
    )


_ITEM = re.compile(
    r"^- \*\*(?P<name>.+?)\*\*(?:, \w+(?: from \S+)?)?, (?P<when>\d{4}-\S+Z), <(?P<url>\S+)>"
    r"(?:, in reply to <(?P<above>\S+)>)?\n(?:\n  > (?P<words>.*)\n)?",
    re.MULTILINE,
)


def from_markdown(client: Client, article: Article, query: str = "") -> list[Told]:
    """Read the list at the end of the article's Markdown."""
    text = _get(client, f"/articles/{article.slug}.md{query}")
    *_, listed = re.split(r"^## (?:\d+|One) responses?\n", text, flags=re.MULTILINE)
    return [
        Told(
            _number(found["url"]),
            _shown(found["name"]),
            found["when"],
            _shown(found["words"] or ""),
            _number(found["above"]) if found["above"] else None,
        )
        for found in _ITEM.finditer(listed)
    ]


def _shown(markdown: str) -> str:
    return html.unescape(re.sub(r"\\(.)", r"\1", markdown))


_ATOM = {"atom": "http://www.w3.org/2005/Atom", "thr": "http://purl.org/syndication/thread/1.0"}


def from_atom(client: Client, article: Article) -> list[Told]:
    """Read the feed of the article's responses (RFC 4287, with the threads of RFC 4685)."""
    text = _get(client, f"{article.get_absolute_url()}feed/atom/")
    entries = ElementTree.fromstring(text).findall("atom:entry", _ATOM)
    return [_from_entry(entry, _address(article)) for entry in entries]


def _from_entry(entry: Any, page: str) -> Told:
    above = entry.find("thr:in-reply-to", _ATOM).attrib["href"]
    return Told(
        _number(entry.find("atom:link[@rel='alternate']", _ATOM).attrib["href"]),
        entry.findtext("atom:author/atom:name", namespaces=_ATOM),
        _second(entry.findtext("atom:published", namespaces=_ATOM)),
        _text_of(entry.findtext("atom:content", namespaces=_ATOM)),
        None if above == page else _number(above),
    )


def from_json_feed(client: Client, article: Article) -> list[Told]:
    """Read the same feed as JSON Feed 1.1."""
    feed = json.loads(_get(client, f"{article.get_absolute_url()}feed/json/"))
    return [_from_json(item, _address(article)) for item in feed["items"]]


def _from_json(item: dict[str, Any], page: str) -> Told:
    above = item["_thread"]["in_reply_to"]["url"]
    return Told(
        _number(item["url"]),
        item["authors"][0]["name"],
        _second(item["date_published"]),
        _text_of(item["content_html"]),
        None if above == page else _number(above),
    )


def _second(moment: str) -> str:
    at = datetime.datetime.fromisoformat(moment).astimezone(datetime.UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _text_of(markup: str) -> str:
    return _plain(LexborHTMLParser(markup).text())


Reader = Callable[..., list[Told]]
# Each reads one page of the conversation, in the order of the page.
PAGES: dict[str, Reader] = {
    "HTML": from_html,
    "microformats2": from_microformats,
    "JSON-LD": from_linked_data,
    "Markdown": from_markdown,
}
# Each reads the newest responses, the newest first.
FEEDS: dict[str, Reader] = {"Atom": from_atom, "JSON Feed": from_json_feed}
