"""Responses that say nearly the same find each other; others do not."""

import pytest

from comments import look_alikes
from comments.look_alikes import group_of, shingles, similarity
from comments.models import Comment, Kind, Status
from tests.builders import make_comment, make_pingback

SAID = (
    "In a long and thoughtful essay the author of this blog explains how pingbacks once held "
    "the conversation together and why they are worth having again"
)


def new(article, text):
    """Return a linkback that has just come in and is in no table yet."""
    comment = Comment(article=article, kind=Kind.PINGBACK)
    comment.set_text(text)
    return comment


@pytest.mark.parametrize(
    "copy",
    [
        SAID,
        SAID.upper(),
        f"  {SAID}\n\n",
        SAID.replace("thoughtful", "clever"),
        f"Read more: {SAID}",
        SAID.rsplit(" ", 2)[0],
    ],
)
def test_copies_with_small_changes_are_alike(article, copy):
    waiting = make_pingback(article, text=SAID)

    assert group_of(new(article, copy)) == waiting.look_alike


@pytest.mark.parametrize(
    "other",
    [
        "I disagree with nearly everything in it, and here is what happened on my own site",
        " ".join(reversed(SAID.split())),
        SAID[:60],
        "",
    ],
)
def test_different_texts_are_not(article, other):
    waiting = make_pingback(article, text=SAID)

    assert group_of(new(article, other)) != waiting.look_alike


@pytest.mark.parametrize("text", ["", "   ", "Recovery", "Read this", "a b c d", "…"])
def test_what_says_too_little_is_alike_to_nothing(article, text):
    one = make_pingback(article, text=text)
    other = make_pingback(article, text=text)

    assert len({group_of(one), group_of(other), one.look_alike, other.look_alike}) == 4


def test_it_is_compared_with_what_waits_or_was_thrown_away(article):
    for status in Status.values:
        known = make_pingback(article, text=f"{status} {SAID}", status=status)
        comment = new(article, f"{status} {SAID}")
        assert (group_of(comment) == known.look_alike) == (status != Status.APPROVED), status
        known.delete()


def test_what_people_write_is_another_matter(article):
    reply = make_comment(article, text=SAID)

    assert group_of(new(article, SAID)) != reply.look_alike


def test_no_more_is_compared_than_can_be_borne(article, monkeypatch, django_assert_num_queries):
    compared = []

    def similarity(one, other):
        compared.append(other)
        return 0.0

    monkeypatch.setattr(look_alikes, "COMPARED", 2)
    monkeypatch.setattr(look_alikes, "similarity", similarity)
    for number in range(5):
        make_pingback(article, text=f"number {number} says something of its own every time")

    with django_assert_num_queries(1):
        group_of(new(article, SAID))

    assert len(compared) == 2
    assert len(shingles("word " * 10_000 + "end")) <= look_alikes.MOST_WORDS


def test_similarity_is_a_share():
    one, other = shingles("a b c d e f"), shingles("a b c d e g")

    assert similarity(one, one) == 1
    assert similarity(one, other) == 3 / 5
    assert similarity(frozenset(), frozenset()) == similarity(one, frozenset()) == 0


def test_what_says_something_else_later_leaves_its_group(article):
    comment = make_pingback(article, text=SAID)
    group = comment.look_alike

    comment.set_text(SAID)
    assert comment.look_alike == group
    comment.set_text("Buy my pills, they are the best there are")
    assert comment.look_alike != group
