"""An article as Markdown: its author's own text as it is, and what others typed so that it stays text."""

import re
from typing import Final

import yaml

from articles.machines.addresses import card_of
from articles.models import Article
from articles.moments import rfc3339
from articles.site_addresses import page_of

#: What would be markup anywhere in a line. Not every Markdown lets the first of these be escaped otherwise.
_ENTITIES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "~": "&#126;"})
_MARKS: Final = re.compile(r"([\\`*_\[\]])")
#: ... and at its beginning: headings, lists, rules.
_FIRST: Final = re.compile(r"^(?:(\d+)(?=[.)]))?([#+\-.)])")


def escaped(text: str) -> str:
    """Return text of any kind as Markdown that shows it, on one line."""
    line = " ".join(text.split()).translate(_ENTITIES)
    return _FIRST.sub(r"\1\\\2", _MARKS.sub(r"\\\1", line))


def own_text(text: str) -> str:
    """Return an author's Markdown as it was written, with line ends of one kind."""
    return "\n".join(text.replace("\r\n", "\n").replace("\r", "\n").strip("\n").split("\n"))


def front_matter(article: Article) -> str:
    """Return what is to be said of the article before its text, as YAML between two fences."""
    said: dict[str, str | list[str]] = {
        "title": article.title,
        "date": rfc3339(article.published_at) if article.published_at else "",
        "updated": rfc3339(article.last_change),
        "author": article.byline,
        "tags": [tag.name for tag in article.sorted_tags],
        "summary": article.summary,
        "lang": article.language,
        "image": card_of(article),
        "canonical": page_of(article),
    }
    known = {name: value for name, value in said.items() if value}
    text = yaml.safe_dump(known, allow_unicode=True, sort_keys=False, width=10_000)
    return f"---\n{text}---\n"
