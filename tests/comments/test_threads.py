"""Threads: the order in which responses are shown, and where their lists begin and end."""

import pytest

from comments import thread_pages
from comments.models import Status
from comments.threads import MAX_DEPTH, Said, arrange
from tests.builders import make_article, make_comment

pytestmark = pytest.mark.django_db


def approved(article, parent=None, **kwargs):
    return make_comment(article, parent=parent, **{"status": Status.APPROVED, **kwargs})


def responses(article):
    return thread_pages.read(article).responses


def drawn(article):
    """Return the thread as nested lists of names, built from opens and closes as the page does."""
    root: list[object] = []
    stack = [root]
    for response in responses(article):
        item: list[object] = [response.comment.author_name]
        stack[-1].append(item)
        if response.has_replies:
            stack.append(item)
        for _ in range(response.closes):
            stack.pop()
    assert stack == [root], "every list that was opened is closed"
    return root


def test_replies_follow_what_they_answer(article):
    a = approved(article, author_name="a")
    b = approved(article, author_name="b")
    approved(article, b, author_name="b1")
    a1 = approved(article, a, author_name="a1")
    approved(article, a1, author_name="a11")
    approved(article, a, author_name="a2")
    assert drawn(article) == [["a", ["a1", ["a11"]], ["a2"]], ["b", ["b1"]]]


def test_only_approved_ones_are_shown_and_replies_below_hidden_ones_move_up(article):
    a = approved(article, author_name="a")
    hidden = approved(article, a, author_name="hidden")
    deeper = approved(article, hidden, author_name="hidden too")
    approved(article, deeper, author_name="kept")
    hidden.mark_spam()
    deeper.move_to_trash()
    top = approved(article, author_name="hidden top")
    approved(article, top, author_name="orphan")
    top.hold()
    assert drawn(article) == [["a", ["kept"]], ["orphan"]]


def test_deep_threads_stay_at_the_last_depth_and_name_whom_they_answer(article):
    parent = None
    for number in range(MAX_DEPTH + 3):
        parent = approved(article, parent, author_name=str(number))
    last = responses(article)[-1]
    assert (last.depth, last.is_below_max_depth) == (MAX_DEPTH, True)
    assert last.in_reply_to is not None
    assert last.in_reply_to.author_name == str(MAX_DEPTH + 1)
    assert drawn(article) == [["0", ["1", ["2", ["3", ["4"], ["5"], ["6"], ["7"]]]]]]


def test_a_thread_thousands_deep_needs_no_recursion():
    chain = [Said(number, parent_id=number - 1 or None) for number in range(1, 5002)]
    assert len(arrange(chain, {})) == 5001


def test_other_articles_are_not_mixed_in(article):
    approved(make_article(), author_name="elsewhere")
    assert drawn(article) == []


@pytest.mark.parametrize("number", [1, 30])
def test_the_queries_are_constant(article, django_assert_num_queries, number):
    for _ in range(number):
        top = approved(article)
        approved(article, top)
    top.hold()
    with django_assert_num_queries(2):
        responses(article)


@pytest.mark.parametrize("number", [1, 60])
def test_the_whole_page_takes_at_most_eight_queries(
    client, article, django_assert_max_num_queries, number
):
    for _ in range(number):
        approved(article, approved(article))
    with django_assert_max_num_queries(8):
        client.get(article.get_absolute_url())
