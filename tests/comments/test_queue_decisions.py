"""Deciding in the queue: who may, what follows, taking it back, and deleting for good."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from comments.linkbacks.models import Linkback
from comments.models import Comment, ModerationEvent, Status
from tests.builders import make_comment, make_pingback, make_user
from tests.comments.queue import (
    QUEUE,
    body,
    buttons,
    press,
    run_action,
    shown,
    status_of,
    undo_value,
)

OFFERED = {
    Status.PENDING: {"approve": "approved", "spam": "spam", "trash": "trash"},
    Status.APPROVED: {"hold": "pending", "spam": "spam", "trash": "trash"},
    Status.SPAM: {"approve": "approved", "restore": "pending", "trash": "trash"},
    Status.TRASH: {"restore": "pending", "spam": "spam"},
}


@pytest.mark.parametrize(
    ("before", "verb", "after"),
    [(before, verb, after) for before, acts in OFFERED.items() for verb, after in acts.items()],
)
def test_each_button_does_what_it_says(moderating, moderator, article, before, verb, after):
    comment = make_comment(article, status=before)
    page = moderating.get(QUEUE, {"status": before})
    assert set(buttons(page)) == {f"{name}:{comment.pk}" for name in OFFERED[before]}

    press(moderating, verb, comment, seen=f"{comment.pk}:{before}")

    assert status_of(comment) == after
    assert comment.events.filter(to_status=after, actor=moderator).count() == 1


def test_reading_changes_nothing(moderating, pending_comment):
    pk = pending_comment.pk
    for query in (
        f"_moderate=approve:{pk}",
        "_undo=1",
        f"action=spam&index=0&_selected_action={pk}",
    ):
        moderating.get(f"{QUEUE}?{query}")
        moderating.get(f"{QUEUE}{pk}/change/?{query}")

    assert status_of(pending_comment) == Status.PENDING
    assert ModerationEvent.objects.count() == 1


def test_a_post_from_elsewhere_is_refused(moderator, pending_comment):
    client = Client(enforce_csrf_checks=True)
    client.force_login(moderator)
    change = reverse("admin:comments_comment_change", args=[pending_comment.pk])

    for url in (QUEUE, change):
        answer = client.post(url, {"_moderate": f"approve:{pending_comment.pk}"})
        assert answer.status_code == 403
    assert status_of(pending_comment) == Status.PENDING

    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', body(client.get(QUEUE)))
    assert token
    data = {"_moderate": f"approve:{pending_comment.pk}", "csrfmiddlewaretoken": token[1]}
    assert client.post(QUEUE, data).status_code == 302
    assert status_of(pending_comment) == Status.APPROVED


def test_who_may_only_look_gets_no_buttons_and_changes_nothing(client, pending_comment):
    client.force_login(make_user("comments.view_comment", "comments.change_comment"))
    pk = pending_comment.pk
    change = reverse("admin:comments_comment_change", args=[pk])
    event = pending_comment.events.get()

    assert buttons(client.get(QUEUE)) == []
    assert buttons(client.get(change)) == []
    assert "action-select" not in body(client.get(QUEUE))
    for url in (QUEUE, change):
        for data in (
            {"_moderate": f"approve:{pk}"},
            {"_undo": str(event.pk)},
            {"action": "approve", "index": "0", "_selected_action": str(pk)},
            {"text": "something else", "status": "approved"},
        ):
            assert client.post(url, data).status_code == 403, (url, data)
    assert status_of(pending_comment) == Status.PENDING


def test_strangers_are_led_to_the_login(client, pending_comment):
    answer = client.post(QUEUE, {"_moderate": f"approve:{pending_comment.pk}"})

    assert answer.url.startswith("/admin/login/")
    assert status_of(pending_comment) == Status.PENDING


def test_moderators_edit_nothing(moderating, pending_comment):
    change = reverse("admin:comments_comment_change", args=[pending_comment.pk])
    page = body(moderating.get(change))

    assert 'name="text"' not in page
    assert moderating.post(change, {"text": "something else"}).status_code == 403
    assert moderating.get(QUEUE + "add/").status_code == 403
    assert Comment.objects.get().text == pending_comment.text


@pytest.mark.parametrize("value", ["approve:x", "approve:", "burn:1", "approve", "approve:1e9", ""])
def test_a_decision_nobody_offered_is_refused(moderating, pending_comment, value):
    assert moderating.post(QUEUE, {"_moderate": value}).status_code == 400


@pytest.mark.parametrize("pk", ["abc", "9" * 30, "-1", ""])
def test_an_odd_selection_is_refused(moderating, pending_comment, pk):
    data = {"action": "spam", "index": "0", "_selected_action": [pending_comment.pk, pk]}

    assert moderating.post(QUEUE, data).status_code == 400
    assert status_of(pending_comment) == Status.PENDING


def test_a_decision_leads_back_to_the_same_place(moderating, article):
    comment = make_comment(article, text="needle")
    query = "?kind=reply&order=newest&q=needle&status=pending"

    answer = moderating.post(QUEUE + query, {"_moderate": f"approve:{comment.pk}"})

    assert answer.status_code == 302
    assert answer.url == QUEUE + query


def test_each_row_leads_on_to_the_next(moderating, article):
    one, two, three = (make_comment(article) for _ in range(3))

    targets = re.findall(
        r'value="approve:(\d+)"\s+formaction="#comment-(\d+)"', body(moderating.get(QUEUE))
    )

    assert targets == [(str(a.pk), str(b.pk)) for a, b in ((one, two), (two, three), (three, two))]


def test_an_emptied_last_page_leads_to_the_first(moderating, article):
    comments = [make_comment(article) for _ in range(51)]

    answer = press(moderating, "approve", comments[-1], "?order=oldest&p=2")

    assert answer.status_code == 200
    assert len(shown(answer)) == 50


def test_of_two_moderators_the_second_is_told(moderating, pending_comment):
    page = body(moderating.get(QUEUE))
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen
    Comment.objects.get(pk=pending_comment.pk).move_to_trash()

    answer = press(moderating, "approve", pending_comment, seen=seen[1])

    assert "Somebody else decided about it in the meantime." in body(answer)
    assert 'name="_undo"' not in body(answer)
    assert status_of(pending_comment) == Status.TRASH


def test_one_decision_is_undone_from_its_message(moderating, pending_comment):
    answer = press(moderating, "spam", pending_comment)
    assert "Marked 1 comment as spam." in body(answer)

    again = moderating.post(QUEUE, {"_undo": undo_value(answer)}, follow=True)

    assert "Took back the decision about 1 comment." in body(again)
    assert status_of(pending_comment) == Status.PENDING
    moderating.post(QUEUE, {"_undo": undo_value(again)})
    assert status_of(pending_comment) == Status.SPAM


@pytest.mark.parametrize(
    ("action", "before", "after"),
    [
        ("approve", "pending", "approved"),
        ("hold", "approved", "pending"),
        ("spam", "pending", "spam"),
        ("trash", "approved", "trash"),
        ("restore", "trash", "pending"),
    ],
)
def test_many_are_decided_about_and_undone_at_once(moderating, article, action, before, after):
    comments = [make_comment(article, status=before) for _ in range(3)]
    other = make_comment(article, status=before)

    answer = run_action(moderating, action, comments, f"?status={before}")

    assert {status_of(comment) for comment in comments} == {after}
    assert status_of(other) == before
    assert "3 comments" in body(answer)
    moderating.post(QUEUE, {"_undo": undo_value(answer)})
    assert {status_of(comment) for comment in comments} == {before}


def test_a_decision_is_about_one_page_whatever_is_asked_for(moderating, article):
    comments = [make_comment(article) for _ in range(52)]
    page = moderating.get(QUEUE)
    assert "Select all 52" not in body(page)
    assert 'class="action-counter" data-actions-icnt="50"' in body(page)

    answer = run_action(moderating, "approve", comments[:2], select_across="1")

    assert "Approved 2 comments." in body(answer)
    assert Comment.objects.filter(status=Status.PENDING).count() == 50
    moderating.post(QUEUE, {"_undo": undo_value(answer)})
    assert not Comment.objects.filter(status=Status.APPROVED).exists()


def test_undo_spares_what_somebody_decided_since(moderating, article):
    one, two = make_comment(article), make_comment(article)
    answer = run_action(moderating, "approve", [one, two])
    Comment.objects.get(pk=two.pk).mark_spam()

    again = moderating.post(QUEUE, {"_undo": undo_value(answer)}, follow=True)

    assert (status_of(one), status_of(two)) == (Status.PENDING, Status.SPAM)
    assert "Somebody else decided about it in the meantime." in body(again)


def test_decisions_on_the_page_of_one_comment(moderating, pending_comment):
    change = reverse("admin:comments_comment_change", args=[pending_comment.pk])

    answer = moderating.post(change, {"_moderate": f"approve:{pending_comment.pk}"}, follow=True)

    assert answer.redirect_chain == [(change, 302)]
    assert status_of(pending_comment) == Status.APPROVED
    moderating.post(change, {"_undo": undo_value(answer)})
    assert status_of(pending_comment) == Status.PENDING


def test_the_page_of_one_comment_tells_its_story(moderating, moderator, pending_comment):
    pending_comment.approve(by=moderator, reasons=["thoughtful"])
    change = reverse("admin:comments_comment_change", args=[pending_comment.pk])

    page = body(moderating.get(change))

    for part in (
        "new → pending",
        "pending → approved",
        "thoughtful",
        moderator.username,
        "The rules",
    ):
        assert part in page


def test_the_page_of_a_pingback_shows_its_evidence(moderating, article):
    comment = make_pingback(article, source_url="https://blog.example/answer")
    Linkback.objects.update(evidence={"link_text": "<b>read this</b>", "rel": []})

    page = body(moderating.get(reverse("admin:comments_comment_change", args=[comment.pk])))

    assert 'href="https://blog.example/answer"' in page
    assert "&lt;b&gt;read this&lt;/b&gt;" in page
    reply = make_comment(article)
    other = body(moderating.get(reverse("admin:comments_comment_change", args=[reply.pk])))
    assert "The page behind it" not in other


def test_only_the_trash_is_deleted_and_only_when_confirmed(client, article):
    client.force_login(make_user("comments.moderate_comment", "comments.delete_comment"))
    trashed = make_comment(article, status=Status.TRASH)
    reply = make_comment(article, parent=trashed)
    kept = make_comment(article, status=Status.SPAM)

    asked = run_action(client, "delete_selected", [trashed, kept], "?status=all")
    assert "Are you sure" in body(asked)
    assert str(kept) not in body(asked)
    assert Comment.objects.count() == 3
    data = {"action": "delete_selected", "_selected_action": [trashed.pk, kept.pk], "post": "yes"}
    client.post(QUEUE + "?status=all", data)

    assert set(Comment.objects.all()) == {reply, kept}
    assert Comment.objects.get(pk=reply.pk).parent is None


def test_one_comment_is_deleted_from_the_trash_alone(client, article):
    client.force_login(make_user("comments.moderate_comment", "comments.delete_comment"))
    trashed, kept = make_comment(article, status=Status.TRASH), make_comment(article)

    for comment in (trashed, kept):
        client.post(reverse("admin:comments_comment_delete", args=[comment.pk]), {"post": "yes"})

    assert list(Comment.objects.all()) == [kept]


def test_without_permission_nothing_is_deleted(moderating, article):
    trashed = make_comment(article, status=Status.TRASH)
    data = {"action": "delete_selected", "_selected_action": [trashed.pk], "post": "yes"}

    assert "delete_selected" not in body(moderating.get(QUEUE, {"status": "trash"}))
    moderating.post(QUEUE + "?status=trash", data)
    url = reverse("admin:comments_comment_delete", args=[trashed.pk])
    assert moderating.post(url, {"post": "yes"}).status_code == 403
    assert Comment.objects.filter(pk=trashed.pk).exists()


def test_words_that_changed_while_the_page_was_open_are_not_approved_unread(client, moderator):
    comment = make_pingback(text="on the six strategies, a kind word")
    client.force_login(moderator)
    page = body(client.get(QUEUE))
    seen = re.search(r'name="seen" value="([^"]+)"', page)[1]
    comment.set_text("buy my pills")
    comment.save()
    answer = press(client, "approve", comment, seen=seen)
    assert status_of(comment) == Status.PENDING
    assert "in the meantime" in body(answer)
    seen = re.search(r'name="seen" value="([^"]+)"', body(client.get(QUEUE)))[1]
    press(client, "spam", comment, seen=seen)
    assert status_of(comment) == Status.SPAM


@pytest.mark.parametrize(
    ("selected", "next_row"), [([0, 1], 2), ([1, 3], 2), ([1], 2), ([3], 2), ([2, 3], 1)]
)
def test_a_bulk_act_leads_to_the_row_after_the_selected(moderating, article, selected, next_row):
    rows = [make_comment(article) for _ in range(4)]
    seen = [f"{comment.pk}:pending" for comment in rows]

    answer = run_action(moderating, "spam", [rows[place] for place in selected], seen=seen)

    assert answer.redirect_chain == [(f"{QUEUE}#comment-{rows[next_row].pk}", 302)]


def test_a_bulk_act_about_all_leads_to_what_is_left(moderating, article):
    rows = [make_comment(article) for _ in range(2)]

    answer = run_action(moderating, "trash", rows, seen=[f"{one.pk}:pending" for one in rows])

    assert answer.redirect_chain == [(f"{QUEUE}#queue-empty", 302)]
    assert 'id="queue-empty" tabindex="-1"' in body(answer)
