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
