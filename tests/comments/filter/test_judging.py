"""What the filter says, why, and when it may act."""

import datetime
from array import array

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comments.filter import judging
from comments.filter.binned import least_sure_of_the_binned
from comments.filter.features import SIZE, Trait
from comments.filter.judging import Opinion, judge, may_act
from comments.models import Comment, DiscussionSettings, FilterState, ModerationEvent, Status
from tests.builders import make_comment
from tests.comments.filter.teaching import HAM, SPAM, said, teach

pytestmark = pytest.mark.django_db

RELIABLE = {"ham": 50, "spam": 50, "measured_ham": 50, "false_positive_rate": 0.0}


@pytest.mark.parametrize(("score", "doubt"), [(None, 1.0), (0.5, 1.0), (0.0, 0.0), (0.75, 0.5)])
def test_doubt_is_greatest_in_the_middle(score, doubt):
    assert Opinion(score).doubt == pytest.approx(doubt)


def test_it_says_nothing_until_it_knows_five_of_each(article, moderator):
    comment = make_comment(article, text=SPAM.format("x"))
    assert judge(comment) == Opinion()
    teach(article, moderator, ham=9, spam=4)
    assert judge(comment) == Opinion()
    teach(article, moderator, spam=1)
    assert said(judge(comment).score) > 0.5


def test_it_says_why_towards_its_verdict(article, moderator):
    teach(article, moderator, ham=10, spam=10)
    spam = judge(make_comment(article, text=SPAM.format("x")))
    ham = judge(make_comment(article, text=HAM.format("x")))
    assert said(spam.score) > 0.9
    assert said(ham.score) < 0.1
    for opinion, words in ((spam, ("pills", "cheap", "a link")), (ham, ("lighthouses", "thank"))):
        assert len(opinion.reasons) == 3
        assert any(word in reason for reason in opinion.reasons for word in words)
    assert not set(spam.reasons) & set(ham.reasons)
    assert all(reason.startswith("good sign: ") for reason in ham.reasons)
    assert not any(reason.startswith("good sign: ") for reason in spam.reasons)


def test_reasons_are_what_tells_a_person_something():
    weights = array("d", bytes(8 * SIZE))
    found = [
        Trait("the word “in”", (1,), 0),
        Trait("the word “the”", (2,), 0.25),
        Trait("the word “casino”", (3,), 1),
        Trait("links to casino.example", (4,)),
        Trait("a short text", (5,)),
    ]
    for place, weight in ((1, 9.0), (2, 2.0), (3, 1.1), (4, 1.0), (5, 0.01)):
        weights[place] = weight

    assert list(judging._reasons(found, weights, 0.9)) == [
        "links to casino.example",
        "the word “casino”",
        "the word “the”",
    ]
    assert list(judging._reasons(found, weights, 0.4)) == []


def test_no_word_is_given_as_a_reason_twice(article, moderator):
    teach(article, moderator, ham=10, spam=10)
    reasons = judge(make_comment(article, text="cheap pills cheap pills cheap")).reasons
    assert sum("pills" in reason for reason in reasons) == 1


def test_what_came_in_like_spam_is_a_reason(article, moderator):
    for number in range(8):
        signals = {"decoy": True, "form_age": 1.5}
        bad = make_comment(article, text=f"words {number}", signals=signals)
        bad.mark_spam(by=moderator)
        good = make_comment(article, text=f"words {number + 50}", signals={"form_age": 400.0})
        good.approve(by=moderator)
    teach(article, moderator)
    opinion = judge(make_comment(article, text="words", signals=signals))
    assert said(opinion.score) > 0.5
    assert {"the hidden field was filled in", "form filled in 1 second"} <= set(opinion.reasons)


def test_one_small_query_a_judgement(article, moderator, django_assert_num_queries):
    teach(article, moderator, ham=5, spam=5)
    comment = make_comment(article)
    judge(comment)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        judge(comment)
    assert len(queries) == 1
    assert "weights" not in queries[0]["sql"]


def test_what_another_process_learned_is_heard(article, moderator):
    comment = make_comment(article, text=SPAM.format("x"))
    teach(article, moderator, ham=5, spam=5)
    before = said(judge(comment).score)
    teach(article, moderator, ham=5, spam=5)
    assert said(judge(comment).score) > before
    # The same version number, yet other lessons: a database restored from a backup.
    FilterState.objects.update(version=1, measures={"ham": 0, "spam": 0, "covered": "other"})
    assert judge(comment) == Opinion()


@pytest.mark.parametrize(
    ("changes", "enabled", "may"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"ham": 49}, True, False),
        ({"spam": 49}, True, False),
        ({"ham": 51, "spam": 51}, True, True),
        ({"measured_ham": 49}, True, False),
        ({"false_positive_rate": None}, True, False),
        ({"false_positive_rate": 4 / 500}, True, True),
        ({"false_positive_rate": 5 / 500}, True, False),
        ({"false_positive_rate": 1 / 101}, True, True),
    ],
)
def test_when_it_may_act_by_itself(changes, enabled, may):
    rules = DiscussionSettings(filter_enabled=enabled)
    assert may_act({**RELIABLE, **changes}, rules) is may


def test_it_may_not_before_it_has_learned_anything():
    assert not may_act({}, DiscussionSettings())


@pytest.mark.parametrize("last", [{"ham": 1}, {"spam": 1}])
def test_fifty_spam_and_fifty_others_that_it_had_an_opinion_of_make_it_act(
    article, moderator, last
):
    """It says nothing of the first five."""
    first = {"ham": 55, "spam": 50}
    first = {name: number - last.get(name, 0) for name, number in first.items()}
    teach(article, moderator, **first)
    assert not may_act(judging.current().measures, DiscussionSettings())
    teach(article, moderator, **last)
    assert may_act(judging.current().measures, DiscussionSettings())


class TestBinned:
    def binned(self, article, doubt: float, reason: str = "the filter is 98 % sure: x") -> Comment:
        comment = make_comment(article, status=Status.SPAM, doubt=doubt)
        ModerationEvent.objects.filter(comment=comment).update(reasons=[reason])
        return comment

    def since(self):
        return timezone.now() - datetime.timedelta(days=7)

    def test_the_least_sure_come_first(self, article):
        sure, unsure = self.binned(article, 0.001), self.binned(article, 0.03)
        assert list(least_sure_of_the_binned(self.since())) == [unsure, sure]

    def test_what_others_decided_is_left_out(self, article, moderator):
        self.binned(article, 0.5, reason="holds the disallowed word “the filter is”")
        make_comment(article).mark_spam(by=moderator)
        rescued = self.binned(article, 0.5)
        rescued.approve(by=moderator)
        confirmed = self.binned(article, 0.5)
        confirmed.move_to_trash(by=moderator)
        confirmed.mark_spam(by=moderator)
        old = self.binned(article, 0.5)
        Comment.objects.filter(pk=old.pk).update(
            status_since=self.since() - datetime.timedelta(days=1)
        )
        assert not least_sure_of_the_binned(self.since()).exists()
