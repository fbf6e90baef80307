"""What somebody typed, read as words, “phrases” and -exclusions. Pure: no Django, never raises."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

LONGEST = 200  # characters; the rest is not looked at
LONGEST_WORD = 50
MOST_TERMS, MOST_EXCLUDED = 8, 4
# From so many letters on, the last word may be the beginning of one.
SHORTEST_BEGINNING = 2
_QUOTES = dict.fromkeys(map(ord, "“”„‟«»″"), '"')
_PART = re.compile(r'(?P<minus>[-−]?)"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]+)')
# What stands for an accent, once letters and accents are apart.
_ACCENTS = re.compile("[\u0300-\u036f]")


@dataclass(frozen=True)
class Term:
    """A word, or several that stand side by side; ``is_beginning``: of whatever begins like it."""

    words: tuple[str, ...]
    is_beginning: bool = False


@dataclass(frozen=True)
class Asked:
    """What is looked for, and what must not be there."""

    text: str = ""
    wanted: tuple[Term, ...] = ()
    excluded: tuple[Term, ...] = ()
    # Whether more was typed than is looked for.
    is_cut: bool = False

    @property
    def words(self) -> list[str]:
        """Every word looked for, folded, once each."""
        return list(dict.fromkeys(fold(word) for term in self.wanted for word in term.words))


@lru_cache(maxsize=1)
def word_pattern() -> re.Pattern[str]:
    """Return what matches a word: letters, digits and marks of any script."""
    marks = (
        chr(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code))[0] == "M"
    )
    return re.compile(rf"(?:[^\W_]|[{''.join(marks)}])+")


def words_of(text: str) -> list[str]:
    """Return the words of a text; accents by themselves are none."""
    return [word for word in word_pattern().findall(text) if fold(word)]


@lru_cache(maxsize=20_000)
def fold(word: str) -> str:
    """Return the word without case and accents; the same for all ways to write it in Unicode."""
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", word.lower()))


def read(typed: str) -> Asked:
    """Return what is asked for; of what is too much, the beginning."""
    text = _clean(typed[: LONGEST * 4])
    kept = text[:LONGEST]
    wanted: list[Term] = []
    excluded: list[Term] = []
    for is_excluded, term in _terms(kept):
        into, most = (excluded, MOST_EXCLUDED) if is_excluded else (wanted, MOST_TERMS)
        if term not in into and len(into) < most:
            into.append(term)
    is_cut = len(typed) > LONGEST * 4 or len(text) > LONGEST
    return Asked(kept, _with_beginning(kept, wanted), tuple(excluded), is_cut)


def _clean(text: str) -> str:
    text = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode())
    kept = (
        " " if unicodedata.category(char)[0] == "C" else char for char in text.translate(_QUOTES)
    )
    return " ".join("".join(kept).split())


def _terms(text: str) -> Iterator[tuple[bool, Term]]:
    for part in _PART.finditer(text):
        said = part["quoted"] if part["plain"] is None else part["plain"]
        minus = part["minus"] or (part["plain"] or "")[:1] in ("-", "−")
        words = tuple(word[:LONGEST_WORD] for word in words_of(said)[:MOST_TERMS])
        if words:
            yield bool(minus), Term(words)


def _with_beginning(text: str, wanted: list[Term]) -> tuple[Term, ...]:
    """Let the last word stand for all that begin like it, unless it is quoted or the search has ended."""
    last = wanted[-1] if wanted else None
    if last is None or len(last.words) > 1 or not text.endswith(last.words[0]):
        return tuple(wanted)
    word = last.words[0]
    # One sign can be a word of its own, other than a letter.
    if len(word) < SHORTEST_BEGINNING and word.isascii():
        return tuple(wanted)
    return (*wanted[:-1], Term(last.words, is_beginning=True))
