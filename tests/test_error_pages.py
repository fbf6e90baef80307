"""Pages that say what went wrong, in the style of the house."""

import io
import logging
from http import HTTPStatus

import pytest
from django.db import OperationalError
from django.test import RequestFactory, override_settings

from articles.models import Blog
from recovery import error_pages
from tests.test_templates import Page

pytestmark = pytest.mark.django_db


@pytest.fixture
def named():
    Blog(pk=1, name="Slow Mornings", accent="#1c4fa8").store()


@pytest.mark.parametrize("status", error_pages.WORDS)
def test_refusals_have_the_sites_name_and_colour(named, status):
    markup = error_pages.standing(status).decode()
    Page(markup)
    assert "Slow Mornings" in markup
    assert Blog.current().stylesheet in markup
    assert f">{error_pages.WORDS[status][0]}</h1>" in markup


def test_they_carry_the_headers_of_other_pages(client, named):
    page = client.get("/privacy/")
    for headers, body in error_pages.refusals().values():
        assert b"Slow Mornings" in body
        for name in (b"content-security-policy", b"referrer-policy", b"x-frame-options"):
            assert dict(headers)[name].decode() == page[name.decode()]


def test_too_much_is_413(client, named):
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=100):
        response = client.post("/webmention", {"source": "x" * 200})
    assert response.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert "That is too large" in response.content.decode()
    assert "Slow Mornings" in response.content.decode()


def test_a_wrong_host_is_400(client, named):
    response = client.get("/", headers={"host": "else.example"})
    assert response.status_code == 400
    assert "could not be understood" in response.content.decode()
    assert "Slow Mornings" in response.content.decode()


@pytest.fixture
def console(monkeypatch):
    """Return what goes to the console from now on."""
    handlers = logging.getLogger("django").handlers
    (handler,) = (one for one in handlers if type(one) is logging.StreamHandler)
    stream = io.StringIO()
    monkeypatch.setattr(handler, "stream", stream)
    return stream


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"--x\r\nnonsense", "multipart/form-data; boundary=", 400),
        (b"a=1&" * 2_000, "application/x-www-form-urlencoded", 400),
        (b"a=" + b"x" * 3_000_000, "application/x-www-form-urlencoded", 413),
    ],
)
def test_what_a_client_gets_wrong_is_a_line_in_the_log(
    client, named, console, body, content_type, status
):
    assert client.post("/webmention", body, content_type=content_type).status_code == status
    logged = console.getvalue()
    assert logged.count("\n") == 1, logged
    assert "Traceback" not in logged


def test_what_is_wrong_here_is_told_in_full(client, named, console, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr("articles.views.paging.index_page", lambda *_: 1 / 0)
    client.get("/")
    assert "ZeroDivisionError" in console.getvalue()


def test_500_needs_no_database(monkeypatch):
    def gone():
        raise OperationalError("the database is locked")

    monkeypatch.setattr(Blog, "current", gone)
    response = error_pages.server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    Page(response.content.decode())
    assert "Recovery" in response.content.decode()


def test_500_of_a_view(client, named, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr("articles.views.paging.index_page", lambda *_: 1 / 0)
    response = client.get("/")
    assert response.status_code == 500
    assert "Slow Mornings" in response.content.decode()


def test_404_leads_on(client, named):
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert 'href="/"' in response.content.decode()
    assert "noindex" in response.content.decode()
