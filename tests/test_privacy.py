"""A commenter's email address stays hidden: everywhere, always."""

import hashlib
import logging
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from comments import tokens
from comments.models import Comment
from tests.builders import make_article, make_user

ADDRESS = "Marker.Person+x@Hidden-Place.example"
NETWORK_ADDRESS = "203.0.113.77"


def marks() -> list[str]:
    """Return every form in which the address or the network must not appear, in lower case."""
    forms = {ADDRESS, ADDRESS.lower(), ADDRESS.strip().casefold()}
    hashes = {
        hashlib.new(name, form.encode()).hexdigest()
        for form in forms
        for name in ("md5", "sha1", "sha256")
    }
    parts = {"marker.person", "hidden-place", NETWORK_ADDRESS, NETWORK_ADDRESS.rpartition(".")[0]}
    return [mark.lower() for mark in hashes | parts]


MARKS = marks()


def assert_hidden(text: str | bytes, where: str) -> None:
    shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    found = [mark for mark in MARKS if mark in shown.lower()]
    assert not found, f"{found} in {where}"


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
        f"/articles/{article.slug}/comments/", data, headers=headers, REMOTE_ADDR=NETWORK_ADDRESS
    )


def public_paths(article, comment) -> list[str]:
    path = article.get_absolute_url()
    return [
        "/",
        path,
        f"{path}?reply={comment.pk}",
        f"/comments/{comment.private_key}/",
        "/nothing-here/",
        "/articles/nothing/",
        f"/articles/{article.slug}/comments/",
        "/healthz",
        "/xmlrpc",
        "/admin/login/",
    ]


def admin_paths(comment) -> list[str]:
    return [
        "/admin/",
        "/admin/comments/",
        "/admin/comments/comment/",
        "/admin/comments/comment/?q=ann",
        f"/admin/comments/comment/?q={ADDRESS.split('@')[0].lower()[:3]}",
        *(
            f"/admin/comments/comment/?status={s}"
            for s in ("pending", "approved", "spam", "trash", "all")
        ),
        f"/admin/comments/comment/{comment.pk}/change/",
        f"/admin/comments/comment/{comment.pk}/history/",
        "/admin/comments/moderationevent/",
        "/admin/comments/contactreveal/",
        "/admin/linkbacks/linkback/",
        reverse("admin:django_tasks_database_dbtaskresult_changelist"),
        "/admin/articles/article/",
    ]


def stored_everywhere() -> str:
    """Return every value of every row of every table, as text."""
    values = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                values += [
                    bytes(v).decode("latin-1") if isinstance(v, bytes | memoryview) else str(v)
                    for v in row
                ]
    return "\n".join(values)


@pytest.mark.django_db(transaction=True)
def test_the_address_and_the_network_appear_nowhere(client, caplog, run_tasks):
    caplog.set_level(logging.DEBUG)
    article = make_article()
    post(client, article)
    comment = Comment.objects.get()
    assert comment.contact, "the address was kept, so there was something to leak"
    run_tasks()

    for state in ("held", "approved"):
        for path in public_paths(article, comment):
            response = client.get(path)
            assert_hidden(response.content, f"{path} ({state})")
            assert_hidden(
                str(response.headers) + str(response.cookies), f"headers of {path} ({state})"
            )
        comment.approve()

    for permissions in ((), ("is_superuser",)):
        staff = make_user(
            "comments.view_comment", "comments.moderate_comment", is_superuser=bool(permissions)
        )
        client.force_login(staff)
        for path in admin_paths(comment):
            page = client.get(path)
            assert page.status_code == 200 or not permissions, f"{path} was not seen at all"
            assert_hidden(page.content, f"{path} for {permissions}")
    client.logout()

    dump = StringIO()
    call_command("dumpdata", stdout=dump)
    assert_hidden(dump.getvalue(), "dumpdata")
    assert_hidden(caplog.text, "the log")
    assert_hidden("".join(str(message.message()) for message in mail.outbox), "mail")
    assert_hidden(str(list(LogEntry.objects.values())), "the admin's history")
    assert_hidden(stored_everywhere(), "the database")
    if connection.vendor == "sqlite":
        path = str(connection.settings_dict["NAME"])
        for file in Path(path).parent.glob(Path(path).name + "*"):
            assert_hidden(file.read_bytes(), file.name)


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
