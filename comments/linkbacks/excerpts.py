"""Cuts the words around a link out of a page's text: plain text in, plain text out.

Lengths are in code points. Cuts fall between words; scripts written without blanks may be cut
between any two characters, but a combining mark stays with its base.
"""

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

#: Characters kept on each side of the link, and of the link's own words (as WordPress does).
REACH = 100
ELLIPSIS = "…"

# What no line of text may hold: control characters (those that are blanks are collapsed instead),
# lone surrogates and non-characters, which a database refuses, and the explicit directions, which
# could turn round the page that quotes them. The marks LRM and RLM stay.
_UNWANTED = dict.fromkeys(
    [
        *(code for code in [*range(0x20), *range(0x7F, 0xA0)] if not chr(code).isspace()),
        *range(0xD800, 0xE000),
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
        *[0xFEFF, 0xFFFE, 0xFFFF],
    ]
)

#: Scripts that put no blanks between words: kana, bopomofo, ideographs, and their punctuation.
_UNSPACED = (
    range(0x3000, 0x3130),
    range(0x31A0, 0x3200),
    range(0x3400, 0x4DC0),
    range(0x4E00, 0xA000),
    range(0xF900, 0xFB00),
    range(0xFF00, 0xFFA0),
    range(0x20000, 0x32000),
)
_JOINER = "\u200d"


class Excerpt(NamedTuple):
    """The link's own words and the text around them, which holds those words."""

    link_text: str
    text: str


def tidy(text: str) -> str:
    """Collapse blanks to single spaces, strip both ends, drop characters no text should hold."""
    return " ".join(text.translate(_UNWANTED).split())


def shorten(text: str, limit: int) -> str:
    """The tidied text in at most `limit` characters, cut at a word and marked with "…"."""
    text = tidy(text)
    if len(text) <= limit:
        return text
    return first_words(text, limit - len(ELLIPSIS)) + ELLIPSIS


def first_words(text: str, limit: int) -> str:
    """As many whole words from the start of a tidy text as fit `limit` characters."""
    if len(text) <= limit:
        return text
    cut = next((at for at in range(limit, 0, -1) if _between_words(text, at)), 0)
    cut = cut or next((at for at in range(limit, 0, -1) if not _continues(text, at)), limit)
    return text[:cut].rstrip()


def last_words(text: str, limit: int) -> str:
    """As many whole words from the end of a tidy text as fit `limit` characters."""
    size = len(text)
    if size <= limit:
        return text
    cut = next((at for at in range(size - limit, size) if _between_words(text, at)), 0)
    cut = cut or next((at for at in range(size - limit, size) if not _continues(text, at)), size)
    return text[cut:].lstrip()


def around(text: str, breaks: Sequence[int], link: slice, fallback: str = "") -> Excerpt:
    """The words of a link with up to `REACH` characters of its block on each side.

    `text` is a page's text as it was read, `breaks` the ascending offsets at which blocks begin,
    `link` the part of `text` inside the link; `fallback` stands for a link without words (an
    image's alternative text). A block with nothing but the link borrows from its neighbours.
    """
    start, end = _window(text, breaks, link)
    before, inside, after = text[start : link.start], text[link], text[link.stop : end]
    words = tidy(inside)
    spaced = not words or before[-1:].isspace() or inside[:1].isspace()
    spaced_after = not words or inside[-1:].isspace() or after[:1].isspace()
    words = shorten(words or fallback, REACH)
    left, right = last_words(tidy(before), REACH), first_words(tidy(after), REACH)
    joined = (left, " " * spaced, words, " " * spaced_after, right)
    return Excerpt(words, tidy("".join(joined)))


def _window(text: str, breaks: Sequence[int], link: slice) -> tuple[int, int]:
    """Where the text to quote from begins and ends: the link's block, or further if it is bare."""
    first = bisect_right(breaks, link.start) - 1
    last = bisect_left(breaks, max(link.stop, link.start + 1))
    start, end = _edge(text, breaks, first), _edge(text, breaks, last)
    if _has_words(text[start : link.start]) or _has_words(text[link.stop : end]):
        return start, end
    return _neighbour(text, breaks, first, -1), _neighbour(text, breaks, last, +1)


def _neighbour(text: str, breaks: Sequence[int], number: int, step: int) -> int:
    """The far edge of the nearest block with words, going by `step` from a numbered break."""
    near = _edge(text, breaks, number)
    while 0 <= number < len(breaks):
        number += step
        far = _edge(text, breaks, number)
        if _has_words(text[min(near, far) : max(near, far)]):
            return far
        near = far
    return near


def _edge(text: str, breaks: Sequence[int], number: int) -> int:
    """The offset of a numbered break; the text's own ends lie beyond the first and the last."""
    if number < 0:
        return 0
    return breaks[number] if number < len(breaks) else len(text)


def _has_words(text: str) -> bool:
    return any(map(str.isalnum, text))


def _between_words(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    if before == " " or after == " ":
        return True
    return (_unspaced(before) or _unspaced(after)) and not _continues(text, at)


def _unspaced(character: str) -> bool:
    code = ord(character)
    return code >= 0x3000 and any(code in script for script in _UNSPACED)


def _continues(text: str, at: int) -> bool:
    """Whether the character at `at` is drawn together with the one before it."""
    character = text[at]
    return (
        character == _JOINER
        or text[at - 1] == _JOINER
        or unicodedata.category(character).startswith("M")
        or 0x1F3FB <= ord(character) <= 0x1F3FF  # the skin tones of emoji
    )
