"""The one function for searching."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from articles.models import Tag
from articles.rendering import all_text
from articles.search import asked as asking
from articles.search import words
from articles.search.asked import Asked
from articles.search.matching import MOST, Hit, find
from articles.search.snippets import LOOKED_AT, Piece, marked, snippet
from articles.search.sources import Result, Source
from articles.topics import name_key

MOST_CORRECTED = 3  # words
PER_PAGE = 10
# With so few results, what may have been meant is told.
FEW = 3


@dataclass(frozen=True)
class Shown:
    """A result with the words that it was found by."""

    result: Result
    title: Sequence[Piece]
    snippet: Sequence[Piece]


@dataclass(frozen=True)
class Found:
    """A page of results."""

    asked: Asked
    number: int = 1
    # Of all pages; ``is_more``: there are more than are shown.
    total: int = 0
    is_more: bool = False
    shown: Sequence[Shown] = field(default_factory=list)
    suggestion: str = ""
    # The one that is called what was typed.
    tag: Tag | None = None

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PER_PAGE))


def search(query: str, page: int = 1) -> Found:
    """Return a page of what is public and has all of what is asked for; an empty one where there is none.

    Titles come first, then headings and questions, texts, comments; of each the newest first. At
    most a hundred are found. Never raises for what somebody may type.
    """
    asked = asking.read(query)
    hits = find(asked)
    total = min(len(hits), MOST)
    suggestion = _suggestion(asked, len(hits)) if page == 1 and len(hits) < FEW else ""
    tag = _tag(asked) if page == 1 else None
    here = hits[:MOST][(page - 1) * PER_PAGE : page * PER_PAGE]
    return Found(asked, page, total, len(hits) > MOST, _show(here, asked), suggestion, tag)


def _tag(asked: Asked) -> Tag | None:
    called_so = Tag.objects.shown().filter(key=name_key(asked.text.replace('"', "")))
    return called_so.first() if asked.wanted else None


def _show(hits: Sequence[Hit], asked: Asked) -> list[Shown]:
    keys: dict[str, list[int]] = defaultdict(list)
    sources: dict[str, Source] = {}
    for hit in hits:
        keys[hit.source.name].append(hit.key)
        sources[hit.source.name] = hit.source
    results = {name: source.results(keys[name]) for name, source in sources.items()}
    # What went between the two questions is left out.
    found = (results[hit.source.name].get(hit.key) for hit in hits)
    return [_shown(result, asked) for result in found if result is not None]


def _shown(result: Result, asked: Asked) -> Shown:
    text = all_text(result.html, LOOKED_AT)
    return Shown(result, marked(result.title, asked), snippet(text, asked))


def _suggestion(asked: Asked, found: int) -> str:
    """Return what may have been meant, if it finds more; nothing that is not public is ever told.

    Each word is compared with thousands: of many words nothing is suggested.
    """
    typed = [word for term in asked.wanted for word in term.words]
    if len(typed) > MOST_CORRECTED:
        return ""
    changed = {word: better for word in typed if (better := words.correction(word))}
    if not changed:
        return ""
    text = asking.word_pattern().sub(lambda match: changed.get(match[0], match[0]), asked.text)
    return text if len(find(asking.read(text))) > found else ""
