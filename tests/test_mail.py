"""The console prints mails without saying to whom they go."""

import io

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.urls import reverse

BACKEND = "recovery.mail.HiddenConsoleBackend"


def test_recipients_are_printed_nowhere(settings):
    stream = io.StringIO()
    message = EmailMultiAlternatives(
        "One and two",
        "What it says — in full",
        to=["reader@secret.example"],
        cc=["copy@secret.example"],
        bcc=["blind@secret.example"],
        reply_to=["answer@secret.example"],
        headers={"To": "Header <header@secret.example>", "List-Unsubscribe": "<http://x/>"},
        connection=get_connection(BACKEND, stream=stream),
    )
    message.attach_alternative("<p>in HTML</p>", "text/html")
    assert message.send() == 1
    printed = stream.getvalue()
    assert "secret.example" not in printed
    assert "To: (hidden)" in printed
    for words in ("One and two", "What it says — in full", "<p>in HTML</p>", "<http://x/>"):
        assert words in printed
    assert message.to == ["reader@secret.example"], "the message itself is untouched"


def test_it_is_what_is_used_without_a_mail_server(monkeypatch):
    from recovery import environment

    for value in ("", "consolemail://"):
        monkeypatch.setenv("EMAIL_URL", value)
        assert environment.email("EMAIL_URL")["EMAIL_BACKEND"] == BACKEND


TOKEN, KEY, SIGNED = (
    "s3cretT0ken_0-of-" + "x" * 15,
    "s3cretKey_0-of-" + "x" * 7,
    "s3cret.1a:B_c-d.sig",
)
TO = {"mailbox": TOKEN, "mute_mail": TOKEN, "moderate": SIGNED, "your_comment": KEY}
LINKS = ["http://127.0.0.1:8000" + reverse(view, args=[secret]) for view, secret in TO.items()]


def printed_of(link: str) -> str:
    stream = io.StringIO()
    message = EmailMultiAlternatives(
        "A mail",
        f"See {link}, or http://127.0.0.1:8000/admin/comments/comment/",
        to=["reader@secret.example"],
        headers={"List-Unsubscribe": f"<{link}>"},
        connection=get_connection(BACKEND, stream=stream),
    )
    message.attach_alternative(f'<p><a href="{link}">here</a></p>', "text/html")
    assert message.send() == 1
    assert link in message.body, "the message itself is untouched"
    return stream.getvalue()


@pytest.mark.parametrize("link", LINKS)
def test_what_a_link_can_do_is_not_for_those_who_read_logs(link):
    printed = printed_of(link)
    place, secret = link.rstrip("/").rsplit("/", 1)
    assert secret not in printed
    assert printed.count(f"{place}/(hidden)/") == 3, "header, text and HTML"
    assert "http://127.0.0.1:8000/admin/comments/comment/" in printed
    assert "DEBUG=on" in printed


@pytest.mark.parametrize("link", LINKS)
def test_while_debugging_the_way_can_be_tried(link, settings):
    settings.DEBUG = True
    printed = printed_of(link)
    assert printed.count(link) == 3
    assert "DEBUG=on" not in printed
    assert "secret.example" not in printed


def test_a_mail_without_such_links_is_printed_as_it_is():
    assert "(hidden)/" not in printed_of("http://127.0.0.1:8000/an-article/#comment-3")
