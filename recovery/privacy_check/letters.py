"""Mail: what readers and moderators get, what a mail server says of it, what the console shows."""

import re
import smtplib
from collections.abc import Iterator, Sequence
from email.message import Message
from io import StringIO
from typing import Final

from django.conf import settings
from django.core import mail
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from recovery import environment
from recovery.privacy_check import canary
from recovery.privacy_check.ledger import Ledger
from recovery.privacy_check.scene import STAFF_ADDRESS

SECTION: Final = "Mail"
KEEPING: Final = "django.core.mail.backends.locmem.EmailBackend"
REFUSING: Final = f"{__name__}.Refusing"


class Refusing(BaseEmailBackend):
    """A mail server that takes nothing for now, and repeats the address in its answer as they like to do."""

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        for message in messages:
            said = {to: (451, f"4.7.1 <{to}>: later".encode()) for to in message.recipients()}
            raise smtplib.SMTPRecipientsRefused(said)
        return 0


def sent() -> list[EmailMessage]:
    """Return what was sent so far."""
    return list(getattr(mail, "outbox", []))


def to_reader(message: EmailMessage) -> bool:
    """Say whether it goes to the canary, and to nobody else."""
    return message.recipients() == [canary.ADDRESS]


def look(ledger: Ledger) -> None:
    """Look at every mail; only the one who is written to may be named, and only as that."""
    for message in sent():
        whole, name = message.message(), _name(message)
        if to_reader(message):
            del whole["To"]
        for where, data in _parts(whole):
            ledger.look(SECTION, name, data, where)
    for wanted in (_READER, _STAFF):
        if not ledger.place(SECTION, wanted).looks:
            ledger.fault(SECTION, wanted, "None was sent: there was nothing to look at")
    ledger.look(SECTION, "shown on the console", _on_console())


_READER, _STAFF, _OTHERS = "to the reader", "to moderators", "to others"


def _name(message: EmailMessage) -> str:
    if to_reader(message):
        return _READER
    return _STAFF if message.recipients() == [STAFF_ADDRESS] else _OTHERS


def _parts(message: Message) -> Iterator[tuple[str, bytes]]:
    """Return the mail as it is sent, and each of its parts decoded."""
    yield "as it is sent", message.as_bytes()
    for part in message.walk():
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            yield part.get_content_type(), payload


def _on_console() -> str:
    """Return what is printed of the mails where no mail server is set."""
    backend, stream = environment.email("")["EMAIL_BACKEND"], StringIO()
    get_connection(backend, stream=stream).send_messages(sent())
    return stream.getvalue()


def links(message: EmailMessage) -> list[str]:
    """Return the paths on this site that a mail leads to."""
    site = re.escape(settings.SITE_URL)
    found = re.findall(rf"{site}(/[^\s<>\"']*)", str(message.body))
    return list(dict.fromkeys([*found, *unsubscribing(message)]))


def unsubscribing(message: EmailMessage) -> list[str]:
    """Return the path to which a mail program posts to end such mail (RFC 8058), if there is one."""
    header = str(message.extra_headers.get("List-Unsubscribe", ""))
    return re.findall(rf"<{re.escape(settings.SITE_URL)}(/[^>]*)>", header)
