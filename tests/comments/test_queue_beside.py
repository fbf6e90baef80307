"""Beside the queue in the admin: the logs, the rules, the linkbacks."""

import pytest
from django.contrib.staticfiles.finders import find
from django.urls import reverse

from comments.linkbacks.models import Linkback
from comments.models import Comment, DiscussionSettings, ModerationEvent
from tests.builders import make_comment, make_pingback
from tests.comments.queue import (
    MARKER,
    body,
)


@pytest.mark.parametrize("model", ["moderationevent", "contactreveal"])
def test_logs_cannot_be_changed(admin_client, pending_comment, model):
    logs = {"moderationevent": pending_comment.events, "contactreveal": pending_comment.reveals}
    pending_comment.reveals.create(reason="a copy")
    one = logs[model].get()
    name = f"admin:comments_{model}"

    assert admin_client.get(reverse(f"{name}_changelist")).status_code == 200
    assert admin_client.get(reverse(f"{name}_change", args=[one.pk])).status_code == 200
    assert admin_client.post(reverse(f"{name}_change", args=[one.pk]), {}).status_code == 403
    assert admin_client.get(reverse(f"{name}_add")).status_code == 403
    delete = reverse(f"{name}_delete", args=[one.pk])
    assert admin_client.post(delete, {"post": "yes"}).status_code == 403


def test_the_rules_are_one_form(admin_client, db):
    listing = reverse("admin:comments_discussionsettings_changelist")
    form = reverse("admin:comments_discussionsettings_change", args=[1])
    assert admin_client.get(listing).url == form
    assert admin_client.get(form).status_code == 200

    numbers = {"hold_from_links": 5, "close_after_days": 0}
    numbers |= {"purge_trash_after_days": 7, "purge_spam_after_days": 7}
    numbers |= {"erase_contacts_after_days": 90, "erase_declined_contacts_after_days": 7}
    answer = admin_client.post(form, {**numbers, "held_words": "casino"})

    assert answer.status_code == 302
    rules = DiscussionSettings.current()
    assert (rules.pk, rules.hold_from_links, rules.held_words) == (1, 5, "casino")
    assert rules.hold_first_time_authors is False
    assert admin_client.get(reverse("admin:comments_discussionsettings_add")).status_code == 403
    delete = reverse("admin:comments_discussionsettings_delete", args=[1])
    assert admin_client.post(delete, {"post": "yes"}).status_code == 403


def test_a_refused_linkback_is_checked_again(admin_client, article, queued_checks):
    make_pingback(article)
    refused = Linkback.objects.create(
        article=article,
        source_url="https://late.example/",
        source_digest="0" * 64,
        target_url="http://127.0.0.1:8000/",
        state=Linkback.State.REFUSED,
        refusal="There was no link.",
    )
    url = reverse("admin:linkbacks_linkback_changelist")
    assert "There was no link." in body(admin_client.get(url, {"state__exact": "refused"}))
    every = [linkback.pk for linkback in Linkback.objects.all()]

    admin_client.post(url, {"action": "check_again", "index": "0", "_selected_action": every})

    refused.refresh_from_db()
    assert (refused.state, refused.refusal) == (Linkback.State.RECEIVED, "")
    assert queued_checks() == [[refused.pk]]


def test_an_article_goes_with_its_whole_conversation(admin_client, article):
    make_comment(article, address=MARKER)
    make_pingback(article)

    admin_client.post(reverse("admin:articles_article_delete", args=[article.pk]), {"post": "yes"})

    assert not Comment.objects.exists()
    assert not Linkback.objects.exists()
    assert ModerationEvent.objects.exists()


@pytest.mark.parametrize("method", ["get", "head"])
def test_the_icon_that_browsers_ask_for_on_pages_of_the_admin(client, method):
    answer = getattr(client, method)("/favicon.ico")

    assert (answer.status_code, answer.url) == (301, "/static/icon.svg")
    assert find("icon.svg")


@pytest.fixture
def queued_checks(db):
    """Return a function that lists the arguments of every queued check of a linkback."""
    from django_tasks_db.models import DBTaskResult

    def queued() -> list[list[int]]:
        results = DBTaskResult.objects.filter(task_path__endswith="verify_linkback")
        return [result.args_kwargs["args"] for result in results]

    return queued
