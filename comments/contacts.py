"""Commenters' addresses: sealed on the way in, revealed only on purpose.

An address leaves the database by two doors: ``reveal()`` by a permitted person, which is logged, and
``address_for_mail()`` when a mail that its owner asked for, or is asked about, is handed to the mail server.
At rest it is ciphertext (Fernet, newest key of ``CONTACT_KEYS``) beside a blind index (HMAC-SHA256
under a key derived from the same), which finds equal addresses without showing them. The index begins
with a name of its key, so that one can say which keys are needed without opening anything.
"""

import hmac
from collections.abc import Sequence
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from articles.prepared import PreparedInsert
from comments.models import Comment, Contact, ContactReveal

REVEAL_PERMISSION = "comments.reveal_contact"
INDEX_LENGTH, KEY_NAME_LENGTH = 64, 8


def _normalise(address: str) -> bytes:
    # The local part is formally case-sensitive (RFC 5321 2.4); no living provider treats it so.
    return address.strip().casefold().encode()


def _fernet(keys: Sequence[str] | None = None) -> MultiFernet:
    return MultiFernet([_opened(key) for key in keys or settings.CONTACT_KEYS])


_opened = lru_cache(maxsize=32)(Fernet)


@lru_cache(maxsize=32)
def _derived(key: str, purpose: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length=length, salt=None, info=purpose).derive(key.encode())


def key_name(key: str) -> str:
    """Return eight characters that name a key and tell nothing of it."""
    return _derived(key, b"recovery contact key name", KEY_NAME_LENGTH // 2).hex()


def _blind_index(address: str, key: str) -> str:
    secret = _derived(key, b"recovery contact blind index", 32)
    mac = hmac.digest(secret, _normalise(address), "sha256").hex()
    return key_name(key) + mac[: INDEX_LENGTH - KEY_NAME_LENGTH]


def seal(comment: Comment, address: str) -> Contact:
    """Keep the address behind the comment, encrypted with the newest key."""
    # Read once: keys may change while this runs, and both columns are to be under the same one.
    key = settings.CONTACT_KEYS[0]
    contact = Contact(
        comment=comment,
        ciphertext=_fernet([key]).encrypt(address.strip().encode()),
        blind_index=_blind_index(address, key),
    )
    _write_contact(contact)
    return contact


_write_contact = PreparedInsert(Contact)


def reseal(contact: Contact, keys: Sequence[str]) -> tuple[bool, list[str]]:
    """Put the address under the first of the keys, unsaved.

    Returns whether anything changed, and the indexes that the address has under the other keys.
    Raises ``cryptography.fernet.InvalidToken`` when none of the keys fits.
    """
    sealed = bytes(contact.ciphertext)
    address = _fernet(keys).decrypt(sealed).decode()
    index, *others = (_blind_index(address, key) for key in keys)
    if contact.blind_index == index and _opens(keys[0], sealed):
        return False, others
    # As it says when it was sealed, which rotate() keeps.
    contact.ciphertext, contact.blind_index = _fernet(keys).rotate(sealed), index
    return True, others


def _opens(key: str, sealed: bytes) -> bool:
    try:
        Fernet(key).decrypt(sealed)
    except InvalidToken:
        return False
    return True


def _with_address(address: str) -> QuerySet[Contact]:
    """Return the contacts that hold this full address, whichever key was current then."""
    return Contact.objects.filter(
        blind_index__in=[_blind_index(address, key) for key in settings.CONTACT_KEYS]
    )


def same_address(contact: Contact) -> list[str]:
    """Return the blind indexes that other contacts and mailboxes with this address may have.

    One for each key, so that what was agreed with an address holds after the keys have changed;
    only its own when no key reads it any more.
    """
    try:
        address = _fernet().decrypt(bytes(contact.ciphertext)).decode()
    except InvalidToken:
        return [contact.blind_index]
    indexes = [_blind_index(address, key) for key in settings.CONTACT_KEYS]
    return list(dict.fromkeys([contact.blind_index, *indexes]))


def _refuse_stranger(user: User, reason: str) -> None:
    if not user.has_perm(REVEAL_PERMISSION):
        raise PermissionDenied("You may not see the addresses behind comments.")
    if not reason.strip():
        raise ValueError("Say why you need the address.")


def _log(contact: Contact, reason: str, user: User) -> None:
    ContactReveal.objects.create(
        comment_id=contact.comment_id, user=user, reason=reason.strip()[:200]
    )


@transaction.atomic
def find(address: str, *, reason: str, user: User) -> list[Contact]:
    """Return the contacts with this full address: to be told so reveals it, so each is logged.

    Raises as ``reveal()`` does.
    """
    _refuse_stranger(user, reason)
    found = list(_with_address(address).select_related("comment"))
    for contact in found:
        _log(contact, reason, user)
    return found


@transaction.atomic
def reveal(contact: Contact, *, reason: str, user: User) -> str:
    """Return the address in clear, after writing down who asked and why.

    Raises ``PermissionDenied`` without the permission ``comments.reveal_contact``, ``ValueError``
    without a reason, ``cryptography.fernet.InvalidToken`` when no key of ``CONTACT_KEYS`` fits.
    """
    _refuse_stranger(user, reason)
    address = _fernet().decrypt(bytes(contact.ciphertext)).decode()
    _log(contact, reason, user)
    return address


def address_for_mail(contact: Contact) -> str:
    """Return the address in clear, to send a mail to: for ``comments.mailing.posting`` alone.

    Raises ``cryptography.fernet.InvalidToken`` when no key of ``CONTACT_KEYS`` fits.
    """
    return _fernet().decrypt(bytes(contact.ciphertext)).decode()
