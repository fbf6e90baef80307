"""The queue: taking nothing more from a site."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from comments.models import DiscussionSettings, Status, validate_sources
from tests.builders import make_comment, make_pingback, make_user
from tests.comments.queue import QUEUE, body, status_of, undo_value


def blocked() -> list[str]:
    return DiscussionSettings.current().blocked_sources.splitlines()


@pytest.fixture
def linkback(article):
    return make_pingback(article, source_url="https://Spam.example/one")


def unblock_value(response) -> str:
    found = re.search(r'name="_unblock" value="([^"]+)"', body(response))
    assert found, "no Unblock on the page"
    return found[1]


def block(client, place="spam.example"):
    return client.post(QUEUE, {"_block": place}, follow=True)


def test_a_host_is_blocked_from_its_row(moderating, moderator, article, linkback):
    other = make_pingback(article, source_url="http://spam.example/two")
    elsewhere = make_pingback(article, source_url="https://notspam.example/spam.example")
    shown = make_pingback(article, source_url="https://spam.example/three", status=Status.APPROVED)
    reply = make_comment(article, author_url="https://spam.example/")
    assert 'name="_block" value="spam.example"' in body(moderating.get(QUEUE))

    answer = block(moderating)

    assert blocked() == ["spam.example"]
    assert "No linkback from spam.example is taken any more, and replies that lead there" in body(
        answer
    )
    assert "Marked 3 comments from there as spam." in body(answer)
    assert [status_of(one) for one in (linkback, other, elsewhere, shown, reply)] == [
        "spam", "spam", "pending", "approved", "spam",
    ]  # fmt: skip
    event = other.events.first()
    assert (event.actor, event.reasons) == (moderator, ["from spam.example, which is blocked"])
    moderating.post(QUEUE, {"_undo": undo_value(answer)})
    assert {status_of(linkback), status_of(other)} == {"pending"}
    assert blocked() == ["spam.example"]
    moderating.post(QUEUE, {"_unblock": unblock_value(answer)})
    assert blocked() == []


def test_only_ones_own_block_is_taken_back(client, moderating, linkback, article):
    DiscussionSettings(pk=1, blocked_sources="a.example\r\nb.example").save()
    value = unblock_value(block(moderating))
    make_pingback(article, source_url="https://spam.example/again")
    assert "_unblock" not in body(block(moderating)), "it stood there before"
    for forged in ("a.example", f"a.example:{value.rpartition(':')[2]}", ""):
        assert moderating.post(QUEUE, {"_unblock": forged}).status_code == 400
    assert blocked() == ["a.example", "b.example", "spam.example"]

    answer = moderating.post(QUEUE, {"_unblock": value}, follow=True)

    assert "spam.example is blocked no more." in body(answer)
    assert blocked() == ["a.example", "b.example"]
    client.force_login(make_user("comments.moderate_comment"))
    assert client.post(QUEUE, {"_unblock": value}).status_code == 400


def test_a_path_is_blocked_from_the_page_of_a_linkback(moderating, article):
    ann = make_pingback(article, source_url="https://host.example/~ann/1")
    bob = make_pingback(article, source_url="https://host.example/~bob/1")
    change = reverse("admin:comments_comment_change", args=[ann.pk])
    assert 'name="place" value="host.example"' in body(moderating.get(change))

    moderating.post(change, {"_block": "", "place": " host.example/~ann/ "})

    assert blocked() == ["host.example/~ann/"]
    assert (status_of(ann), status_of(bob)) == ("spam", "pending")


def test_a_line_is_added_once_and_the_others_stay(moderating, linkback, article):
    DiscussionSettings(pk=1, blocked_sources="a.example\r\nb.example", hold_from_links=7).save()
    block(moderating)
    make_pingback(article, source_url="https://spam.example/again")
    answer = block(moderating)
    block(moderating, "spam.example/a/path")

    assert blocked() == ["a.example", "b.example", "spam.example"]
    assert DiscussionSettings.current().hold_from_links == 7
    assert "Marked 1 comment from there as spam." in body(answer)


def test_who_may_change_the_settings_is_led_there(client, moderating, linkback):
    rules = reverse("admin:comments_discussionsettings_change", args=[1])
    assert rules not in body(block(moderating))

    client.force_login(make_user(is_superuser=True))

    assert f'<a href="{rules}">' in body(block(client))


@pytest.mark.parametrize(
    "place", ["https://spam.example/", "two words.example", "*.example", "<b>"]
)
def test_what_is_no_place_is_not_blocked(moderating, linkback, place):
    answer = block(moderating, place)

    assert "Nothing was blocked." in body(answer)
    assert "<b>”" not in body(answer)
    assert blocked() == []
    assert status_of(linkback) == Status.PENDING


def test_a_host_that_a_reply_leads_to_is_blocked_from_its_row(moderating, moderator, article):
    reply = make_comment(article, text="Buy at https://Casino.example/win or www. no")
    other = make_comment(article, text="[here](http://casino.example:8080/x)")
    names = make_comment(article, text="casino.example is a name that I only mention")
    longer = make_comment(article, text="https://mycasino.example/ and https://casino.example.org/")
    page = body(moderating.get(QUEUE))
    assert 'name="_block" value="casino.example"' in page

    answer = block(moderating, "casino.example")

    assert [status_of(one) for one in (reply, other, names, longer)] == [
        "spam", "spam", "pending", "pending",
    ]  # fmt: skip
    assert reply.events.first().reasons == ["from casino.example, which is blocked"]
    moderating.post(QUEUE, {"_undo": undo_value(answer)})
    assert status_of(reply) == status_of(other) == "pending"


def test_the_sites_own_host_is_not_offered(moderating, article, settings):
    settings.SITE_URL = "https://blog.example"
    make_comment(article, text="As in https://blog.example/articles/one/ and https://b.example/")
    page = body(moderating.get(QUEUE))
    assert 'name="_block" value="b.example"' in page
    assert 'name="_block" value="blog.example"' not in page


def test_a_reply_without_links_has_no_host_to_block(moderating, article):
    reply = make_comment(article, text="No links at all.")

    assert "_block" not in body(moderating.get(QUEUE))
    change = reverse("admin:comments_comment_change", args=[reply.pk])
    assert "_block" not in body(moderating.get(change))


@pytest.mark.parametrize("place", ["", "  ", "\x00"])
def test_nothing_is_no_place(moderating, article, place):
    reply = make_comment(article, text="https://a.example/")
    assert "Nothing was blocked." in body(block(moderating, place))
    assert blocked() == []
    assert status_of(reply) == "pending"


def test_who_may_not_moderate_blocks_nothing(client, linkback):
    client.force_login(make_user("comments.view_comment", "comments.change_discussionsettings"))
    change = reverse("admin:comments_comment_change", args=[linkback.pk])

    for url in (QUEUE, change):
        assert "_block" not in body(client.get(url))
        assert client.post(url, {"_block": "spam.example"}).status_code == 403
    assert blocked() == []


@pytest.mark.parametrize(
    "line",
    [
        "example.org",
        "example.org/~ann/",
        "EXAMPLE.org/a/b.html",
        "example.org:8080/x",
        "localhost",
        "münchen.example",
        "192.0.2.1",
        "[2001:db8::1]/x",
        "  example.org  ",
        "",
        "a.example\r\n\r\nb.example",
    ],
)
def test_sources_are_hosts_with_or_without_a_path(line):
    validate_sources(line)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("https://example.org", "leave out the scheme"),
        ("https://foo bar/", "leave out the scheme"),
        ("foo bar", "a blank in it"),
        ("example.org, example.net", "a blank in it"),
        ("*.example.org", "neither a host"),
        ("/path", "neither a host"),
        ("ann@example.org", "neither a host"),
        ("example..org", "neither a host"),
        ("example.org?x=1", "neither a host"),
        ("-", "neither a host"),
    ],
)
def test_anything_else_is_named(line, why):
    with pytest.raises(ValidationError) as caught:
        validate_sources(f"good.example\n{line}\nalso.example")

    assert [why in message for message in caught.value.messages] == [True]
    assert caught.value.messages[0].startswith(f"Line 2, “{line}”: ")


def test_the_form_of_the_rules_names_the_line(admin_client, db):
    form = reverse("admin:comments_discussionsettings_change", args=[1])
    numbers = dict.fromkeys(
        (
            "hold_from_links",
            "close_after_days",
            "purge_trash_after_days",
            "purge_spam_after_days",
            "erase_contacts_after_days",
            "erase_declined_contacts_after_days",
        ),
        5,
    )

    answer = admin_client.post(
        form, {**numbers, "trusted_sources": "https://foo bar/", "blocked_sources": "fine.example"}
    )

    assert answer.status_code == 200
    assert "Line 1, “https://foo bar/”: leave out the scheme" in body(answer)
    answer = admin_client.post(form, {**numbers, "blocked_sources": "fine.example"})
    assert answer.status_code == 302
    assert blocked() == ["fine.example"]
