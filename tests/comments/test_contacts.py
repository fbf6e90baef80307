"""The address behind a reply: sealed, found by its blind index, revealed only on purpose."""

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.forms.models import model_to_dict

from comments import contacts
from comments.models import Contact, ContactReveal
from tests.builders import make_comment, make_user

ADDRESS = "marker.person+x@hidden.example"

pytestmark = pytest.mark.django_db


@pytest.fixture
def contact():
    return make_comment(address=ADDRESS).contact


def found(address):
    return contacts.find(address, reason="test", user=make_user("comments.reveal_contact"))


def test_to_find_an_address_takes_the_permission_and_is_logged(contact, moderator):
    with pytest.raises(PermissionDenied):
        contacts.find(ADDRESS, reason="curious", user=moderator)
    assert not ContactReveal.objects.exists()
    assert found(ADDRESS) == [contact]
    assert ContactReveal.objects.get().comment == contact.comment


def test_nothing_read_by_accident_holds_the_address(contact, capsys):
    call_command("dumpdata", "comments")
    contact.refresh_from_db()
    seen = [
        repr(contact),
        str(contact),
        str(model_to_dict(contact)),
        str(list(Contact.objects.values())),
        str(vars(contact)),
        capsys.readouterr().out,
    ]
    assert not any("marker" in text or "hidden.example" in text for text in seen)


def test_reveal_returns_the_address_and_writes_down_who_and_why(contact):
    user = make_user("comments.reveal_contact")
    assert contacts.reveal(contact, reason="A threat in comment 3", user=user) == ADDRESS
    log = ContactReveal.objects.get()
    assert (log.user, log.reason, log.comment) == (user, "A threat in comment 3", contact.comment)


def test_reveal_without_the_permission_is_refused_and_not_even_decrypted(contact, moderator):
    with pytest.raises(PermissionDenied):
        contacts.reveal(contact, reason="curious", user=moderator)
    assert not ContactReveal.objects.exists()


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_reveal_wants_a_reason(contact, reason):
    with pytest.raises(ValueError, match="why"):
        contacts.reveal(contact, reason=reason, user=make_user("comments.reveal_contact"))


def test_the_same_address_is_encrypted_differently_each_time_and_found_by_its_index(contact):
    other = make_comment(address=ADDRESS.upper()).contact
    make_comment(address="someone@else.example")
    assert bytes(other.ciphertext) != bytes(contact.ciphertext)
    assert set(found(f" {ADDRESS} ")) == {contact, other}
    assert not found("marker.person@hidden.example")


def test_a_new_first_key_still_reads_and_finds_what_older_keys_sealed(contact, settings):
    settings.CONTACT_KEYS = [Fernet.generate_key().decode(), *settings.CONTACT_KEYS]
    newer = make_comment(address=ADDRESS).contact
    user = make_user("comments.reveal_contact")
    assert {contacts.reveal(c, reason="test", user=user) for c in (contact, newer)} == {ADDRESS}
    assert set(found(ADDRESS)) == {contact, newer}


def test_without_its_key_an_address_stays_sealed(contact, settings):
    settings.CONTACT_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(InvalidToken):
        contacts.reveal(contact, reason="test", user=make_user("comments.reveal_contact"))
    assert not found(ADDRESS)


def test_the_blind_index_cannot_be_made_without_the_key(contact):
    import hashlib

    plain = {hashlib.new(name, ADDRESS.encode()).hexdigest() for name in ("md5", "sha1", "sha256")}
    assert contact.blind_index not in plain


def test_the_contact_can_be_deleted_alone(contact):
    comment = contact.comment
    contact.delete()
    comment.refresh_from_db()
    assert comment.text
