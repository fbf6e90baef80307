"""Templates of the owner's own come first, and never bring a page down."""

import logging

import pytest
from django.template import Engine
from django.urls import reverse

from comments import patterns
from recovery import own_templates
from tests.builders import make_article

pytestmark = pytest.mark.django_db


@pytest.fixture
def own(caplog):
    """Return a function that writes a template of the owner's."""
    caplog.set_level(logging.ERROR, "recovery.own_templates")
    patterns._kept.cache_clear()
    _forget()

    def write(name: str, text: str | bytes) -> None:
        path = own_templates.FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    yield write
    for path in sorted(own_templates.FOLDER.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    _forget()


def _forget():
    for loader in Engine.get_default().template_loaders:
        loader.reset()


def test_they_come_first_and_may_build_on_the_standard_ones(client, own):
    own(
        "base.html",
        '{% extends "base.html" %}{% block footer %}<p>Printed on no paper.</p>{% endblock %}',
    )
    markup = client.get("/").content.decode()
    assert "Printed on no paper." in markup
    assert "All articles" in markup


@pytest.mark.parametrize(
    "text",
    ["{% nonsense %}", "{% if %}", "{{ a|unknown }}", b"\xff\xfe", "{% load nothing %}"],
)
def test_one_that_does_not_compile_counts_as_not_there(client, own, caplog, text):
    own("articles/index.html", text)
    response = client.get("/")
    assert response.status_code == 200
    assert "Nothing here yet" in response.content.decode()
    assert [record.getMessage() for record in caplog.records if "is not used" in record.msg]
    assert "articles/index.html" in caplog.text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("articles/article.html", '{% include "nowhere.html" %}'),
        ("articles/article.html", "{% url 'nowhere' %}"),
        ("base.html", '{% extends "nowhere.html" %}'),
        # Made by a tag with a template of its own.
        ("comments/_respond.html", "{% url 'nowhere' %}"),
    ],
)
def test_one_that_fails_in_use_gives_way_for_the_whole_page(client, own, caplog, name, text):
    own(name, text)
    article = make_article(title="Still here")
    response = client.get(article.get_absolute_url())
    assert response.status_code == 200
    assert "Still here" in response.content.decode()
    assert "Leave a Reply" in response.content.decode()
    assert f"templates/{name}, line 1, the standard templates were used" in caplog.text


@pytest.mark.parametrize("text", ["{% nonsense %}", "{% url 'nowhere' %}"])
def test_error_pages_too(client, own, text):
    own("404.html", text)
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert "There is nothing at this address" in response.content.decode()


def test_what_fails_by_itself_fails_all_the_same(client, own, monkeypatch, caplog):
    client.raise_request_exception = False
    own("unrelated.html", "fine")

    def broken():
        raise ZeroDivisionError

    monkeypatch.setattr("articles.views.paging.index_page", lambda *_: broken())
    assert client.get("/").status_code == 500
    assert "standard ones were used" not in caplog.text


def test_nothing_is_logged_where_there_are_none(client, own, caplog):
    client.get(reverse("index"))
    assert caplog.records == []
