"""Why something was found: the words around the place, and which of them were asked for. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from articles.search.asked import Asked, fold, word_pattern

LENGTH = 220  # characters
# Of a long text the beginning is looked at.
LOOKED_AT = 30_000


@dataclass(frozen=True)
class Piece:
    """Some text, and whether it was asked for."""

    text: str
    is_asked: bool = False


def marked(text: str, asked: Asked) -> list[Piece]:
    """Return the whole text in pieces."""
    return list(_pieces(text, 0, len(text), _asked_in(text, asked)))


def snippet(text: str, asked: Asked) -> list[Piece]:
    """Return the part of the text with most of what was asked for, in pieces; else its beginning."""
    text = text[:LOOKED_AT]
    places = _asked_in(text, asked)
    start = _best_start(places)
    start = _word_start(text, start)
    end = _word_end(text, start + LENGTH)
    pieces = list(_pieces(text, start, end, places))
    before, after = [Piece("… ")] if start else [], [Piece(" …")] if end < len(text) else []
    return [*before, *pieces, *after]


def _asked_in(text: str, asked: Asked) -> list[tuple[int, int, str]]:
    """Return where each word that was asked for stands, and which it is."""
    whole = {fold(word) for term in asked.wanted for word in term.words if not term.is_beginning}
    starts = tuple(fold(term.words[0]) for term in asked.wanted if term.is_beginning)
    found = []
    for match in word_pattern().finditer(text):
        word = fold(match[0])
        if word in whole:
            found.append((match.start(), match.end(), word))
        elif start := next((start for start in starts if word.startswith(start)), ""):
            found.append((match.start(), match.end(), start))
    return found


def _best_start(places: list[tuple[int, int, str]]) -> int:
    """Return where a part begins that holds most different words of those asked for."""
    best, most = 0, 0
    for nth, (start, _, _) in enumerate(places):
        there = {
            word for begin, end, word in places[nth : nth + 20] if end <= start + LENGTH * 3 // 4
        }
        if len(there) > most:
            best, most = start, len(there)
    return max(0, best - LENGTH // 4) if best > LENGTH * 3 // 4 else 0


def _word_start(text: str, at: int) -> int:
    if at == 0:
        return 0
    blank = text.find(" ", at, at + 40)
    return blank + 1 if blank >= 0 else at


def _word_end(text: str, at: int) -> int:
    if at >= len(text):
        return len(text)
    blank = text.rfind(" ", at - 40, at)
    return blank if blank > 0 else at


def _pieces(
    text: str, start: int, end: int, places: Iterable[tuple[int, int, str]]
) -> Iterator[Piece]:
    at = start
    for begin, stop, _ in places:
        if begin < at or stop > end:
            continue
        if begin > at:
            yield Piece(text[at:begin])
        yield Piece(text[begin:stop], is_asked=True)
        at = stop
    if at < end:
        yield Piece(text[at:end])
