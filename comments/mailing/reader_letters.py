"""What readers are written: one question, and notices of replies."""

import datetime

from django.utils import timezone
from django.utils.text import Truncator

from articles.site_addresses import absolute, absolute_to
from comments import contacts
from comments.mailing import recipients
from comments.mailing.letters import (
    NAME,
    TITLE,
    Letter,
    NotSent,
    clamped,
    one_line,
    quoted,
)
from comments.models import (
    Comment,
    Contact,
    DiscussionSettings,
    MailKind,
    MailState,
    OutgoingMail,
    Subscription,
)
from comments.untrusted import without_controls

TEXT = 1_500  # characters
# Notices to one mailbox: whoever is published at once could fill it with replies.
NOTICES_A_DAY = 20
DAILY_LIMIT = "Daily limit of the mailbox"


def question(mail: OutgoingMail) -> Letter | None:
    """Return the mail that asks for a confirmation; None when nothing waits for one any more.

    Nothing in it was written by a visitor: it may go to somebody who never was here.
    """
    subscription, mailbox = mail.subscription, mail.mailbox
    if subscription is None or mailbox is None or not _are_enabled():
        return None
    contact = recipients.of_question(subscription)
    if contact is None:
        return None
    link = absolute_to("mailbox", mailbox.token)
    return Letter(recipient=contact, context={"link": link})


def notice(mail: OutgoingMail) -> Letter | None:
    """Return the mail that tells of a reply; None when it is not wanted or not shown any more.

    Raises ``NotSent`` when its mailbox has got enough of them today.
    """
    subscription, reply = mail.subscription, mail.comment
    if subscription is None or reply is None or not _are_enabled():
        return None
    contact = recipients.of_notice(subscription, reply)
    if contact is None:
        return None
    if _told_today(contact) >= NOTICES_A_DAY:
        raise NotSent(DAILY_LIMIT)
    return _notice(subscription, reply, contact)


def _told_today(contact: Contact) -> int:
    """Return how many notices the mailbox behind the contact got in the last day."""
    return OutgoingMail.objects.filter(
        kind=MailKind.NOTICE,
        state=MailState.SENT,
        sent_at__gt=timezone.now() - datetime.timedelta(days=1),
        subscription__comment__contact__blind_index__in=contacts.same_address(contact),
    ).count()


def _notice(subscription: Subscription, reply: Comment, contact: Contact) -> Letter:
    mute = absolute_to("mute_mail", subscription.token)
    said = clamped(reply.text, TEXT)
    context = {
        "name": one_line(reply.author_name, NAME),
        "title": one_line(reply.article.title, TITLE),
        "quoted": quoted(said),
        "html": Truncator(without_controls(reply.text_html)).chars(TEXT, html=True),
        "link": absolute(reply.get_absolute_url()),
        "mute": mute,
    }
    # RFC 8058: mail programs show a button that posts to this address.
    unsubscribe = {
        "List-Unsubscribe": f"<{mute}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    return Letter(recipient=contact, context=context, headers=unsubscribe)


def _are_enabled() -> bool:
    return DiscussionSettings.current().reply_notices_enabled
