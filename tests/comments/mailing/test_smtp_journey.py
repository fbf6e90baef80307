"""The whole way of a wish, with a mail server of this machine: asked, confirmed, told, ended."""

import email
import email.policy
import re
from urllib.parse import urlsplit

import pytest
from aiosmtpd.controller import Controller
from django.urls import reverse

from comments import tokens
from comments.mailing import outbox
from comments.models import Comment, MailState, OutgoingMail, Status, SubscriptionState
from tests.comments.mailing.conftest import READER, state_of

pytestmark = pytest.mark.django_db(transaction=True)
SECOND = "second.marker@elsewhere.example"


class Post:
    """Takes every mail but those to ``unknown``, as a mail server does."""

    def __init__(self):
        self.envelopes = []
        self.unknown = set()

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address in self.unknown:
            return f"550 5.1.1 <{address}>: no such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.envelopes.append(envelope)
        return "250 taken"

    def last(self):
        content = self.envelopes[-1].original_content
        return email.message_from_bytes(content, policy=email.policy.default)


class AnyPort(Controller):
    """Listens at whatever port is free, which the library's own look at itself does not foresee."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def post(settings):
    """A mail server on loopback, to which the site sends through Django's own SMTP backend."""
    handler = Post()
    controller = AnyPort(handler, hostname="127.0.0.1", port=0)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = controller.port
    yield handler
    controller.stop()


def say(client, article, text, address=READER, **data) -> Comment:
    typed = {"comment": text, "author": "Ann", "email": address, "token": tokens.issue(article)}
    response = client.post(reverse("reply", args=[article.slug]), {**typed, **data})
    assert response.status_code == 303
    return Comment.objects.latest("pk")


def path_in(message, pattern: str) -> str:
    found = re.search(rf"http://127\.0\.0\.1:8000({pattern})", str(message))
    assert found
    return found[1]


def test_asked_confirmed_told_and_ended(client, article, moderator, run_tasks, post):
    comment = say(client, article, "Who knows?", notify="on")
    run_tasks()
    assert comment.status == Status.PENDING
    assert post.envelopes == [], "nothing before approval"

    comment.approve(by=moderator)
    run_tasks()
    assert [envelope.rcpt_tos for envelope in post.envelopes] == [[READER]]
    question = post.last()
    assert question["Subject"] == "Please confirm: replies by mail from Recovery"
    assert question["To"] == READER
    assert question["Auto-Submitted"] == "auto-generated"
    assert {part.get_content_type() for part in question.walk()} >= {"text/plain", "text/html"}
    mailbox = path_in(question.get_body(("plain",)).get_content(), r"/mail/[^/\s]+/")
    assert client.get(mailbox).status_code == 200
    assert state_of(comment.subscription) == SubscriptionState.WAITING
    assert client.post(mailbox, {"answer": "yes"}).status_code == 200

    reply = say(client, article, "I do — naïvely.", SECOND, parent=comment.pk, author="Zoë")
    run_tasks()
    assert len(post.envelopes) == 1
    reply.approve(by=moderator)
    run_tasks()
    assert post.envelopes[1].rcpt_tos == [READER]
    notice = post.last()
    assert notice["Subject"].strip() == f"Zoë replied to your comment on “{article.title}”"
    assert "> I do — naïvely." in notice.get_body(("plain",)).get_content()
    assert SECOND.encode() not in post.envelopes[1].original_content
    assert notice["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    mute = urlsplit(notice["List-Unsubscribe"].strip(" <>")).path
    client.get(mute)
    assert state_of(comment.subscription) == SubscriptionState.CONFIRMED
    body = "List-Unsubscribe=One-Click"
    client.post(mute, body, content_type="application/x-www-form-urlencoded")
    assert state_of(comment.subscription) == SubscriptionState.ENDED
    say(client, article, "Me too.", SECOND, parent=comment.pk).approve(by=moderator)
    run_tasks()
    assert len(post.envelopes) == 2
    assert set(OutgoingMail.objects.values_list("state", flat=True)) == {MailState.SENT}


def test_a_mailbox_that_is_not_there(client, article, moderator, run_tasks, post, caplog):
    post.unknown.add(READER)
    say(client, article, "Who knows?", notify="on").approve(by=moderator)
    run_tasks()
    row = OutgoingMail.objects.get()
    assert (row.state, row.fault) == (MailState.FAILED, "SMTPRecipientsRefused 550")
    assert state_of(row.subscription) == SubscriptionState.ENDED
    # The mail server of these tests has a log of its own, which is not ours to keep clean.
    ours = [record.getMessage() for record in caplog.records if record.name != "mail.log"]
    assert "SMTPRecipientsRefused 550 at " in "".join(ours)
    assert READER not in "".join(ours)


def test_a_server_that_is_not_there_is_tried_again(
    client, article, moderator, run_tasks, settings, post
):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    say(client, article, "Who knows?", notify="on").approve(by=moderator)
    run_tasks()
    row = OutgoingMail.objects.get()
    assert (row.state, row.fault) == (MailState.WAITING, "ConnectionRefusedError")
    settings.EMAIL_PORT = port
    OutgoingMail.objects.update(due_at=row.created_at)
    outbox.send_mail.func(row.pk)
    assert post.envelopes[0].rcpt_tos == [READER]


def test_nothing_is_sent_to_who_did_not_tick(client, article, moderator, run_tasks, post):
    say(client, article, "Who knows?").approve(by=moderator)
    run_tasks()
    assert post.envelopes == []
