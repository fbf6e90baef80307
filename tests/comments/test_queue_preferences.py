"""How each moderator likes to work, and the links above the queue."""

import pytest
from django.urls import reverse

from comments.admin import CommentAdmin, Tool
from comments.models import Digest, ModeratorPreferences
from tests.builders import make_user
from tests.comments.queue import QUEUE, body

PREFERENCES = QUEUE + "preferences/"


def test_keys_are_off_until_switched_on(moderating, moderator, pending_comment):
    assert 'id="queue-keys"' not in body(moderating.get(QUEUE))

    answer = moderating.post(PREFERENCES, {"keys_enabled": "on", "digest": "hourly"}, follow=True)

    assert answer.redirect_chain == [(QUEUE, 302)]
    assert "Your settings are saved." in body(answer)
    assert 'id="queue-keys"' in body(answer)
    mine = ModeratorPreferences.objects.get()
    assert (mine.user, mine.keys_enabled, mine.digest) == (moderator, True, Digest.HOURLY)
    moderating.post(PREFERENCES, {"digest": "off"})
    mine.refresh_from_db()
    assert (mine.keys_enabled, mine.digest) == (False, Digest.OFF)


def test_nobody_changes_the_settings_of_another(moderating, moderator):
    other = make_user("comments.moderate_comment")
    theirs = ModeratorPreferences.objects.create(user=other, keys_enabled=True, digest="off")

    data = {"digest": "daily", "user": str(other.pk), "pk": str(theirs.pk), "id": str(theirs.pk)}
    moderating.post(PREFERENCES, data)

    theirs.refresh_from_db()
    assert (theirs.keys_enabled, theirs.digest) == (True, Digest.OFF)
    assert ModeratorPreferences.objects.get(user=moderator).digest == Digest.DAILY
    assert 'id="queue-keys"' not in body(moderating.get(QUEUE))


def test_looking_at_the_settings_writes_nothing(moderating):
    page = body(moderating.get(PREFERENCES))

    assert "Keyboard shortcuts" in page
    assert "no mail can reach you" in page
    assert not ModeratorPreferences.objects.exists()


def test_an_unknown_choice_is_refused_with_a_sentence(moderating):
    answer = moderating.post(PREFERENCES, {"digest": "yearly"})

    assert answer.status_code == 200
    assert "not one of the available choices" in body(answer)
    assert not ModeratorPreferences.objects.exists()


def test_only_moderators_have_settings(client, db):
    client.force_login(make_user("comments.view_comment"))
    assert client.get(PREFERENCES).status_code == 403
    assert client.post(PREFERENCES, {"digest": "off"}).status_code == 403
    client.logout()
    assert client.get(PREFERENCES).status_code == 302


@pytest.mark.parametrize(
    ("permissions", "labels"),
    [
        (["comments.view_comment"], set()),
        (["comments.moderate_comment"], {"My moderation settings"}),
        (
            ["comments.moderate_comment", "comments.reveal_contact"],
            {"My moderation settings", "Find by address"},
        ),
    ],
)
def test_links_above_the_list_are_for_those_who_may_follow_them(client, db, permissions, labels):
    client.force_login(make_user(*permissions))
    page = body(client.get(QUEUE))
    ours = {"My moderation settings", "Find by address"}

    assert {label for label in ours if f">{label}</a>" in page} == labels
    tools = [tool for tool in CommentAdmin.tools if tool.label in labels]
    assert all(client.get(reverse(tool.url_name)).status_code == 200 for tool in tools)


def test_every_tool_leads_to_a_page(admin_client):
    for tool in CommentAdmin.tools:
        assert isinstance(tool, Tool)
        assert admin_client.get(reverse(tool.url_name)).status_code == 200
