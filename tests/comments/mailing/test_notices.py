"""Notices: once for each reply, to who confirmed, of what is shown, of what somebody else said."""

import pytest
from cryptography.fernet import Fernet
from django.core import mail
from django.utils import timezone

from articles.models import Article
from comments.mailing import mailboxes, notices, reader_letters, subscriptions
from comments.mailing.reader_letters import DAILY_LIMIT, NOTICES_A_DAY
from comments.models import (
    DiscussionSettings,
    MailState,
    ModerationEvent,
    OutgoingMail,
    Status,
    SubscriptionState,
)
from tests.builders import make_comment, make_user
from tests.comments.mailing.conftest import (
    DAY,
    MINUTE,
    READER,
    everything_said,
    html_of,
    mailbox_of,
    make_answer,
    make_wish,
    sent_to,
)

pytestmark = pytest.mark.django_db


def plan_notice(confirmed):
    """Return a reply of which the notice is planned, and not sent yet."""
    reply = make_answer(confirmed.comment)
    notices.follow(list(reply.events.all()))
    return reply


def test_a_reply_is_told_once(confirmed, work, tidy):
    reply = make_answer(confirmed.comment, author_name="Zed", text="Well *said*.\n\nAnd more.")
    work()
    reply.hold()
    reply.approve()
    work()
    tidy()
    (message,) = mail.outbox
    assert message.to == [READER]
    assert message.subject == "Zed replied to your comment on “Recovery from Disconnection”"
    said = everything_said(message)
    assert f"http://127.0.0.1:8000{reply.get_absolute_url()}" in said
    assert "> Well *said*.\n>\n> And more." in said
    assert "<p>Well <em>said</em>.</p>" in said


def test_it_carries_one_click_unsubscription(confirmed, work):
    make_answer(confirmed.comment)
    work()
    headers = mail.outbox[0].message()
    link = f"http://127.0.0.1:8000/mail/mute/{confirmed.token}/"
    assert headers["List-Unsubscribe"] == f"<{link}>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert everything_said(mail.outbox[0]).count(link) == 3, "header, text and HTML"


def test_no_address_stands_in_it(confirmed, work):
    make_answer(confirmed.comment, address="replier@secret.example")
    work()
    said = everything_said(mail.outbox[0])
    assert "secret.example" not in said
    assert "hidden-mailbox" not in said


def test_only_the_direct_parent_is_told(article, confirmed, work):
    between = make_answer(confirmed.comment)
    work()
    mail.outbox.clear()
    make_answer(between)
    make_comment(article, status=Status.APPROVED)
    work()
    assert mail.outbox == []


@pytest.mark.parametrize("status", [Status.PENDING, Status.SPAM, Status.TRASH])
def test_what_is_not_shown_is_not_told(confirmed, work, status):
    make_answer(confirmed.comment, status=status)
    work()
    assert mail.outbox == []


def test_it_is_told_when_it_is_approved(confirmed, work):
    reply = make_answer(confirmed.comment, status=Status.PENDING)
    work()
    reply.approve()
    work()
    assert len(sent_to(READER)) == 1


@pytest.mark.parametrize("state", [SubscriptionState.WAITING, SubscriptionState.MUTED])
def test_nobody_is_told_who_has_not_confirmed_or_wants_no_more(confirmed, work, state):
    confirmed.state = state
    confirmed.save()
    make_answer(confirmed.comment)
    work()
    assert not [subject for subject in sent_to(READER) if "replied" in subject]


@pytest.mark.parametrize("has_new_keys", [False, True])
def test_nobody_is_told_of_what_they_said_themselves(confirmed, work, settings, has_new_keys):
    if has_new_keys:
        settings.CONTACT_KEYS = [Fernet.generate_key().decode(), *settings.CONTACT_KEYS]
    make_answer(confirmed.comment, address=READER.title())
    work()
    assert mail.outbox == []


def test_a_reply_without_an_address_is_told(confirmed, work):
    make_answer(confirmed.comment, address="", user=make_user())
    work()
    assert len(sent_to(READER)) == 1


def test_old_approvals_are_not_told(confirmed):
    make_answer(confirmed.comment)
    ModerationEvent.objects.update(at=timezone.now() - 2 * DAY - MINUTE)
    notices.follow(list(ModerationEvent.objects.select_related("comment")))
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda wish, reply: reply.hold(),
        lambda wish, reply: reply.mark_spam(),
        lambda wish, reply: wish.comment.move_to_trash(),
        lambda wish, reply: subscriptions.mute(wish),
        lambda wish, reply: wish.comment.contact.delete(),
        lambda wish, reply: Article.objects.update(status=Article.Status.DRAFT),
        lambda wish, reply: DiscussionSettings(pk=1, reply_notices_enabled=False).save(),
    ],
    ids=["held", "spam", "own comment gone", "muted", "erased", "unpublished", "switched off"],
)
def test_what_changed_before_it_was_sent_drops_it(confirmed, run_tasks, meanwhile):
    reply = plan_notice(confirmed)
    meanwhile(confirmed, reply)
    run_tasks()
    assert mail.outbox == []
    assert OutgoingMail.objects.get().state == MailState.DROPPED


