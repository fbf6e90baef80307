"""Handing a mail to the mail server: the one place that knows to which address it goes.

Mail servers like to repeat the address in what they answer. So no exception leaves this module:
what is kept of one is the name of its class and the server's code.
"""

import logging
import re
import smtplib
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from comments import contacts
from comments.mailing import letters, moderator_letters, reader_letters
from comments.mailing.letters import Letter, NotSent
from comments.models import Contact, MailKind, MailState, OutgoingMail

logger = logging.getLogger(__name__)

_WRITERS: dict[str, Callable[[OutgoingMail], Letter | None]] = {
    MailKind.CONFIRM: reader_letters.question,
    MailKind.NOTICE: reader_letters.notice,
    MailKind.DIGEST: moderator_letters.waiting,
    MailKind.WEEKLY: moderator_letters.binned,
}
# An enhanced code 5.7.x speaks of the sender's rights (RFC 3463, 3.8): the mailbox may be well.
_POLICY = re.compile(rb"\s*5\.7\.")


@dataclass(frozen=True)
class Outcome:
    """What became of one attempt."""

    state: MailState
    letter: Letter | None = None
    fault: str = ""
    # Whether another attempt would meet the same.
    is_final: bool = True
    # Whether the server says that there is no such mailbox.
    is_unreachable: bool = False


def post(mail: OutgoingMail) -> Outcome:
    """Write the mail as things are now, and send it; never raises, and never says to whom."""
    try:
        letter = _WRITERS[mail.kind](mail)
        if letter is None:
            return Outcome(MailState.DROPPED)
        message = letters.write(mail, letter)
        message.to = [_address(letter)]
        message.send()
    except NotSent as reason:
        return Outcome(MailState.DROPPED, fault=str(reason))
    except Exception as error:
        outcome = _failure(error)
        said = (mail.pk, mail.kind, outcome.fault, _place(error))
        logger.warning("Mail %s (%s) was not sent: %s at %s", *said)
        return outcome
    return Outcome(MailState.SENT, letter)


def _place(error: Exception) -> str:
    """Return the line of code that failed: a traceback would end with the error's own words."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{last.filename}:{last.lineno}"


def _address(letter: Letter) -> str:
    recipient = letter.recipient
    if isinstance(recipient, Contact):
        return contacts.address_for_mail(recipient)
    return recipient.email


def _failure(error: Exception) -> Outcome:
    """Say what went wrong, of which nothing but the class and a code is taken over."""
    name = type(error).__name__
    refusals = _refusals(error)
    code = max((code for code, _ in refusals), default=getattr(error, "smtp_code", None))
    fault = f"{name} {code}" if isinstance(code, int) and code > 0 else name
    is_refused = bool(refusals) and all(500 <= code < 600 for code, _ in refusals)
    return Outcome(
        MailState.FAILED,
        fault=fault,
        is_final=is_refused or _is_refused_content(error),
        is_unreachable=is_refused and not any(_POLICY.match(said) for _, said in refusals),
    )


def _refusals(error: Exception) -> list[tuple[int, bytes]]:
    if not isinstance(error, smtplib.SMTPRecipientsRefused):
        return []
    return [(int(code), bytes(said)) for code, said in error.recipients.values()]


def _is_refused_content(error: Exception) -> bool:
    return isinstance(error, smtplib.SMTPDataError) and 500 <= error.smtp_code < 600
