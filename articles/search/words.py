"""The words of the site: what may have been meant, and which beginnings are too common to go through.

They are read from the index now and then, so that reading them takes a thousandth of the worker's time, however
large the site is. Nothing depends on their being complete: what is suggested was looked for first.
"""

import datetime
import time
from collections import Counter
from collections.abc import Iterator

from django.db import connection
from django.utils import timezone

from articles.models import SearchState, Word
from articles.search.asked import Term, fold
from articles.search.sources import sources

MOST_KEPT = 50_000
SHORTEST, LONGEST = 3, 30
# A beginning that stands in more texts than this is read as the most frequent words that begin so.
COMMON = 20_000
_MOST_ALTERNATIVES = 8
_SHARE = 1_000
_AT_ONCE = 500
_MOST_NEAR = 50


def widened(term: Term) -> tuple[Term, ...]:
    """Return what to look for instead: a common beginning is not gone through word by word."""
    if not term.is_beginning:
        return (term,)
    start = fold(term.words[0])
    words = Word.objects.filter(word__gte=start, word__lt=f"{start}\U0010ffff").order_by("-uses")
    found = list(words.values_list("word", "uses")[:_MOST_ALTERNATIVES])
    if sum(uses for _, uses in found) <= COMMON:
        return (term,)
    return (Term(term.words), *(Term((word,)) for word, _ in found if word != start))


def correction(word: str) -> str | None:
    """Return the word of the site that is most like this one; None where it is one, or none is near."""
    said = fold(word)
    if not SHORTEST <= len(said) <= LONGEST or Word.objects.filter(word=said).exists():
        return None
    # Here, as most searches are answered without: it takes 4 MB of a process.
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    most = 1 if len(said) < 5 else 2 if len(said) < 9 else 3
    sizes = range(len(said) - most, len(said) + most + 1)
    known = dict(Word.objects.filter(size__in=sizes).values_list("word", "uses"))
    near = process.extract(
        said, list(known), scorer=OSA.distance, score_cutoff=most, limit=_MOST_NEAR
    )
    best = min(near, key=lambda one: (one[1], one[0][0] != said[0], -known[one[0]]), default=None)
    return best[0] if best else None


def refresh_if_due() -> None:
    """Read the words again, unless that was done a short time ago for how long it takes."""
    state = SearchState.objects.first()
    if state is None or timezone.now() >= state.words_read_at + datetime.timedelta(
        seconds=state.words_took * _SHARE
    ):
        refresh()


def refresh() -> None:
    """Bring the table of words up to the index."""
    begun = time.monotonic()
    wanted = dict(_in_index())
    known = dict(Word.objects.values_list("word", "uses"))
    gone = [word for word in known if word not in wanted]
    changed = [word for word, uses in wanted.items() if known.get(word) != uses]
    for start in range(0, len(gone), _AT_ONCE):
        Word.objects.filter(pk__in=gone[start : start + _AT_ONCE]).delete()
    for start in range(0, len(changed), _AT_ONCE):
        rows = [Word(word, len(word), wanted[word]) for word in changed[start : start + _AT_ONCE]]
        Word.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["word"], update_fields=["uses"]
        )
    SearchState.objects.update_or_create(
        pk=1,
        defaults={"words_read_at": timezone.now(), "words_took": time.monotonic() - begun},
    )


def _in_index() -> "list[tuple[str, int]]":
    """Return the most frequent words, and in how many texts each stands."""
    counts: Counter[str] = Counter()
    for word, texts in _read():
        if SHORTEST <= len(word) <= LONGEST and not any(char.isdigit() for char in word):
            counts[word] += texts
    return counts.most_common(MOST_KEPT)


def _read() -> Iterator[tuple[str, int]]:
    tables = set(connection.introspection.table_names())
    for source in sources:
        if source.whole.table not in tables:
            continue
        sql = (
            f"SELECT word, ndoc FROM ts_stat('SELECT words FROM {source.whole.table}')"  # noqa: S608
            if connection.vendor == "postgresql"
            else f"SELECT term, doc FROM {source.whole.table}_words"  # noqa: S608
        )
        with connection.cursor() as cursor:
            cursor.execute(sql)
            while rows := cursor.fetchmany(_AT_ONCE):
                yield from rows
