"""A letter: what a mail says, before anybody knows to whom it goes."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.crypto import salted_hmac
from django.utils.text import Truncator

from articles.models import Blog
from comments.models import Contact, OutgoingMail
from comments.untrusted import without_controls

# Of what visitors wrote and a mail repeats, in characters.
NAME, TITLE = 60, 100


def _nothing() -> None:
    return None


class NotSent(Exception):
    """A mail is not to be sent, now or later: ``str()`` says to the owner why, and names nobody."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What is said, and to whom: the address itself is looked up when it is posted."""

    recipient: Contact | User
    context: Mapping[str, object]
    headers: Mapping[str, str] = field(default_factory=dict)
    # Called when the mail server has taken it, in the transaction that writes that down.
    when_sent: Callable[[], None] = _nothing


def one_line(text: str, limit: int) -> str:
    """Return the text as it may stand in a subject: one line, nothing invisible, this long at most."""
    return Truncator(" ".join(without_controls(text).split())).chars(limit)


def clamped(text: str, limit: int) -> str:
    """Return the text with its lines, this long at most, and no more than one empty line in a row."""
    return Truncator(re.sub(r"\n{3,}", "\n\n", without_controls(text).strip())).chars(limit)


def quoted(text: str) -> str:
    """Return the text with the mark of a quotation before each line."""
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def write(mail: OutgoingMail, letter: Letter) -> EmailMultiAlternatives:
    """Return the message without its recipient: subject, text and HTML by the mail's kind."""
    context = {
        "site_name": one_line(Blog.current().name, 100),
        "site_url": settings.SITE_URL,
        **letter.context,
    }
    part = f"emails/{mail.kind}"
    message = EmailMultiAlternatives(
        subject=" ".join(render_to_string(f"{part}_subject.txt", context).split()),
        body=render_to_string(f"{part}.txt", context).strip() + "\n",
        headers={**_headers(mail), **letter.headers},
    )
    message.attach_alternative(render_to_string(f"{part}.html", context), "text/html")
    return message


def _headers(mail: OutgoingMail) -> dict[str, str]:
    """Return what says that nobody wrote this by hand (RFC 3834, 5), and which mail it is.

    The same mail sent twice, because a worker died in between, has one name: many mail programs
    then show it once. The name tells nothing, not even how many mails there are.
    """
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    name = salted_hmac("comments.mailing", f"{mail.pk} {mail.created_at.timestamp()}").hexdigest()
    return {"Auto-Submitted": "auto-generated", "Message-ID": f"<{name}@{host}>"}
