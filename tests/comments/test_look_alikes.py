"""Responses that say nearly the same find each other; others do not."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

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


def test_no_more_is_compared_than_can_be_borne(article, monkeypatch):
    monkeypatch.setattr(look_alikes, "COMPARED", 2)
    for number in range(5):
        make_pingback(article, text=f"number {number} says something of its own every time")

    group_of(new(article, SAID))

    assert len(look_alikes.recent) == 2
    assert len(shingles(" ".join(map(str, range(10_000))))) < look_alikes.MOST_WORDS


def test_what_waits_is_read_once(article, django_assert_num_queries):
    for number in range(5):
        make_pingback(article, text=f"number {number} says something of its own every time")
    with django_assert_num_queries(2):
        group_of(new(article, SAID))

    with django_assert_num_queries(1):
        group_of(new(article, SAID))
    latest = make_pingback(article, text=SAID)
    with django_assert_num_queries(2):
        assert group_of(new(article, SAID)) == latest.look_alike


def test_what_is_not_there_any_more_is_forgotten(article):
    gone, shown, waiting = (make_pingback(article, text=f"{SAID} {n}") for n in range(3))
    assert group_of(new(article, f"{SAID} 2")) == waiting.look_alike

    gone.delete()
    shown.approve()
    waiting.set_text("Only this is left of it now")
    waiting.save()

    assert group_of(new(article, SAID)) not in {
        gone.look_alike,
        shown.look_alike,
        waiting.look_alike,
    }
    assert len(look_alikes.recent) == 1


def test_several_threads_may_compare_at_once(article):
    waiting = [make_pingback(article, text=f"{SAID} {n} {n} {n}") for n in range(20)]
    members = [{f"{one.pk} {one.look_alike}" for one in waiting[n:]} for n in range(10)]
    recent = look_alikes.Recent()
    recent.group_of(shingles(SAID), members[0])  # the connection is this thread's

    with ThreadPoolExecutor(8) as threads:
        found = threads.map(lambda n: recent.group_of(shingles(SAID), members[n]), range(10))

    assert set(found) == {waiting[-1].look_alike}


def test_the_condition_is_that_of_its_index(article):
    sql = look_alikes.RECENT.format(together=look_alikes.TOGETHER[connection.vendor])
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        plan = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
        cursor.execute(f"{plan} {sql}", [0, 5_000, 300])
        assert "comment_unapproved" in str(cursor.fetchall())


def test_similarity_is_a_share():
    one, other = shingles("a b c d e f"), shingles("a b c d e g")

    assert similarity(one, one, len(one)) == 1
    assert similarity(one, other, len(one & other)) == 3 / 5
    assert shingles("a b c d") == frozenset()


def test_what_says_something_else_later_leaves_its_group(article):
    comment = make_pingback(article, text=SAID)
    group = comment.look_alike

    comment.set_text(SAID)
    assert comment.look_alike == group
    comment.set_text("Buy my pills, they are the best there are")
    assert comment.look_alike != group
