"""New keys for commenters' addresses: while the site runs, through kills, and never losing one."""

import os
import re
from importlib import import_module
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.core.management import CommandError, call_command
from django.utils import timezone

from comments import contacts, rotation
from comments.models import Contact, Mailbox, MailKind, OutgoingMail
from recovery import keys
from recovery.management.commands import rotate_contact_keys
from tests.builders import make_article, make_comment, make_user

ROOT = Path(__file__).resolve().parent.parent.parent
pytestmark = pytest.mark.django_db


def new_key():
    return Fernet.generate_key().decode()


@pytest.fixture
def kept(settings, tmp_path, monkeypatch):
    """The keys as they are kept in DATA_DIR: one, at first."""
    settings.CONTACT_KEYS = keys.contact_keys(tmp_path)
    monkeypatch.setattr(rotate_contact_keys, "GRACE", 0)
    monkeypatch.setattr(rotation, "AT_ONCE", 3)
    return settings.CONTACT_KEYS


@pytest.fixture
def sealed(kept):
    """Seven contacts by address, under the one key."""
    article = make_article()
    addresses = [f"reader{number}@hidden.example" for number in range(7)]
    return {a: make_comment(article, address=a).contact for a in addresses}


def rotate(*arguments):
    call_command("rotate_contact_keys", *arguments)


def revealed():
    user = make_user("comments.reveal_contact")
    found = Contact.objects.order_by("pk")
    return [contacts.reveal(contact, reason="test", user=user) for contact in found]


def found(address):
    user = make_user("comments.reveal_contact")
    return contacts.find(address, reason="test", user=user)


def under(key):
    return Contact.objects.filter(blind_index__startswith=contacts.key_name(key)).count()


def test_a_new_key_comes_first_and_everything_is_under_it(kept, sealed, capsys):
    [old] = kept
    rotate()
    new, *rest = kept
    assert rest == [old]
    assert new != old
    assert (under(new), under(old)) == (7, 0)
    assert revealed() == list(sealed)
    assert all(Fernet(new).decrypt(bytes(c.ciphertext)) for c in Contact.objects.all())
    assert found("READER3@hidden.example") == [sealed["reader3@hidden.example"]]
    assert "Encrypted 7 of 7 addresses anew" in capsys.readouterr().out
    assert kept.path.stat().st_mode & 0o777 == 0o600
    assert not list(kept.path.parent.glob(".*tmp*"))


def test_when_an_address_was_sealed_is_kept(kept, sealed):
    contact = sealed["reader0@hidden.example"]
    then = Fernet(kept[0]).extract_timestamp(bytes(contact.ciphertext))
    rotate()
    contact.refresh_from_db()
    assert Fernet(kept[0]).extract_timestamp(bytes(contact.ciphertext)) == then


def test_old_keys_go_when_nothing_needs_them(kept, sealed):
    rotate()
    first = kept[0]
    rotate("--drop-old")
    assert list(kept) == [first]
    assert revealed() == list(sealed)
    rotate("--drop-old")
    assert list(kept) == [first]


def test_a_key_that_is_too_new_keeps_the_old_ones(kept, sealed, monkeypatch):
    rotate()
    monkeypatch.setattr(rotate_contact_keys, "GRACE", 600)
    with pytest.raises(CommandError, match="Try again in 10 min"):
        rotate("--drop-old")
    assert len(kept) == 2


def test_what_was_sealed_late_is_sealed_anew_before_its_key_goes(kept, sealed):
    [old] = kept
    rotate()
    late = make_comment(address="late@hidden.example").contact
    # By a process that had read the keys before.
    late.ciphertext = Fernet(old).encrypt(b"late@hidden.example")
    late.blind_index = contacts._blind_index("late@hidden.example", old)
    late.save()
    rotate("--drop-old")
    assert len(kept) == 1
    assert revealed()[-1] == "late@hidden.example"


