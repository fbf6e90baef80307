"""Responses that say nearly the same find each other; others do not."""

import pytest

from comments import look_alikes
from comments.look_alikes import group_of, shingles, similarity
from comments.models import Comment, Kind, Status
from comments.own_comment import editing
from comments.submission import Reply, submit
from tests.builders import make_article, make_comment, make_pingback, make_user

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


def test_what_people_write_is_alike_too(article):
    reply = make_comment(article, text=SAID)

    assert group_of(new(article, SAID)) == reply.look_alike
    assert group_of(reply) != reply.look_alike, "nothing is like itself"


def test_the_most_alike_gives_its_group(article):
    exact = make_comment(article, text=SAID)
    make_comment(article, text=SAID.replace("thoughtful", "clever"))

    assert group_of(new(article, SAID)) == exact.look_alike


def submitted(article, text, **kwargs):
    return submit(Reply(article=article, text=text, author_name="Ann", **kwargs))


def test_replies_are_grouped_as_they_come_in(article):
    first = submitted(article, SAID)
    copy = submitted(make_article(), f"{SAID}!", network="203.0.113.0/24")
    other = submitted(article, "That is not at all what happened on my own site")
    moderator = make_user(is_superuser=True)
    answer = submitted(article, f"{SAID}, as was said", user=moderator)

    assert first.look_alike == copy.look_alike
    assert len({first.look_alike, other.look_alike, answer.look_alike}) == 3


def test_new_words_of_a_reply_find_their_group(article):
    waiting, mine = make_comment(make_article(), text=SAID), make_comment(article)

    changed = editing.edit(mine, f"{SAID}…")

    assert changed.look_alike == waiting.look_alike
    assert Comment.objects.get(pk=mine.pk).look_alike == waiting.look_alike
    assert editing.edit(mine, "Only this is left of it now").look_alike != waiting.look_alike


def test_what_is_long_gone_is_not_looked_for(article, monkeypatch):
    old = make_comment(article, text=SAID)
    for _ in range(3):
        make_comment(article, status=Status.APPROVED)

    assert group_of(new(article, SAID)) == old.look_alike
    monkeypatch.setattr(look_alikes, "LOOKED_THROUGH", 3)
    assert group_of(new(article, SAID)) != old.look_alike


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
