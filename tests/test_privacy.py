"""A commenter's email address stays hidden: everywhere, always."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.mail import EmailMessage, get_connection
from django.db import connection

from articles.search.finding import search
from comments import contacts, tokens
from comments.models import Comment, ContactReveal, Status
from recovery import environment
from recovery.privacy_check import canary, checking, letters, scene, stores, traces
from tests.builders import make_comment

ADDRESS = canary.ADDRESS


def assert_hidden(text: str | bytes, where: str) -> None:
    raw = text.encode() if isinstance(text, str) else text
    assert not traces.find(raw), where


def post(client, article, **changes):
    data = {
        "comment": "What a relief to read this.",
        "author": "Ann",
        "email": ADDRESS,
        "url": "",
        "token": tokens.issue(article),
        **changes,
    }
    headers = {"Sec-Fetch-Site": "same-origin"}
    return client.post(
        f"/articles/{article.slug}/comments/", data, headers=headers, REMOTE_ADDR=canary.IPV4
    )


def stored_everywhere() -> str:
    """Return every value of every row of every table, as text."""
    return "\n".join(values.decode("latin-1") for _, _, values in stores.columns())


@pytest.mark.django_db(transaction=True)
def test_the_address_and_the_network_appear_nowhere():
    """The walk of ``manage.py check_privacy``, on whatever database the tests run on."""
    ledger = checking.run()
    assert {place.name: place.faults for place in ledger.faulty} == {}
    # There was something to be found, and it was looked for.
    assert Comment.objects.count() > 5
    assert ContactReveal.objects.count() == 1
    assert {message.to[0] for message in letters.sent()} >= {ADDRESS, scene.STAFF_ADDRESS}
    assert sum(place.looks for place in ledger.places) > 500


@pytest.mark.django_db
def test_only_the_answer_to_a_refused_post_gives_it_back_and_is_never_kept(client, article):
    response = post(client, article, comment="")
    assert ADDRESS in response.content.decode(), "what was typed comes back to whoever typed it"
    assert "no-store" in response["Cache-Control"]
    assert_hidden(client.get(article.get_absolute_url()).content, "the page of the next reader")


@pytest.mark.django_db
def test_an_error_in_the_middle_of_a_post_logs_no_address(client, article, caplog, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("something broke")

    monkeypatch.setattr("comments.submission.policy.decide", fail)
    client.raise_request_exception = False
    response = post(client, article)
    assert response.status_code == 500
    assert_hidden(response.content, "the error page")
    assert_hidden(caplog.text, "the log")
    assert not Comment.objects.exists()


@pytest.mark.django_db
def test_not_even_the_error_page_of_debugging_shows_the_address(
    client, article, monkeypatch, settings
):
    settings.DEBUG = True
    monkeypatch.setattr("comments.submission.policy.decide", lambda *_: 1 / 0)
    client.raise_request_exception = False
    response = post(client, article)
    assert response.status_code == 500
    assert b"ZeroDivisionError" in response.content
    assert ADDRESS.encode() not in response.content


@pytest.mark.django_db
@pytest.mark.parametrize("act", ["edit", "withdraw", "anonymise", "remove", "mute"])
def test_an_error_on_ones_own_page_tells_nothing(client, article, caplog, monkeypatch, act):
    comment = make_comment(article, address=ADDRESS)

    def fail(*args, **kwargs):
        # As an error in the middle of opening the address would read.
        contacts.address_for_mail(comment.contact)
        raise RuntimeError("something broke")

    monkeypatch.setattr("comments.views.own._act", fail)
    client.raise_request_exception = False
    data = {"act": act, "comment": "Other words."}
    headers = {"Sec-Fetch-Site": "same-origin"}
    response = client.post(comment.private_path, data, headers=headers, REMOTE_ADDR=canary.IPV4)
    assert response.status_code == 500
    assert_hidden(response.content, "the error page")
    assert_hidden(caplog.text, "the log")


def test_the_console_shows_a_mail_and_not_to_whom_it_goes():
    stream = StringIO()
    backend = environment.email("")["EMAIL_BACKEND"]
    message = EmailMessage("A subject", "A text.", to=[ADDRESS], cc=[ADDRESS], reply_to=[ADDRESS])
    message.extra_headers = {"To": ADDRESS, "List-Unsubscribe": "<https://blog.example/mute>"}
    get_connection(backend, stream=stream).send_messages([message])
    assert "A text." in stream.getvalue()
    assert "https://blog.example/mute" in stream.getvalue()
    assert_hidden(stream.getvalue(), "the console")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's files are its own")
@pytest.mark.django_db(transaction=True)
def test_nothing_of_what_is_deleted_stays_in_the_file():
    words = b"Kept by nobody 4711"
    comment = make_comment(text=f"{words.decode()}. " * 500)
    assert words in database_file()
    comment.delete()
    assert words not in database_file()


def database_file() -> bytes:
    """Return the whole of it, with what was in the write-ahead log."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert cursor.fetchone()[0] == 0, "nobody else is at it"
    return stores._read_elsewhere(Path(connection.settings_dict["NAME"]))


def test_a_search_for_the_address_or_a_part_of_it_finds_nothing(article):
    comment = make_comment(article, status=Status.APPROVED, author_name="Ann", address=ADDRESS)
    assert search("Ann").total == 1
    for word in (ADDRESS, *canary.ADDRESS_PARTS):
        found = search(word)
        assert (found.total, found.suggestion) == (0, ""), word
    comment.mark_spam()
    assert search("Ann").total == 0
