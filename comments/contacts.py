"""Commenters' addresses: sealed on the way in, revealed only on purpose.

An address leaves the database by one door: ``reveal()`` by a permitted person, which is logged.
At rest it is ciphertext (Fernet, newest key of ``CONTACT_KEYS``) beside a blind index (HMAC-SHA256
under a key derived from the same), which finds equal addresses without showing them.
"""

import hashlib
import hmac

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from comments.models import Comment, Contact, ContactReveal

REVEAL_PERMISSION = "comments.reveal_contact"


def _normalise(address: str) -> bytes:
    # The local part is formally case-sensitive (RFC 5321 2.4); no living provider treats it so.
    return address.strip().casefold().encode()


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.CONTACT_KEYS])


def _blind_index(address: str, key: str) -> str:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"recovery contact blind index").derive(
        key.encode()
    )
    return hmac.new(derived, _normalise(address), hashlib.sha256).hexdigest()


def seal(comment: Comment, address: str) -> Contact:
    """Keep the address behind the comment, encrypted with the newest key."""
    return Contact.objects.create(
        comment=comment,
        ciphertext=_fernet().encrypt(address.strip().encode()),
        blind_index=_blind_index(address, settings.CONTACT_KEYS[0]),
    )


def _with_address(address: str) -> QuerySet[Contact]:
    """Return the contacts that hold this full address, whichever key was current then."""
    return Contact.objects.filter(
        blind_index__in=[_blind_index(address, key) for key in settings.CONTACT_KEYS]
    )


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
