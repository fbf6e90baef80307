"""What the filter, the hidden field and the form's age may do to something said."""

import pytest

from comments.moderation.rows import Score
from comments.policy import FILTER_SAYS, SPAM_FROM, Evidence, Rules, Verdict, decide, percent

WHY = ("the word “pills”", "a link")
TRUSTED = Rules(trusted_sources="b.example")


def reply(**kwargs) -> Evidence:
    values = {"is_reply": True, "text": "Well said.", "author_name": "Ann", "is_known": True}
    return Evidence(**{**values, "score_reasons": WHY, **kwargs})


def pingback(**kwargs) -> Evidence:
    return reply(is_reply=False, source_urls=("https://b.example/p",), is_known=False, **kwargs)


@pytest.mark.parametrize(
    ("evidence", "rules", "verdict", "reason"),
    [
        (reply(score=0.98, filter_may_act=True), Rules(), Verdict.SPAM, "98 % sure"),
        (reply(score=0.9799, filter_may_act=True), Rules(), Verdict.PENDING, "97 % sure"),
        (reply(score=0.99999, filter_may_act=False), Rules(), Verdict.PENDING, "99 % sure"),
        (reply(score=0.8), Rules(), Verdict.PENDING, "80 % sure"),
        (reply(score=0.7999, filter_may_act=True), Rules(), Verdict.APPROVED, "no rule"),
        (reply(score=None, filter_may_act=True), Rules(), Verdict.APPROVED, "no rule"),
        (reply(score=0.9, is_known=False), Rules(), Verdict.PENDING, "first-time author"),
        (
            reply(score=1.0, filter_may_act=True, is_moderator=True),
            Rules(),
            Verdict.APPROVED,
            "moderator",
        ),
        (
            reply(score=0.1, filter_may_act=True),
            Rules(disallowed_words="well"),
            Verdict.SPAM,
            "“well”",
        ),
        (pingback(score=0.99, filter_may_act=True), Rules(), Verdict.SPAM, "99 % sure"),
        (pingback(score=0.99, filter_may_act=True), TRUSTED, Verdict.APPROVED, "no rule"),
        (pingback(score=0.9), TRUSTED, Verdict.APPROVED, "no rule"),
        (reply(is_decoy_filled=True), Rules(), Verdict.PENDING, "hidden field"),
        (reply(form_age=2.9), Rules(), Verdict.PENDING, "less than 3 seconds"),
        (reply(form_age=3.0), Rules(), Verdict.APPROVED, "no rule"),
        (reply(form_age=None), Rules(), Verdict.APPROVED, "no rule"),
        (
            reply(form_age=0.0, is_decoy_filled=True, is_moderator=True),
            Rules(),
            Verdict.APPROVED,
            "moderator",
        ),
        (
            reply(score=0.99, filter_may_act=True, is_decoy_filled=True),
            Rules(),
            Verdict.SPAM,
            "the filter is",
        ),
    ],
)
def test_what_becomes_of_it(evidence, rules, verdict, reason):
    decision = decide(evidence, rules)
    assert decision.verdict == verdict
    assert any(reason in why for why in decision.reasons)


def test_the_filter_says_how_sure_it_is_and_why():
    decision = decide(reply(score=0.9999, filter_may_act=True), Rules())
    assert decision.reasons == ("the filter is 99 % sure: the word “pills”; a link",)
    assert decision.reasons[0].startswith(FILTER_SAYS)
    assert decide(reply(score=SPAM_FROM, score_reasons=()), Rules()).reasons == (
        "the filter is 98 % sure",
    )


def test_what_is_held_anyway_is_not_held_by_the_filter_too():
    decision = decide(reply(score=0.9, is_known=False), Rules())
    assert decision.reasons == ("first-time author",)


@pytest.mark.parametrize(
    ("share", "whole"),
    [
        (0.0, 1),
        (0.004, 1),
        (0.29, 29),
        (0.57, 57),
        (0.7999, 79),
        (0.8, 80),
        (0.9799, 97),
        (1.0, 99),
    ],
)
def test_it_is_never_quite_sure(share, whole):
    assert percent(share) == whole
    assert str(Score(share)).endswith(f"{whole} % spam")


def test_the_reason_says_what_the_queue_says():
    (reason,) = decide(reply(score=0.9999), Rules()).reasons

    assert reason.startswith(f"{FILTER_SAYS}99 % sure")
    assert str(Score(0.9999)).endswith("99 % spam")
