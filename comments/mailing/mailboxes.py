"""What was agreed with the address behind a comment, without knowing the address."""

from django.db.models import F, QuerySet

from comments import contacts
from comments.models import Contact, Mailbox, Subscription, SubscriptionState


def locked(contact: Contact) -> Mailbox:
    """Return the mailbox of the contact's address, made if need be; to be called in a transaction.

    It takes the index of this contact, so that it is found from here whichever key is the newest.
    """
    same = _of(contact)
    if not same.exists():
        Mailbox.objects.get_or_create(blind_index=contact.blind_index)
    # A refusal holds for every row that means this address.
    rows = list(same.select_for_update().order_by(F("refused_at").asc(nulls_last=True), "pk"))
    mailbox = rows[0]
    if all(row.blind_index != contact.blind_index for row in rows):
        mailbox.blind_index = contact.blind_index
        mailbox.save(update_fields=["blind_index"])
    return mailbox


def is_refused(contact: Contact) -> bool:
    """Say whether whoever reads that mailbox wants nothing from here."""
    return _of(contact).filter(refused_at__isnull=False).exists()


def _of(contact: Contact) -> QuerySet[Mailbox]:
    return Mailbox.objects.filter(blind_index__in=contacts.same_address(contact))


def subscriptions_of(mailbox: Mailbox) -> QuerySet[Subscription]:
    """Return the wishes of everybody who typed this address, oldest first."""
    contact = Contact.objects.filter(blind_index=mailbox.blind_index).first()
    indexes = contacts.same_address(contact) if contact else [mailbox.blind_index]
    found = Subscription.objects.filter(comment__contact__blind_index__in=indexes)
    return found.select_related("comment__article").order_by("pk")


def end(subscriptions: QuerySet[Subscription]) -> None:
    """End these wishes from the side of the mailbox; not taken up again without its owner's new yes."""
    subscriptions.update(confirmed_at=None)
    # The author's own page goes on saying what was done there.
    subscriptions.exclude(state=SubscriptionState.MUTED).update(state=SubscriptionState.ENDED)
