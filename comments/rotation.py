"""Changing the keys of commenters' addresses, while the site runs.

Every address is encrypted anew with the first key, a few at a time, each few in a transaction under row
locks: whoever comments meanwhile waits for milliseconds. What was done stays done; run again after a
kill, it goes on with what is left.

A mailbox (what was agreed with an address: ``comments.mailing``) holds an index and no ciphertext. It moves to
the new key together with a contact of the same address. Where no such contact is kept any more, nobody can
tell the address, and only the old key recognises it when it is typed again.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cryptography.fernet import InvalidToken
from django.db import transaction
from django.db.models import Count, QuerySet
from django.db.models.functions import Left

from comments import contacts
from comments.models import Contact, Mailbox, OutgoingMail

AT_ONCE = 200  # contacts


@dataclass
class Resealing:
    """What one pass has done: contacts looked at and changed, mailboxes moved."""

    contacts: int = 0
    changed: int = 0
    mailboxes: int = 0
    # Numbers of the contacts that no key opens.
    unreadable: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Use:
    """How many rows stand under a key."""

    contacts: int
    mailboxes: int

    @property
    def is_needed(self) -> bool:
        return bool(self.contacts or self.mailboxes)


def reseal_everything(keys: Sequence[str]) -> Resealing:
    """Bring every contact, and every mailbox that can be, under the first of the keys.

    Repeated until nothing is left to do: somebody may have commented with the old key meanwhile.
    """
    done = _pass(keys)
    while True:
        again = _pass(keys)
        done.contacts, done.unreadable = again.contacts, again.unreadable
        if not (again.changed or again.mailboxes):
            return done
        done.changed += again.changed
        done.mailboxes += again.mailboxes


def _pass(keys: Sequence[str]) -> Resealing:
    done, after = Resealing(), 0
    while chunk := _chunk(keys, after, done):
        after = chunk
    return done


@transaction.atomic
def _chunk(keys: Sequence[str], after: int, done: Resealing) -> int:
    """Reseal the next few contacts; return the number of the last one, 0 when there are no more."""
    following = Contact.objects.select_for_update().filter(pk__gt=after).order_by("pk")
    found = list(following[:AT_ONCE])
    changed, moves = list[Contact](), dict[str, str]()
    for contact in found:
        try:
            has_changed, others = contacts.reseal(contact, keys)
        except InvalidToken:
            done.unreadable.append(contact.pk)
            continue
        moves.update(dict.fromkeys(others, contact.blind_index))
        if has_changed:
            changed.append(contact)
    Contact.objects.bulk_update(changed, ["ciphertext", "blind_index"])
    done.mailboxes += _move_mailboxes(moves)
    done.contacts += len(found)
    done.changed += len(changed)
    return found[-1].pk if found else 0


def _move_mailboxes(moves: Mapping[str, str]) -> int:
    old = Mailbox.objects.select_for_update().filter(blind_index__in=moves).order_by("pk")
    moved = list(old)
    for mailbox in moved:
        index, kept = moves[mailbox.blind_index], mailbox
        for other in Mailbox.objects.select_for_update().filter(blind_index=index):
            kept, gone = sorted((mailbox, other), key=lambda one: one.pk)
            _merge(kept, gone)
        kept.blind_index = index
        kept.save()
    return len(moved)


def _merge(kept: Mailbox, gone: Mailbox) -> None:
    """Make one of two for the same address: the older, whose link stands in mails; a refusal holds."""
    kept.refused_at = kept.refused_at or gone.refused_at
    kept.times_asked = max(kept.times_asked, gone.times_asked)
    asked = [mailbox.last_asked_at for mailbox in (kept, gone) if mailbox.last_asked_at]
    kept.last_asked_at = max(asked, default=None)
    OutgoingMail.objects.filter(mailbox=gone).update(mailbox=kept)
    gone.delete()


def uses(keys: Sequence[str], *, apart_from: Sequence[int] = ()) -> list[Use]:
    """Return how many rows stand under each of the keys, apart from contacts with these numbers."""
    under_contacts = _by_key(Contact.objects.exclude(pk__in=apart_from))
    under_mailboxes = _by_key(Mailbox.objects.all())
    names = map(contacts.key_name, keys)
    return [Use(under_contacts[name], under_mailboxes[name]) for name in names]


def _by_key(rows: QuerySet[Contact] | QuerySet[Mailbox]) -> Counter[str]:
    named = rows.annotate(key=Left("blind_index", contacts.KEY_NAME_LENGTH)).order_by()
    return Counter(
        {row["key"]: row["rows"] for row in named.values("key").annotate(rows=Count("pk"))}
    )


def mailboxes_under(keys: Sequence[str]) -> QuerySet[Mailbox]:
    """Return the mailboxes that stand under one of these keys."""
    rows = Mailbox.objects.annotate(key=Left("blind_index", contacts.KEY_NAME_LENGTH))
    return rows.filter(key__in=[contacts.key_name(key) for key in keys])
