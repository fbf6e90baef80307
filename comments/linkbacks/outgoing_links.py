"""What an article links to, and whether an edit changed anything others would want to hear of.

Reads only what the author wrote: responses shown below the article, its navigation and its footer
would send linkbacks round in circles.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from typing import Final

from comments.linkbacks.discovery import absolute
from comments.linkbacks.excerpts import tidy
from comments.linkbacks.markup import StartTag, names, tokens
from comments.linkbacks.verification import normalise

#: Links of one article that are told of; an article with more is a list, not a conversation.
MAX_LINKS: Final = 100

#: Tags that may stand in the middle of a word; any other parts words.
_INSIDE_WORDS: Final = names(
    "a abbr b bdi bdo cite code data del dfn em font i ins kbd mark q s samp small span strong sub"
    " sup time u var wbr"
)


def links_in(
    html_parts: Iterable[str], *, base: str, is_own: Callable[[str], bool]
) -> tuple[str, ...]:
    """The web addresses that an article links to, each once, in order; at most `MAX_LINKS`.

    `html_parts` are the rendered pieces the author wrote, `base` is the article's own address,
    `is_own` tells whether an absolute address is on this site; own ones are left out. Addresses
    stay as they are written, fragment included, because the receiver looks for exactly that
    (Webmention 3.2.2); those that `verification.normalise` makes equal are one, in its first
    spelling. Links that could never be fetched (mail, user names and passwords) are left out.
    """
    found: dict[str, str] = {}
    for href in _hrefs(html_parts):
        url = absolute(base, href)
        if url is None or (key := normalise(url)) in found or is_own(url):
            continue
        found[key] = url
        if len(found) == MAX_LINKS:
            break
    return tuple(found.values())


def fingerprint(html_parts: Iterable[str]) -> str:
    """A hash that changes when the words or the links of an article change: 64 hexadecimal digits.

    Blanks, emphasis, classes and the division into parts or blocks make no difference. Webmention
    3.1.4 asks to send again when a source changes; sending for less is noise to the receivers.
    """
    parts = list(html_parts)
    content = [tidy("".join(_words(parts))), [href.strip() for href in _hrefs(parts)]]
    return sha256(json.dumps(content).encode("ascii")).hexdigest()


def _hrefs(html_parts: Iterable[str]) -> Iterator[str]:
    for part in html_parts:
        for token in tokens(part):
            if isinstance(token, StartTag) and token.name == "a" and "href" in token.attributes:
                yield token.get("href") or ""


def _words(html_parts: Iterable[str]) -> Iterator[str]:
    for part in html_parts:
        for token in tokens(part):
            if isinstance(token, str):
                yield token
            elif token.name not in _INSIDE_WORDS:
                yield " "
        yield " "