def test_killed_in_the_middle_it_goes_on_with_the_same_new_key(kept, sealed, monkeypatch, capsys):
    chunk, calls = rotation._chunk, []

    def dying(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return chunk(*arguments)

    monkeypatch.setattr(rotation, "_chunk", dying)
    with pytest.raises(KeyboardInterrupt):
        rotate()
    new, old = kept
    assert (under(new), under(old)) == (3, 4)
    assert revealed() == list(sealed), "meanwhile all can be read"
    rotate()
    assert list(kept) == [new, old]
    assert (under(new), under(old)) == (7, 0)
    assert "An earlier rotation was not finished" in capsys.readouterr().out


def test_who_comments_meanwhile_is_not_left_behind(kept, sealed, monkeypatch):
    chunk, made = rotation._chunk, list[Contact]()

    def interrupted(*arguments):
        last = chunk(*arguments)
        if not made:
            made.append(make_comment(address="meanwhile@hidden.example").contact)
        return last

    monkeypatch.setattr(rotation, "_chunk", interrupted)
    rotate()
    assert (under(kept[0]), under(kept[1])) == (8, 0)
    assert found("meanwhile@hidden.example") == made


def test_two_rotations_at_once_are_one(kept, sealed):
    with keys.changing(kept.path), pytest.raises(CommandError, match="another process"):
        rotate()
    assert len(kept) == 1


def test_an_address_that_no_key_opens_stays_and_is_told(kept, sealed, capsys):
    lost = sealed["reader2@hidden.example"]
    Contact.objects.filter(pk=lost.pk).update(ciphertext=Fernet(new_key()).encrypt(b"x"))
    rotate()
    assert "1 addresses are under none of these keys" in capsys.readouterr().err
    rotate()
    assert len(kept) == 3, "it does not keep a rotation from being finished"
    rotate("--drop-old")
    assert len(kept) == 1
    assert Contact.objects.filter(pk=lost.pk).exists()


# --- Mailboxes -------------------------------------------------------------------------------------


def make_mailbox(index, **values):
    return Mailbox.objects.create(blind_index=index, **values)


def test_a_mailbox_moves_with_its_address(kept, sealed):
    contact = sealed["reader1@hidden.example"]
    mailbox = make_mailbox(contact.blind_index, times_asked=2)
    rotate()
    contact.refresh_from_db()
    moved = Mailbox.objects.get()
    assert (moved.pk, moved.blind_index, moved.token, moved.times_asked) == (
        mailbox.pk,
        contact.blind_index,
        mailbox.token,
        2,
    )


def test_two_mailboxes_of_one_address_become_one_and_a_refusal_holds(kept, sealed):
    address = "reader1@hidden.example"
    [old] = kept
    new = new_key()
    keys.write_contact_keys(kept.path, [new, old])
    refused, asked = timezone.now(), timezone.now()
    older = make_mailbox(contacts._blind_index(address, old), last_asked_at=asked)
    newer = make_mailbox(contacts._blind_index(address, new), refused_at=refused, times_asked=1)
    OutgoingMail.objects.create(kind=MailKind.CONFIRM, mailbox=newer)
    rotate()
    one = Mailbox.objects.get()
    assert (one.pk, one.token) == (older.pk, older.token)
    assert (one.refused_at, one.last_asked_at, one.times_asked) == (refused, asked, 1)
    assert one.blind_index == contacts._blind_index(address, new)
    assert OutgoingMail.objects.get().mailbox == one


def test_a_key_that_a_mailbox_needs_is_not_dropped(kept, sealed, capsys):
    [old] = kept
    gone = contacts._blind_index("refused@hidden.example", old)
    make_mailbox(gone, refused_at=timezone.now())
    rotate()
    assert (
        "Key 2 of 2 is still needed: by 0 addresses and by 1 mailboxes" in capsys.readouterr().out
    )
    with pytest.raises(CommandError, match="still needed"):
        rotate("--drop-old")
    assert list(kept)[1:] == [old]
    again = make_comment(address="Refused@Hidden.example").contact
    assert gone in contacts.same_address(again), "so the refusal is still known"
    rotate("--drop-old")
    assert len(kept) == 1, "now that the address is kept, its mailbox could move"
    assert Mailbox.objects.get().refused_at


def test_mailboxes_can_be_given_up_on_purpose(kept, sealed):
    make_mailbox(contacts._blind_index("refused@hidden.example", kept[0]))
    current = make_mailbox(sealed["reader1@hidden.example"].blind_index)
    rotate()
    with pytest.raises(CommandError, match="goes with"):
        rotate("--forget-mailboxes")
    rotate("--drop-old", "--forget-mailboxes")
    assert len(kept) == 1
    assert list(Mailbox.objects.all()) == [current]


# --- Keys in the environment -----------------------------------------------------------------------


def test_with_keys_from_the_environment_it_says_which_may_be_taken_away(settings, capsys):
    first, second, third = new_key(), new_key(), new_key()
    settings.CONTACT_KEYS = [third]
    make_comment(address="a@hidden.example")
    settings.CONTACT_KEYS = [second, third]
    make_comment(address="b@hidden.example")
    make_mailbox(contacts._blind_index("c@hidden.example", third))
    settings.CONTACT_KEYS = [first, second, third]
    rotate()
    said = capsys.readouterr().out
    assert "Encrypted 2 of 2 addresses anew" in said
    assert "Nothing needs key 2 of CONTACT_KEYS any more" in said
    assert "Key 3 of 3 is still needed: by 0 addresses and by 1 mailboxes" in said
    assert not any(key in said for key in settings.CONTACT_KEYS)
    with pytest.raises(CommandError, match="take old ones away there"):
        rotate("--drop-old")


# --- The file of keys --------------------------------------------------------------------------------


def test_a_running_process_follows_the_file(tmp_path):
    kept = keys.contact_keys(tmp_path)
    [old] = kept
    new = new_key()
    keys.write_contact_keys(tmp_path / "contact_keys", [new, old])
    assert (list(kept), kept[0], kept[1:], len(kept)) == ([new, old], new, [old], 2)
    assert not {new, old} & set(re.findall(r"[\w=-]{40,}", repr(kept)))


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_text("nonsense")])
def test_a_spoilt_file_leaves_the_keys_that_were_read(tmp_path, spoil):
    kept = keys.contact_keys(tmp_path)
    before = list(kept)
    spoil(tmp_path / "contact_keys")
    assert list(kept) == before