def test_what_was_dropped_is_told_when_it_is_shown_after_all(confirmed, work, run_tasks):
    reply = plan_notice(confirmed)
    reply.hold()
    run_tasks()
    reply.approve()
    work()
    assert len(sent_to(READER)) == 1
    assert OutgoingMail.objects.get().state == MailState.SENT


def test_a_refusal_meanwhile_drops_it(confirmed, work, run_tasks):
    plan_notice(confirmed)
    mailbox = mailboxes.locked(confirmed.comment.contact)
    subscriptions.refuse(mailbox)
    # Even if the wish itself had been confirmed by another way.
    confirmed.save()
    run_tasks()
    assert mail.outbox == []


def test_what_was_answered_before_the_confirmation_is_told_then(article, work):
    wish = make_wish(article)
    wish.comment.approve()
    make_answer(wish.comment, author_name="Ann", user=make_user(), address="")
    make_answer(wish.comment, author_name="Held", status=Status.PENDING)
    work()
    assert [message.subject[:14] for message in mail.outbox] == ["Please confirm"]
    subscriptions.confirm(mailbox_of(wish))
    work()
    assert [subject.split()[0] for subject in sent_to(READER)] == ["Please", "Ann"]


def test_a_name_cannot_add_headers(confirmed, work):
    evil = "Zed\r\nBcc: victim@example.org\n\n\u202etxet\x1b"
    make_answer(confirmed.comment, author_name=evil, text="Hi\r\n.\r\nRCPT TO:<victim@x.example>")
    work()
    (message,) = mail.outbox
    assert message.recipients() == [READER]
    parsed = message.message()
    assert parsed["Bcc"] is None
    assert message.subject.startswith("Zed Bcc: victim@example.org txet replied")


def test_names_and_texts_are_escaped_in_html_and_plain_in_text(confirmed, work):
    make_answer(confirmed.comment, author_name="<b>A & B</b>", text="1 < 2 & <img src=x>")
    work()
    (message,) = mail.outbox
    html = html_of(message)
    assert "&lt;b&gt;A &amp; B&lt;/b&gt;" in html
    assert "<img" not in html
    assert "1 < 2 & <img src=x>" in message.body
    assert "<b>A & B</b> replied" in message.subject


def test_long_texts_are_cut(confirmed, work):
    make_answer(confirmed.comment, text="word " * 1_900, author_name="N" * 245)
    work()
    (message,) = mail.outbox
    assert len(message.body) < 2_500
    assert len(message.subject) < 200


def test_it_is_marked_as_automatic_and_named_after_the_site(confirmed, work, settings):
    settings.SITE_URL = "https://blog.example.org"
    make_answer(confirmed.comment)
    work()
    headers = mail.outbox[0].message()
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["Message-ID"].endswith("@blog.example.org>")
    assert headers["From"] == settings.DEFAULT_FROM_EMAIL
    assert headers["Reply-To"] is None
    html = html_of(mail.outbox[0])
    assert "<img" not in html, "no tracking"
    assert html.count("https://blog.example.org/mail/mute/") == 1


def test_the_html_part_shows_what_the_site_shows(confirmed, work):
    text = (
        "[Here](https://there.example/a) `code` ![no](https://evil.example/pixel.png)\n\n> quoted"
    )
    make_answer(confirmed.comment, text=text)
    work()
    html = html_of(mail.outbox[0])
    for shown in ('<a href="https://there.example/a"', "<code>code</code>", "<blockquote>"):
        assert shown in html
    assert "<img" not in html
    assert "](https://there.example/a)" in mail.outbox[0].body, "the text part is plain"


def test_a_long_text_is_cut_without_breaking_its_html(confirmed, work):
    make_answer(confirmed.comment, text="> **" + "word " * 1_900 + "end**")
    work()
    html = html_of(mail.outbox[0])
    assert len(html) < 4_000
    assert "…</strong></p></blockquote>" in html.replace("\n", "")


def test_a_mailbox_gets_so_many_notices_a_day_and_no_more(article, confirmed, work, clock):
    same = make_wish(article, status=Status.APPROVED)
    subscriptions.confirm(mailboxes.locked(same.comment.contact))
    for number in range(NOTICES_A_DAY + 3):
        make_answer((confirmed, same)[number % 2].comment, text=f"Flood {number}")
    work()
    work()
    assert len(sent_to(READER)) == NOTICES_A_DAY
    dropped = OutgoingMail.objects.filter(state=MailState.DROPPED)
    assert [mail.fault for mail in dropped] == [DAILY_LIMIT] * 3
    clock.forward(DAY + MINUTE)
    make_answer(confirmed.comment)
    work()
    assert len(sent_to(READER)) == NOTICES_A_DAY + 1


def test_the_limit_of_one_mailbox_is_not_another_ones(article, confirmed, work, monkeypatch):
    monkeypatch.setattr(reader_letters, "NOTICES_A_DAY", 1)
    other = make_wish(article, address="other@reader.example", status=Status.APPROVED)
    subscriptions.confirm(mailboxes.locked(other.comment.contact))
    for wish in (confirmed, other):
        make_answer(wish.comment)
    work()
    assert len(sent_to(READER)) == len(sent_to("other@reader.example")) == 1
