"""Nothing is left untranslated on the pages for reading, and where articles are written."""

import datetime
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Series, Tag
from comments.models import (
    Status,
)
from recovery import error_pages
from tests.builders import make_article, make_comment, make_faq_entry, make_pingback
from tests.languages.looking import look, unmarked

pytestmark = pytest.mark.usefixtures("marked")


@pytest.fixture
def read(quux):
    """An article with all that its page can show, a series of it and another one."""
    series = Series(name="Quux", description="Quux")
    series.store()
    other = make_article(title="Quuux", body="Quux", series=series, part=2)
    tag, *_ = Tag.objects.named(["Quux"])
    for article in (quux, other):
        article.tags.add(tag)
    quux.series, quux.part, quux.author_name = series, 1, "Quux"
    quux.body = "## Quux\n\n## Quuux\n\n## Quux\n"
    quux.store()
    quux.updated_at = timezone.now() + datetime.timedelta(days=2)
    quux.save()
    make_faq_entry(quux, question="Quux", answer="Quux", credit_name="Quux")
    first = make_comment(quux, text="Quux", author_name="Quux", status=Status.APPROVED)
    make_comment(quux, text="Quuux", author_name="Quux", status=Status.APPROVED, parent=first)
    make_pingback(quux, text="Quux", author_name="Quux", status=Status.APPROVED)
    return quux


def test_the_page_of_an_article(client, read):
    url = read.get_absolute_url()
    first = read.comments.first()
    assert look(client, url, "body") == set()
    assert look(client, f"{url}?reply={first.pk}", "body") == set()
    reply = reverse("reply", args=[read.slug])
    assert look(client, reply, "body", comment="", author="", email="Quux") == set()
    Article.objects.update(comments_open=False)
    assert look(client, url, "body") == set()


@pytest.mark.parametrize(
    "query", ["", "?q=Quux", "?q=quuxxxx+quuxy", "?q=quuxxxx", "?q=-quux", "?q=+"]
)
def test_searching(client, read, query):
    assert look(client, reverse("search") + query, "body") == set()


@pytest.mark.parametrize("name", ["index", "tags", "archive", "subscribe", "llms"])
def test_lists(client, read, name):
    assert look(client, reverse(name), "body") == set()


def test_lists_of_topics_and_months(client, read):
    tag, series = Tag.objects.get(), Series.objects.get()
    when = read.published_at
    for url in (
        tag.get_absolute_url(),
        series.get_absolute_url(),
        reverse("archive_year", args=[when.year]),
        reverse("archive_month", args=[when.year, when.month]),
    ):
        assert look(client, url, "body") == set()


def test_lists_of_nothing_and_errors(client):
    for name in ("index", "tags", "archive"):
        assert look(client, reverse(name), "body") == set()
    assert look(client, "/articles/nothing/", "body") == set()
    for status in error_pages.WORDS:
        assert unmarked(error_pages.standing(status).decode(), "body") == set()


@pytest.mark.parametrize("name", ["article", "tag", "series", "blog"])
def test_writing(admin_client, read, name):
    pages = [reverse(f"admin:articles_{name}_change", args=[1])]
    if name != "blog":
        model: Any = {"article": Article, "tag": Tag, "series": Series}[name]
        row = model.objects.first()
        pages = [
            reverse(f"admin:articles_{name}_changelist"),
            reverse(f"admin:articles_{name}_change", args=[row.pk]),
        ]
    for url in pages:
        assert look(admin_client, url, "content") == set()
