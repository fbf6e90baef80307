"""The queue: new words of what is shown, taken or left by a moderator who has read them."""

import re
from html import unescape

import pytest
from django.urls import reverse

from comments.models import Comment, Proposal, Status
from comments.moderation.differences import MOST_WORDS, word_diff
from comments.own_comment import editing
from tests.builders import make_comment, make_pingback
from tests.comments.queue import QUEUE, body, buttons, press, shown, status_of


@pytest.fixture
def changed(article) -> Comment:
    """A linkback that is shown, and whose page says something else by now."""
    comment = make_pingback(
        article, text="I like this essay a lot", author_name="Post", status=Status.APPROVED
    )
    Proposal.objects.create(comment=comment, author_name="Post", text="I like <b>pills</b> a lot")
    return comment


def words_on(page) -> str:
    found = re.search(r'name="words" value="([^"]+)"', body(page))
    assert found
    return found[1]


def test_new_words_wait_with_what_is_pending(moderating, changed, pending_comment):
    make_comment(changed.article, status=Status.APPROVED)
    page = moderating.get(QUEUE)

    assert set(shown(page)) == {changed.pk, pending_comment.pk}
    assert "Pending (2)" in body(page)
    assert "Approved (2)" in body(page)
    assert "All (3)" in body(page)


def test_what_was_thrown_away_waits_no_more(moderating, changed):
    changed.move_to_trash()

    assert shown(moderating.get(QUEUE)) == []
    assert "accept:" not in body(moderating.get(QUEUE, {"status": "trash"}))


def test_both_texts_are_compared_word_by_word(moderating, changed):
    change = reverse("admin:comments_comment_change", args=[changed.pk])
    for url in (QUEUE, change):
        page = body(moderating.get(url))
        assert "I like <del>this essay</del> <ins>&lt;b&gt;pills&lt;/b&gt;</ins> a lot" in page
        assert "<b>pills" not in page
        assert {f"accept:{changed.pk}", f"decline:{changed.pk}"} <= set(
            buttons(moderating.get(url))
        )


def test_names_are_compared_as_well(moderating, changed):
    Proposal.objects.update(author_name="Cheap post")

    assert "<ins>Cheap post</ins>" in body(moderating.get(QUEUE))


def test_new_words_are_shown_when_a_moderator_says_so(moderating, moderator, changed):
    answer = press(moderating, "accept", changed, words=words_on(moderating.get(QUEUE)))

    assert "The new words of 1 comment are shown. There is no undo" in body(answer)
    assert 'name="_undo"' not in body(answer)
    assert Comment.objects.get().text == "I like <b>pills</b> a lot"
    assert status_of(changed) == Status.APPROVED
    event = changed.events.first()
    assert (event.actor, event.reasons) == (moderator, ["new words accepted"])
    assert shown(answer) == []


def test_old_words_are_kept_when_a_moderator_says_so(moderating, moderator, changed):
    answer = press(moderating, "decline", changed, words=words_on(moderating.get(QUEUE)))

    assert "The old words of 1 comment stay." in body(answer)
    assert Comment.objects.get().text == "I like this essay a lot"
    assert changed.events.first().reasons == ["new words declined"]
    assert not Proposal.objects.exists()


@pytest.mark.parametrize("verb", ["accept", "decline"])
def test_nobody_decides_about_words_that_came_after(moderating, changed, verb):
    words = words_on(moderating.get(QUEUE))
    Proposal.objects.update(text="Something else again")

    for data in ({"words": words}, {}):
        answer = press(moderating, verb, changed, **data)
        assert "The page behind it says something else by now" in body(answer)

    assert Comment.objects.get().text == "I like this essay a lot"
    assert Proposal.objects.exists()


def test_of_two_who_decide_one_wins(changed, moderator):
    one, two = Proposal.objects.get(), Proposal.objects.get()

    assert one.decline(by=moderator)
    assert two.accept(by=moderator) is None
    assert Comment.objects.get().text == "I like this essay a lot"


@pytest.mark.parametrize("verb", ["accept", "decline"])
def test_without_new_words_there_is_nothing_to_decide(moderating, approved_comment, verb):
    answer = press(moderating, verb, approved_comment, words=f"{approved_comment.pk}:x")

    assert "Nothing was done." in body(answer)
    assert approved_comment.events.count() == 1


def test_new_words_take_no_query_of_their_own(moderating, changed, django_assert_max_num_queries):
    for number in range(5):
        other = make_pingback(changed.article, status=Status.APPROVED)
        Proposal.objects.create(comment=other, author_name="Post", text=f"Text {number}")

    with django_assert_max_num_queries(17):
        assert len(shown(moderating.get(QUEUE))) == 6


@pytest.mark.parametrize(
    ("old", "new", "html"),
    [
        ("", "", ""),
        ("one two", "one two", "one two "),
        ("one two", "one", "one <del>two</del> "),
        ("", "one", "<ins>one</ins> "),
        ("one", "", "<del>one</del> "),
        ("a b\nc", "a x\nc", "a <del>b</del>\n<ins>x</ins>\nc "),
        ("a <i> c", "a & c", "a <del>&lt;i&gt;</del> <ins>&amp;</ins> c "),
    ],
)
def test_differences(old, new, html):
    assert word_diff(old, new) == html


def test_differences_of_long_texts_are_bounded():
    old, new = "same " + "a b " * MOST_WORDS, "same " + "b a " * MOST_WORDS

    html = unescape(word_diff(old, new))

    assert html.count("<del>") == html.count("<ins>") == 1
    assert html.startswith("same <del>a b")


@pytest.mark.parametrize("verb", ["approve", "spam"])
@pytest.mark.parametrize("status", [Status.PENDING, Status.APPROVED])
def test_no_decision_is_about_words_that_nobody_read(moderating, article, verb, status):
    comment = make_comment(article, text="Buy my pills", status=status)
    place = f"{QUEUE}?status={status}"
    field = re.search(r'name="seen" value="([^"]+)"', body(moderating.get(place)))[1]
    editing.edit(comment, "Thank you, that helped me")
    Comment.objects.filter(pk=comment.pk).update(status=status)

    press(moderating, verb, comment, seen=field)
    assert status_of(comment) == status
    assert not comment.events.filter(actor__isnull=False).exists(), "nothing to be learned"

    press(moderating, "trash", comment, seen=field)
    assert status_of(comment) == Status.TRASH, "which says nothing about the words"
