"""Online logistic regression over hashed features, by AdaGrad steps, in the standard library.

What a model knows is a pure function of the lessons it was given, in their order: learning one
more after a model was stored and read again leads to exactly the weights of learning them all.
(AdaGrad: Duchi, Hazan, Singer, “Adaptive subgradient methods”, 2011.)
"""

import math
import zlib
from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from comments.filter.features import SIZE

RATE = 0.1
# After each lesson some earlier ones are learned again: few decisions should go a long way.
REPLAYS = 4
_STEADY = 1.0  # of the first steps: no single lesson decides
_BYTES = array("f").itemsize * SIZE


class Example(NamedTuple):
    """The features of a sample, and whether it is spam."""

    features: Sequence[int]
    is_spam: bool


def replayed(ordinal: int) -> list[int]:
    """Return which earlier lessons are learned again after this one (both counted from 0).

    Chosen by the ordinal alone, so that learning again from scratch chooses the same.
    """
    if not ordinal:
        return []
    return [zlib.crc32(f"{ordinal} {turn}".encode()) % ordinal for turn in range(REPLAYS)]


class Model:
    """The weights of the features; ``lessons`` says how many led to them."""

    def __init__(self) -> None:
        self.weights = array("f", bytes(_BYTES))
        self.squares = array("f", bytes(_BYTES))
        self.lessons = 0

    def probability(self, features: Iterable[int]) -> float:
        """Return how probably a sample with these features is spam, from 0 to 1."""
        return probability(self.weights, features)

    def learn(self, example: Example, earlier: Callable[[int], Example]) -> None:
        """Learn one more lesson, and some of the earlier ones again, given by their ordinals."""
        self._step(example)
        for ordinal in replayed(self.lessons):
            self._step(earlier(ordinal))
        self.lessons += 1

    def _step(self, example: Example) -> None:
        error = self.probability(example.features) - example.is_spam
        weights, squares, square = self.weights, self.squares, error * error
        step, root = RATE * error, math.sqrt
        for number in example.features:
            squares[number] += square
            weights[number] -= step / root(squares[number] + _STEADY)


def probability(weights: "array[float]", features: Iterable[int]) -> float:
    """Return the logistic function of the sum of the weights: 0 to 1, both excluded."""
    total = math.fsum(map(weights.__getitem__, features))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def fit(examples: Sequence[Example]) -> Model:
    """Return the model that these lessons lead to, learned one after the other."""
    model = Model()
    for example in examples:
        model.learn(example, examples.__getitem__)
    return model


# Stored


def dump(model: Model) -> bytes:
    """Return the model as bytes: both arrays in this machine's order, compressed."""
    weights = zlib.compress(model.weights.tobytes(), 1)
    head = model.lessons.to_bytes(4, "little") + len(weights).to_bytes(4, "little")
    return head + weights + zlib.compress(model.squares.tobytes(), 1)


def load(stored: bytes) -> Model:
    """Return the model that was dumped; a new one from no bytes."""
    model = Model()
    if stored:
        end = 8 + int.from_bytes(stored[4:8], "little")
        model.lessons = int.from_bytes(stored[:4], "little")
        model.weights = load_weights(stored)
        model.squares = array("f", zlib.decompress(stored[end:]))
    return model


def load_weights(stored: bytes) -> "array[float]":
    """Return the weights alone, all that judging takes."""
    if not stored:
        return array("f", bytes(_BYTES))
    end = 8 + int.from_bytes(stored[4:8], "little")
    return array("f", zlib.decompress(stored[8:end]))
