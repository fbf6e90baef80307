"""Linked data of an article: JSON-LD 1.1 with the words of schema.org, as plain dicts.

A page has two blocks that name the same thing by its ``@id``: this one follows from the article alone, and
what is said about it comes in a block of its own (``comments.linked_data``).
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.utils.safestring import SafeString

from articles.machines.addresses import card_of
from articles.models import Article, FaqEntry
from articles.moments import rfc3339
from articles.rendering import all_text
from articles.site_addresses import page_of

Node = dict[str, Any]
CONTEXT: Final = "https://schema.org"
#: What could end the element or begin a comment in it, and what ends a line in older JavaScript.
_ESCAPES: Final = {ord(one): f"\\u{ord(one):04x}" for one in "<>&\u2028\u2029"}
_WHOLE: Final = 1_000_000  # characters: an answer is not cut


def script(data: Mapping[str, Any] | list[Node]) -> SafeString:
    """Return the element that holds the data: a data block, which no browser runs (HTML, 4.12.1)."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)
    # Escaped above: no text in it can end the element.
    return SafeString(f'<script type="application/ld+json">{text}</script>')


def of_article(article: Article, questions: Iterable[FaqEntry]) -> list[Node]:
    """Return what the page says of the article and its questions; nothing of what others say."""
    nodes = [_posting(article)]
    path = article.get_absolute_url()
    if listed := [_question(entry, path) for entry in questions]:
        nodes.append({"@context": CONTEXT, "@type": "FAQPage", "mainEntity": listed})
    return nodes


def _posting(article: Article) -> Node:
    page = page_of(article)
    values = {
        "@context": CONTEXT,
        "@id": page,
        "@type": "BlogPosting",
        "headline": article.title,
        "datePublished": rfc3339(article.published_at) if article.published_at else "",
        "dateModified": rfc3339(article.last_change),
        "author": {"@type": "Person", "name": article.byline} if article.byline else None,
        "image": card_of(article),
        "description": article.excerpt,
        "inLanguage": article.language,
        "mainEntityOfPage": page,
    }
    return {name: value for name, value in values.items() if value}


def _question(entry: FaqEntry, path: str) -> Node:
    answer = all_text(entry.answer_html, _WHOLE)
    return {
        "@type": "Question",
        "@id": f"{path}#{entry.anchor}",
        "name": entry.question,
        "acceptedAnswer": {"@type": "Answer", "text": answer},
    }
