"""The signed token of the reply form."""

import time_machine

from articles.models import Article
from comments import tokens


def test_a_token_is_good_for_its_article_and_thirty_days():
    with time_machine.travel("2026-05-01T12:00:00Z", tick=False) as clock:
        token = tokens.issue(Article(pk=1))
        assert tokens.is_valid(token, Article(pk=1))
        assert not tokens.is_valid(token, Article(pk=2))
        clock.shift(30 * 86_400 - 1)
        assert tokens.is_valid(token, Article(pk=1))
        clock.shift(2)
        assert not tokens.is_valid(token, Article(pk=1))


def test_forged_tokens_are_refused(settings):
    token = tokens.issue(Article(pk=1))
    for forged in (
        "",
        "1",
        token[:-1],
        token.swapcase(),
        "1:" + token,
        "\x00",
        "é" * 50,
        token + "\n",
    ):
        assert not tokens.is_valid(forged, Article(pk=1))
    settings.SECRET_KEY = "another key, long enough to be one"
    assert not tokens.is_valid(token, Article(pk=1))


def test_visitors_at_the_same_moment_get_the_same_token():
    with time_machine.travel("2026-05-01T12:00:00Z", tick=False):
        assert tokens.issue(Article(pk=1)) == tokens.issue(Article(pk=1))


def test_its_age_is_counted_from_when_it_was_issued():
    with time_machine.travel("2026-05-01T12:00:00Z", tick=False) as clock:
        token = tokens.issue(Article(pk=1))
        assert tokens.age(token, Article(pk=1)) == 0
        clock.shift(2.5)
        assert tokens.age(token, Article(pk=1)) == 2.5
        assert tokens.age(token, Article(pk=2)) is None
        clock.shift(30 * 86_400)
        assert tokens.age(token, Article(pk=1)) is None
        clock.shift(-31 * 86_400)
        assert tokens.age(token, Article(pk=1)) == 0, "the clock was set back"
    assert tokens.age("nonsense", Article(pk=1)) is None
