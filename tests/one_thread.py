"""Reads the responses to an article from each form in which the site shows them, one function for each."""

import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import mf2py
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


READERS: dict[str, Callable[..., list[Told]]] = {
    "HTML": from_html,
    "microformats2": from_microformats,
    "JSON-LD": from_linked_data,
    "Markdown": from_markdown,
}
