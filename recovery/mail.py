"""Mail without a mail server: printed where the site's log goes."""

import copy
import re

from django.conf import settings
from django.core.mail import EmailAlternative, EmailMessage, EmailMultiAlternatives
from django.core.mail.backends import console

from recovery.logs import PRIVATE_PLACES

_HIDDEN = "(hidden)"
_NOTE = (
    "The secret parts of its links are hidden here, as logs are read by many. Mail that EMAIL_URL sends "
    "has them; to see them here, on your own machine, start the site with DEBUG=on."
)


class HiddenConsoleBackend(console.EmailBackend):
    """Prints mails without their recipients, and without the secrets of their links.

    What is logged is kept, and read by many: a link of these mails acts without a login. With
    ``DEBUG`` they are printed, so that everything can be tried without a mail server.
    """

    def write_message(self, message: EmailMessage) -> None:
        shown = _without_recipients(message)
        if not settings.DEBUG:
            _hide_secrets(shown)
        text = shown.message().as_bytes().decode(errors="replace")
        note = f"\n{_NOTE}" if f"/{_HIDDEN}" in text else ""
        self.stream.write(f"{text}{note}\n{'-' * 79}\n")


def _without_recipients(message: EmailMessage) -> EmailMessage:
    shown = copy.copy(message)
    shown.extra_headers = {
        name: value
        for name, value in message.extra_headers.items()
        if name.lower() not in ("to", "cc", "bcc", "reply-to")
    }
    shown.to, shown.cc, shown.bcc, shown.reply_to = [_HIDDEN], [], [], []
    return shown


def _hide_secrets(shown: EmailMessage) -> None:
    shown.body = _hidden(str(shown.body))
    shown.extra_headers = {name: _hidden(str(value)) for name, value in shown.extra_headers.items()}
    if isinstance(shown, EmailMultiAlternatives):
        shown.alternatives = [
            EmailAlternative(_hidden(str(content)), mimetype)
            for content, mimetype in shown.alternatives
        ]


def _hidden(text: str) -> str:
    site = re.escape(settings.SITE_URL)
    return re.sub(rf"({site}/(?:{PRIVATE_PLACES})/)[^/\s<>\"']+", rf"\1{_HIDDEN}", text)
