"""The queue: linkbacks that say nearly the same are one row and one decision."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from comments.models import Comment, Kind, ModerationEvent, Status
from comments.moderation import folding
from tests.builders import make_comment, make_pingback
from tests.comments.queue import QUEUE, body, press, run_action, shown, status_of, undo_value

GROUP = "g" * 22


def copies(article, number: int, **kwargs) -> list[Comment]:
    return [make_pingback(article, look_alike=GROUP, **kwargs) for _ in range(number)]


def fold_on(page) -> str:
    found = re.search(r'name="fold" value="([^"]+)"', body(page))
    assert found
    return found[1]


def statuses(comments) -> set[str]:
    return {status_of(comment) for comment in comments}


def test_copies_are_one_row_of_the_oldest(moderating, article):
    first, *others = copies(article, 23)
    other = make_pingback(article)
    page = moderating.get(QUEUE)

    assert shown(page) == [first.pk, other.pk]
    assert "22 more like this" in body(page)
    assert "Approve all 23" in body(page)
    assert "Pending (24)" in body(page)
    assert "24 comments in 2 rows" in body(page)
    for comment in others:
        assert f'href="{comment.author_url}"' in body(page)


def test_what_is_not_folded_is_only_counted(moderating, article):
    make_comment(article)

    assert "1 comment\n" in body(moderating.get(QUEUE))
    assert "more like this" not in body(moderating.get(QUEUE))


def test_replies_and_what_is_decided_stay_rows(moderating, article):
    replies = [make_comment(article, look_alike=GROUP) for _ in range(3)]
    spam = copies(article, 3, status=Status.SPAM)
    waiting = copies(article, 1)

    assert shown(moderating.get(QUEUE)) == [one.pk for one in [*replies, *waiting]]
    assert set(shown(moderating.get(QUEUE, {"status": "spam"}))) == {one.pk for one in spam}
    everything = shown(moderating.get(QUEUE, {"status": "all"}))
    assert len(everything) == 7


def test_a_filter_shows_the_oldest_of_what_it_leaves(moderating, article):
    copies(article, 1)
    webmention = copies(article, 2, kind=Kind.WEBMENTION, text="a needle in some hay here")[0]

    for query in ({"kind": "webmention"}, {"q": "needle"}):
        page = moderating.get(QUEUE, query)
        assert shown(page) == [webmention.pk]
        assert "2 more like this" in body(page), "whoever decides here decides about all"


@pytest.mark.parametrize("verb", ["approve", "spam", "trash"])
def test_one_verdict_and_one_undo_for_all(moderating, article, verb):
    group, other = copies(article, 5), make_pingback(article)
    fold = fold_on(moderating.get(QUEUE))

    answer = press(moderating, verb, group[0], fold=fold)

    assert "5 comments" in body(answer)
    assert Status.PENDING not in statuses(group)
    assert status_of(other) == Status.PENDING
    moderating.post(QUEUE, {"_undo": undo_value(answer)})
    assert statuses(group) == {Status.PENDING}


def test_a_ticked_row_is_all_of_them(moderating, article):
    group, other = copies(article, 3), make_pingback(article)
    fold = fold_on(moderating.get(QUEUE))

    answer = run_action(moderating, "spam", [group[0], other], fold=fold)

    assert "Marked 4 comments as spam." in body(answer)


def test_nobody_decides_about_copies_that_came_after(moderating, article):
    group = copies(article, 2)
    fold = fold_on(moderating.get(QUEUE))
    late = copies(article, 1)[0]

    press(moderating, "approve", group[0], fold=fold)

    assert statuses(group) == {Status.APPROVED}
    assert status_of(late) == Status.PENDING


def test_what_was_decided_in_the_meantime_stays_so(moderating, article):
    group = copies(article, 3)
    fold = fold_on(moderating.get(QUEUE))
    group[1].mark_spam()

    press(moderating, "approve", group[0], fold=fold)

    assert [status_of(one) for one in group] == ["approved", "spam", "approved"]


def test_on_its_own_page_a_decision_is_about_one(moderating, article):
    group = copies(article, 2)
    change = reverse("admin:comments_comment_change", args=[group[0].pk])
    assert 'name="fold"' not in body(moderating.get(change))

    moderating.post(change, {"_moderate": f"approve:{group[0].pk}"})

    assert [status_of(one) for one in group] == ["approved", "pending"]


@pytest.mark.parametrize("fold", ["x:1", "1:x", "1", "", f"1:{'9' * 30}"])
def test_a_fold_that_no_page_shows_is_refused(moderating, article, fold):
    group = copies(article, 2)

    answer = moderating.post(QUEUE, {"_moderate": f"spam:{group[0].pk}", "fold": fold})

    assert answer.status_code == 400
    assert statuses(group) == {Status.PENDING}


def test_a_copy_that_says_something_else_shows_its_words(moderating, article):
    copies(article, 2, text="the same words in both of them")
    copies(article, 1, text="the same words in both <b>and more</b>")
    page = body(moderating.get(QUEUE))

    assert '<q dir="auto">the same words in both &lt;b&gt;and more' in page
    assert page.count('<q dir="auto">') == 1


def test_a_long_list_is_cut(moderating, article, monkeypatch):
    monkeypatch.setattr(folding, "MOST_SHOWN", 3)
    copies(article, 6)
    page = body(moderating.get(QUEUE))

    assert "5 more like this" in page
    assert "And 2 that are not listed." in page


@pytest.mark.parametrize("is_folded", [False, True])
def test_the_queries_are_as_many_for_three_as_for_two_hundred(moderating, article, is_folded):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert moderating.get(QUEUE).status_code == 200
        return len(captured)

    copies(article, 3)
    few = queries()
    group = {"look_alike": GROUP} if is_folded else {}
    for _ in range(197):
        make_pingback(article, **group)

    assert queries() == few <= 17
    assert ModerationEvent.objects.count() == 200
