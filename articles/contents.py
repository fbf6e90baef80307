"""The table of contents of an article, from the HTML that is stored of it. Plain Python, no Django."""

import html
import re
from collections.abc import Iterable
from typing import Final

from articles.rendering import plain_text

LEAST: Final = 3
"""So many headings are worth a table of contents."""

_HEADING = re.compile(r'<h([23])(?: [^<>]*?)? id="([^"<>]*)"[^<>]*>(.*?)</h\1>', re.DOTALL)


def contents(body_html: str) -> str:
    """Return a list of links to the headings of the two outer levels, the inner ones in lists of their own.

    Nothing where there are fewer than ``LEAST``, or where the author has placed one (``[TOC]``).
    """
    found = [(level, _link(ident, text)) for level, ident, text in _HEADING.findall(body_html)]
    if len(found) < LEAST or '<nav class="toc"' in body_html:
        return ""
    return _list(f"<li>{link}{_list(inner)}</li>" for link, inner in _grouped(found))


def _link(ident: str, text: str) -> str:
    return f'<a href="#{ident}">{html.escape(plain_text(text, len(text)), quote=False)}</a>'


def _grouped(found: Iterable[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    """Return each outer link with the items below it; inner ones before the first outer one stand beside it."""
    groups: list[tuple[str, list[str]]] = []
    is_below = False
    for level, link in found:
        if level == "3" and is_below:
            groups[-1][1].append(f"<li>{link}</li>")
        else:
            groups.append((link, []))
            is_below = level == "2"
    return groups


def _list(items: Iterable[str]) -> str:
    inside = "".join(items)
    return f"<ul>{inside}</ul>" if inside else ""
