"""Who looked at which address, when and why: listed for the owner, and there to stay."""

import pytest
from django.urls import reverse

from comments import contacts
from comments.models import ContactReveal
from tests.builders import make_comment, make_user

ADDRESS = "marker.reader@hidden-mailbox.example"

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client):
    owner = make_user(is_superuser=True)
    client.force_login(owner)
    return owner


@pytest.fixture
def look(article):
    """A look at an address, by somebody who may."""
    contact = make_comment(article, address=ADDRESS, author_name="Ann").contact
    user = make_user("comments.view_comment", "comments.reveal_contact")
    contacts.reveal(contact, reason="A threat in it", user=user)
    return ContactReveal.objects.get()


def test_the_owner_sees_who_looked_when_why_and_at_whose(client, owner, look):
    page = client.get(reverse("admin:comments_contactreveal_changelist")).content.decode()
    for shown in (look.user.username, "A threat in it", str(look.comment), f"{look.at:%Y}"):
        assert shown in page
    assert ADDRESS not in page


def test_the_page_of_the_comment_lists_the_looks_at_its_address(client, owner, look):
    change = reverse("admin:comments_comment_change", args=[look.comment_id])
    page = client.get(change).content.decode()
    assert "A threat in it" in page
    assert look.user.username in page
    assert ADDRESS not in page


def test_not_even_the_owner_can_change_add_or_delete_one(client, owner, look):
    for name, arguments in (("add", []), ("delete", [look.pk])):
        path = reverse(f"admin:comments_contactreveal_{name}", args=arguments)
        assert client.get(path).status_code == 403
        assert client.post(path, {"post": "yes", "reason": "none"}).status_code == 403
    change = reverse("admin:comments_contactreveal_change", args=[look.pk])
    assert client.post(change, {"reason": "Another"}).status_code == 403
    many = {"action": "delete_selected", "_selected_action": [look.pk], "post": "yes"}
    client.post(reverse("admin:comments_contactreveal_changelist"), many)
    assert ContactReveal.objects.get().reason == "A threat in it"


def test_it_outlives_the_comment_the_address_and_whoever_looked(look):
    look.comment.contact.delete()
    look.user.delete()
    type(look.comment).objects.filter(pk=look.comment_id).purge()
    left = ContactReveal.objects.get()
    assert (left.comment, left.user, left.reason) == (None, None, "A threat in it")


@pytest.mark.parametrize(
    "typed",
    ["It is ann@mail.example’s", "ANN@MAIL.EXAMPLE", "ann＠mail．example", "<a.b+c@x-y.example>"],
)
def test_no_address_is_kept_as_a_reason(client, owner, look, typed):
    before = ContactReveal.objects.count()
    reveal = reverse("admin:comments_comment_reveal", args=[look.comment_id])
    find = reverse("admin:comments_comment_by_address")
    answers = [
        client.post(reveal, {"reason": typed}, follow=True),
        client.post(find, {"address": ADDRESS, "reason": typed}),
    ]
    for answer in answers:
        assert "There seems to be an email address in it." in answer.content.decode()
    assert ContactReveal.objects.count() == before


def test_other_reasons_with_signs_are(client, owner, look):
    find = reverse("admin:comments_comment_by_address")
    client.post(find, {"address": ADDRESS, "reason": "He is @ home, 3@4, see a.b"})
    assert ContactReveal.objects.order_by("-pk")[0].reason.endswith("He is @ home, 3@4, see a.b")
