"""The addresses behind comments: no page shows them, revealing is for a reason and logged."""

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from comments.models import Comment, ContactReveal, Status
from tests.builders import make_comment, make_pingback, make_user
from tests.comments.queue import (
    MARKER,
    QUEUE,
    body,
)


def every_page(client: Client, comment: Comment) -> dict[str, str]:
    """Return what each page of the admin says that this user may open."""
    pk, urls = comment.pk, [QUEUE + "by-address/", reverse("admin:index")]
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        urls.append(reverse(f"{name}_changelist"))
        for one in model._default_manager.all()[:5]:
            urls += [
                reverse(f"{name}_{page}", args=[one.pk]) for page in ("change", "history", "delete")
            ]
    urls += [f"{QUEUE}?status={status}" for status in [*Status.values, "all"]]
    urls += [
        f"{QUEUE}?q=hidden-mailbox",
        f"/comments/{comment.private_key}/",
        f"{QUEUE}{pk}/reveal/",
    ]
    return {url: body(client.get(url, follow=True)) for url in urls}


@pytest.mark.parametrize(
    "permissions",
    [
        ("comments.view_comment", "comments.moderate_comment", "comments.view_contactreveal"),
        ("comments.moderate_comment", "comments.reveal_contact", "comments.delete_comment"),
        "superuser",
    ],
)
def test_no_page_of_the_admin_shows_an_address(client, article, permissions):
    superuser = permissions == "superuser"
    user = make_user(*(() if superuser else permissions), is_superuser=superuser)
    client.force_login(user)
    comment = make_comment(article, address=MARKER)
    make_pingback(article)
    comment.approve(by=user)
    comment.move_to_trash(by=user)
    hidden = {MARKER, comment.contact.blind_index, "hidden-mailbox"}

    for url, page in every_page(client, comment).items():
        for text in hidden - ({"hidden-mailbox"} if "q=" in url else set()):
            assert text not in page, (url, text)
    for url, page in every_page(client, comment).items():
        assert comment.private_key not in page or url.startswith("/comments/"), url


def test_an_address_is_revealed_once_for_a_reason_and_written_down(revealing, article):
    comment = make_comment(article, address=MARKER)
    url = reverse("admin:comments_comment_reveal", args=[comment.pk])
    change = reverse("admin:comments_comment_change", args=[comment.pk])
    assert "An address is kept" in body(revealing.get(change))

    answer = revealing.post(url, {"reason": "They asked for a copy of their data"})

    assert MARKER in body(answer)
    assert "no-store" in answer["Cache-Control"]
    look = ContactReveal.objects.get()
    assert (look.comment, look.reason) == (comment, "They asked for a copy of their data")
    assert look.user_id == int(revealing.session["_auth_user_id"])
    page = body(revealing.get(change))
    assert "They asked for a copy of their data" in page
    assert MARKER not in page
    assert not any(MARKER in str(entry.__dict__) for entry in LogEntry.objects.all())


@pytest.mark.parametrize("reason", ["", "   "])
def test_without_a_reason_nothing_is_revealed(revealing, article, reason):
    comment = make_comment(article, address=MARKER)

    answer = revealing.post(
        reverse("admin:comments_comment_reveal", args=[comment.pk]), {"reason": reason}, follow=True
    )

    assert "Say why you need the address." in body(answer)
    assert MARKER not in body(answer)
    assert not ContactReveal.objects.exists()


def test_revealing_takes_a_post_and_the_permission(revealing, moderator, article):
    comment = make_comment(article, address=MARKER)
    url = reverse("admin:comments_comment_reveal", args=[comment.pk])
    assert revealing.get(url, {"reason": "curious"}).status_code == 405

    revealing.force_login(moderator)

    assert revealing.post(url, {"reason": "curious"}).status_code == 403
    change = reverse("admin:comments_comment_change", args=[comment.pk])
    assert "Show the address" not in body(revealing.get(change))
    assert not ContactReveal.objects.exists()


def test_a_comment_without_address_has_nothing_to_reveal(revealing, pending_comment):
    url = reverse("admin:comments_comment_reveal", args=[pending_comment.pk])

    assert revealing.post(url, {"reason": "curious"}).status_code == 404


def test_an_address_that_no_key_opens_is_said_so(revealing, article, settings):
    comment = make_comment(article, address=MARKER)
    settings.CONTACT_KEYS = ["MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA="]

    url = reverse("admin:comments_comment_reveal", args=[comment.pk])
    answer = revealing.post(url, {"reason": "curious"}, follow=True)

    assert "None of the keys" in body(answer)


def test_comments_are_found_by_the_full_address_and_that_is_written_down(revealing, article):
    comment = make_comment(article, address=MARKER)
    make_comment(article, address="somebody.else@mail.example")
    url = reverse("admin:comments_comment_by_address")

    answer = revealing.post(url, {"address": MARKER.upper(), "reason": "wants a copy"})

    assert "1 comment from that address" in body(answer)
    assert str(comment) in body(answer)
    assert "no-store" in answer["Cache-Control"]
    look = ContactReveal.objects.get()
    assert (look.comment, look.reason) == (comment, "By address: wants a copy")


@pytest.mark.parametrize("address", ["marker.reader@", "hidden-mailbox.example"])
def test_part_of_an_address_finds_nothing(revealing, article, address):
    make_comment(article, address=MARKER)
    url = reverse("admin:comments_comment_by_address")

    answer = revealing.post(url, {"address": address, "reason": "curious"})

    assert "/change/" not in body(answer)
    assert not ContactReveal.objects.exists()


def test_to_ask_in_vain_is_written_down_too(revealing, article):
    make_comment(article, address=MARKER)
    url = reverse("admin:comments_comment_by_address")

    answer = revealing.post(url, {"address": "other@x.example", "reason": "y" * 200})

    assert "0 comments from that address" in body(answer)
    look = ContactReveal.objects.get()
    assert (look.comment, look.reason) == (None, ("By address: " + "y" * 200)[:200])
    assert look.user_id == int(revealing.session["_auth_user_id"])
    assert "other@" not in str(look.__dict__)


@pytest.mark.parametrize("number", ["9" * 24, "9" * 16])
def test_numbers_that_no_comment_has_are_not_found(revealing, db, number):
    assert revealing.post(f"{QUEUE}{number}/reveal/", {"reason": "curious"}).status_code == 404


def test_finding_by_address_takes_the_permission_and_a_post(revealing, moderator, article):
    make_comment(article, address=MARKER)
    url = reverse("admin:comments_comment_by_address")
    asked = {"address": MARKER, "reason": "curious"}
    assert "from that address" not in body(revealing.get(url, asked))

    revealing.force_login(moderator)

    assert revealing.get(url).status_code == 403
    assert revealing.post(url, asked).status_code == 403
    assert "by-address" not in body(revealing.get(QUEUE))
