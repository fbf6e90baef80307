"""What the filter says of a comment: how probably it is spam, why, and how sure it is."""

import re
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from articles.prepared import Prepared
from comments.filter import regression
from comments.filter.features import Sample, Trait, numbers, traits
from comments.models import Comment, DiscussionSettings, FilterState

# Fewer labels of either class teach nothing worth saying.
SPEAKS_FROM = 5
# Before it does anything by itself: so many labels of each class, so many of them no spam that it
# had an opinion of beforehand, and so few of those wrongly taken for certain spam.
ACTS_FROM = 50
MEASURED_FROM = 50
MOST_FALSE_POSITIVES = 0.01
_REASONS = 3
# Before a reason that speaks against spam: “43 % spam, no links” would read the other way.
AGAINST_SPAM = "good sign: "
_LEAST_WEIGHT = 0.05
_QUOTED = re.compile(r"“(.+?)”")


@dataclass(frozen=True)
class Opinion:
    """What the filter says of one comment."""

    # From 0 to 1; None while it has learned too little to say anything.
    score: float | None = None
    # Towards spam when that is likelier, else against it and marked so; strongest first, at most three.
    reasons: tuple[str, ...] = ()

    @property
    def doubt(self) -> float:
        """From 0, as sure as can be, to 1, no idea."""
        return 1.0 if self.score is None else 1 - abs(2 * self.score - 1)

    def note(self, comment: Comment) -> None:
        """Write it on the comment, unsaved."""
        comment.score, comment.doubt = self.score, self.doubt
        comment.score_reasons = list(self.reasons)


@dataclass(frozen=True)
class Filter:
    """What has been learned, as of one version: ``weights`` is None while that is too little."""

    measures: Mapping[str, float | None] = field(default_factory=dict)
    weights: "array[float] | None" = None

    def opinion(self, sample: Sample) -> Opinion:
        """Return what it says of the sample."""
        if self.weights is None:
            return Opinion()
        found = traits(sample)
        score = regression.probability(self.weights, numbers(found))
        return Opinion(score, tuple(_reasons(found, self.weights, score)))


# The weights of the version last asked for, kept by each process.
_kept: tuple[tuple[int, object], Filter] = ((0, None), Filter())


def current() -> Filter:
    """Return what has been learned so far; one small query unless that has changed."""
    global _kept
    version, measures = next(iter(_state()), (0, {}))
    key = (version, measures.get("covered"))
    if key != _kept[0]:
        _kept = key, Filter(measures, _weights() if _may_speak(measures) else None)
    return _kept[1]


_state = Prepared(lambda: FilterState.objects.filter(pk=1).values_list("version", "measures"))


def _weights() -> "array[float]":
    stored = FilterState.objects.values_list("weights", flat=True).get(pk=1)
    return regression.load_weights(bytes(stored))


def _may_speak(measures: Mapping[str, float | None]) -> bool:
    return speaks(int(measures.get("ham") or 0), int(measures.get("spam") or 0))


def speaks(ham: int, spam: int) -> bool:
    """Say whether so many labels of each class are enough to have an opinion."""
    return min(ham, spam) >= SPEAKS_FROM


def sample_of(comment: Comment) -> Sample:
    """Return what the filter may know of a comment."""
    return Sample(
        text=comment.text,
        author_name=comment.author_name,
        author_url=comment.author_url,
        kind=comment.kind,
        signals=comment.signals,
    )


def judge(comment: Comment) -> Opinion:
    """Return what the filter says of the comment now."""
    return current().opinion(sample_of(comment))


def may_act(measures: Mapping[str, float | None], settings: DiscussionSettings) -> bool:
    """Say whether the filter may send spam away by itself, by these ``FilterState.measures``.

    The owner lets it, it has learned enough of both classes, and of what was no spam it had taken
    less than one in a hundred for certain spam.
    """
    rate = measures.get("false_positive_rate")
    return (
        settings.filter_enabled
        and min(measures.get("ham") or 0, measures.get("spam") or 0) >= ACTS_FROM
        and (measures.get("measured_ham") or 0) >= MEASURED_FROM
        and rate is not None
        and rate < MOST_FALSE_POSITIVES
    )


def _reasons(found: Iterable[Trait], weights: "array[float]", score: float) -> Iterator[str]:
    """Yield the traits that weigh most towards the verdict, no word quoted twice."""
    sign, before = (1, "") if score >= 0.5 else (-1, AGAINST_SPAM)
    told: set[str] = set()
    given = 0
    for words in _strongest(found, weights, sign):
        quoted = {word for quote in _QUOTED.findall(words) for word in quote.split()}
        if given < _REASONS and not quoted & told:
            told |= quoted
            given += 1
            yield before + words


def _strongest(found: Iterable[Trait], weights: "array[float]", sign: int) -> list[str]:
    """Return those that weigh in this direction and tell a person something, strongest first."""
    weighed = (
        (one.telling * weight, one.words)
        for one in found
        if (weight := sign * sum(map(weights.__getitem__, one.numbers))) >= _LEAST_WEIGHT
    )
    return [words for strength, words in sorted(weighed, reverse=True) if strength]
