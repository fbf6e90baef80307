"""HTML of a page of ours, made fit to be read elsewhere: in feeds, among the texts of others.

It works on HTML that a renderer of ours has stored: sanitised, so that a tag is exactly what ``<[a-z]…>``
matches and every value stands in double quotes (see ``articles.rendering``).
"""

import html
import re
from urllib.parse import urljoin

_TAG = re.compile(r"<[a-z][^<>]*>")
_VALUE = re.compile(r' (href|src|id)="([^"<>]*)"')


def elsewhere(markup: str, page: str, prefix: str) -> str:
    """Return the HTML with every address absolute and every id beginning with the prefix.

    ``page`` is the absolute address of the page that the HTML is of. A link within the text leads to its place
    there: readers drop ids, or show many texts at once. With the prefix none meets that of another text.
    """

    def value(match: re.Match[str]) -> str:
        name, written = match.groups()
        return f' {name}="{prefix}{written}"' if name == "id" else f' {name}="{at(written)}"'

    def at(written: str) -> str:
        try:
            return html.escape(urljoin(page, html.unescape(written)))
        except ValueError:
            return written  # no address at all, such as http://[

    return _TAG.sub(lambda tag: _VALUE.sub(value, tag[0]), markup)