def test_a_file_that_cannot_be_written_stays_as_it_is(tmp_path, monkeypatch):
    kept = keys.contact_keys(tmp_path)
    before = list(kept)
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        keys.write_contact_keys(tmp_path / "contact_keys", [new_key()])
    assert list(kept) == before
    assert [path.name for path in tmp_path.iterdir()] == ["contact_keys"]


# --- Indexes of earlier releases ---------------------------------------------------------------------


def test_the_migration_names_the_key_in_older_indexes(settings):
    old, new = new_key(), new_key()
    settings.CONTACT_KEYS = [old]
    contact = make_comment(address="older@hidden.example").contact
    lost = make_comment(address="lost@hidden.example").contact
    before = contact.blind_index[contacts.KEY_NAME_LENGTH :] + "0" * contacts.KEY_NAME_LENGTH
    Contact.objects.filter(pk=contact.pk).update(blind_index=before)
    sealed = Fernet(new_key()).encrypt(b"x")
    Contact.objects.filter(pk=lost.pk).update(blind_index="f" * 64, ciphertext=sealed)
    settings.CONTACT_KEYS = [new, old]
    import_module("comments.migrations.0003_indexes_name_their_key").name_keys(apps, None)
    assert found("older@hidden.example") == [contact]
    assert under(old) == 1
    assert Contact.objects.get(pk=lost.pk).blind_index == "f" * 64
