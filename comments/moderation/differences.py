"""Two texts beside each other, word by word."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

# Comparing takes the square of it and more: 2 × 300 equal words take some milliseconds.
MOST_WORDS = 300
_WORD = re.compile(r"\S+\s*|^\s+")


def word_diff(old: str, new: str) -> SafeString:
    """Return the new text as HTML, with what was added as ``ins`` and what was dropped as ``del``.

    Texts longer than ``MOST_WORDS`` after their common beginning are shown one after the other.
    """
    return format_html_join("", "{}", ((part,) for part in _parts(_words(old), _words(new))))


def _words(text: str) -> list[str]:
    """Return the words, each with the blank that follows it, as one does after the last."""
    return _WORD.findall(f"{text.rstrip()} ") if text.strip() else []


def _parts(old: list[str], new: list[str]) -> Iterator[SafeString]:
    same = _common_beginning(old, new)
    yield _text(old[:same])
    old, new = old[same:], new[same:]
    if max(len(old), len(new)) > MOST_WORDS:
        yield from _change(old, new)
        return
    matcher = SequenceMatcher(
        None, [word.rstrip() for word in old], [word.rstrip() for word in new], autojunk=True
    )
    for what, a, b, c, d in matcher.get_opcodes():
        if what == "equal":
            yield _text(new[c:d])
        else:
            yield from _change(old[a:b], new[c:d])


def _common_beginning(old: list[str], new: list[str]) -> int:
    pairs = enumerate(zip(old, new, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(old), len(new)))


def _text(words: list[str]) -> SafeString:
    return format_html("{}", "".join(words))


def _change(old: list[str], new: list[str]) -> Iterator[SafeString]:
    if old:
        yield _marked("del", old)
    if new:
        yield _marked("ins", new)


def _marked(element: str, words: list[str]) -> SafeString:
    """Mark the words, but not the blank that follows the last of them."""
    said = "".join(words)
    bare = said.rstrip()
    return format_html("<{0}>{1}</{0}>{2}", element, bare, said[len(bare) :])
