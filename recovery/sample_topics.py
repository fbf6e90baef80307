"""Tags and series for the articles of a sample site: few tags have many articles, and most have few."""

from collections.abc import Iterator
from itertools import accumulate
from random import Random
from typing import Any, Final

from django.db.models import Max

from articles.models import Series, Tag
from articles.topics import name_key
from recovery import sample_words as words

TAGS: Final = 200
MOST_TAGS: Final = 4
# Of so many articles in a row the first few are a series.
EVERY: Final = 25
PARTS: Final = 5


class Topics:
    """Hands out tags and places in series; ``random`` decides."""

    def __init__(self, random: Random, articles: int) -> None:
        self._random = random
        self._tags = [tag.pk for tag in Tag.objects.named(map(words.tag, range(TAGS)))]
        self._weights = list(accumulate(1 / (nth + 3) for nth in range(TAGS)))
        self._series = _make_series(-(-articles // EVERY))

    def tags(self, article: int) -> Iterator[dict[str, int]]:
        """Yield the rows that give an article its tags."""
        number = self._random.randint(1, MOST_TAGS)
        chosen = self._random.choices(self._tags, cum_weights=self._weights, k=number)
        return ({"article": article, "tag": tag} for tag in sorted(set(chosen)))

    def place(self, number: int) -> dict[str, Any]:
        """Return the place of the article of this number in a series, if it has one."""
        part = number % EVERY + 1
        return {"series": self._series[number // EVERY], "part": part} if part <= PARTS else {}


def _make_series(number: int) -> list[int]:
    first = (Series.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    names = [words.series(first + nth) for nth in range(number)]
    rows = [
        Series(name=name, key=name_key(name), slug=f"sample-series-{first + nth}")
        for nth, name in enumerate(names)
    ]
    return [one.pk for one in Series.objects.bulk_create(rows, batch_size=500)]
