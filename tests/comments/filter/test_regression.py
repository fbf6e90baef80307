"""The arithmetic of learning: repeatable to the last bit."""

import random

import pytest

from comments.filter.features import SIZE
from comments.filter.regression import (
    REPLAYS,
    Example,
    Model,
    dump,
    fit,
    load,
    load_weights,
    replayed,
)


def examples(count: int, seed: int = 1) -> list[Example]:
    rng = random.Random(seed)
    return [
        Example([rng.randrange(40) + 50 * spam for _ in range(8)], bool(spam))
        for spam in (rng.randrange(2) for _ in range(count))
    ]


def test_learned_one_by_one_through_the_store_is_learned_at_once():
    lessons = examples(60)
    model = Model()
    for lesson in lessons:
        model = load(dump(model))
        model.learn(lesson, lessons.__getitem__)
    assert dump(model) == dump(fit(lessons))
    assert (model.lessons, len(model.weights)) == (60, SIZE)


def test_one_lesson_more_or_in_another_place_is_another_model():
    lessons = examples(20)
    assert dump(fit(lessons[:-1])) != dump(fit(lessons))
    assert dump(fit(lessons[::-1])) != dump(fit(lessons))


def test_the_judging_part_can_be_read_alone():
    model = fit(examples(10))
    assert load_weights(dump(model)) == model.weights
    assert load_weights(b"") == load(b"").weights == Model().weights


def test_replays_are_of_earlier_lessons_and_depend_on_nothing_else():
    assert replayed(0) == []
    for ordinal in range(1, 200):
        assert len(replayed(ordinal)) == REPLAYS
        assert all(0 <= earlier < ordinal for earlier in replayed(ordinal))
    assert replayed(150) == replayed(150)
    assert len({tuple(replayed(ordinal)) for ordinal in range(1, 200)}) > 150


def test_it_learns():
    model = fit(examples(200))
    for features, is_spam in examples(100, seed=2):
        assert (model.probability(features) > 0.5) == is_spam


@pytest.mark.parametrize("is_spam", [True, False])
def test_it_is_never_quite_sure(is_spam):
    model = fit([Example(list(range(2_000)), is_spam)] * 300)
    assert 0 < model.probability(range(2_000)) < 1
    assert (model.probability(range(2_000)) > 0.99) == is_spam


def test_a_model_that_knows_nothing_has_no_opinion():
    assert Model().probability([1, 2, 3]) == 0.5
