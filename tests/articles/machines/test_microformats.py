"""microformats2 of the pages, as mf2py reads them."""

import datetime

import mf2py
import pytest

from articles.models import Article, Tag
from comments.models import Status
from tests.builders import make_article, make_comment, make_pingback

pytestmark = pytest.mark.django_db
DAY = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)


def items(client, settings, path):
    text = client.get(path).content.decode()
    return mf2py.parse(doc=text, url=settings.SITE_URL + path)["items"]


def entry_of(client, settings, article):
    found = items(client, settings, article.get_absolute_url())
    assert [item["type"] for item in found] == [["h-entry"]]
    return found[0]["properties"]


def test_the_article(client, settings):
    article = make_article(title="On rest", author_name="Ann", body="*So* there.", published_at=DAY)
    Article.objects.update(updated_at=DAY + datetime.timedelta(days=1))
    article.tags.set(Tag.objects.named(["Rest", "Tea"]))
    said = entry_of(client, settings, article)
    assert said["name"] == ["On rest"]
    assert said["url"] == [f"{settings.SITE_URL}{article.get_absolute_url()}"]
    assert said["published"] == ["2026-01-02T03:04:05+0000"]
    assert said["updated"] == ["2026-01-03T03:04:05+0000"]
    assert said["content"][0]["html"] == "<p><em>So</em> there.</p>"
    (author,) = said["author"]
    assert (author["type"], author["properties"]["name"]) == (["h-card"], ["Ann"])
    assert said["category"] == ["Rest", "Tea"]
    assert "comment" not in said


def test_unchanged_it_was_updated_when_it_was_published(client, settings):
    article = make_article(published_at=DAY)
    Article.objects.update(updated_at=DAY)
    said = entry_of(client, settings, article)
    assert said["updated"] == said["published"]


def test_responses_are_citations(client, settings, article):
    reply = make_comment(
        article, status=Status.APPROVED, author_name="Li", author_url="https://li.example/"
    )
    below = make_comment(article, status=Status.APPROVED, parent=reply)
    source = "https://page.example/"
    make_pingback(article, status=Status.APPROVED, author_name="A page", source_url=source)
    said = entry_of(client, settings, article)
    first, second, third = said["comment"]
    page = f"{settings.SITE_URL}{article.get_absolute_url()}"
    assert [one["type"] for one in said["comment"]] == [["h-cite"]] * 3
    assert first["properties"]["author"][0]["properties"] == {
        "name": ["Li"],
        "url": ["https://li.example/"],
    }
    assert first["value"] == f"{page}#comment-{reply.pk}"
    assert second["value"] == f"{page}#comment-{below.pk}"
    assert first["properties"]["content"][0]["html"] == reply.text_html
    assert "comment" not in first["properties"]
    assert third["properties"]["author"][0]["properties"]["url"] == [source]
    assert third["properties"]["content"][0]["value"].startswith("[…] some words")


def test_what_is_in_a_response_is_not_the_articles(client, settings, article):
    make_comment(article, status=Status.APPROVED, author_name="Eve")
    said = entry_of(client, settings, article)
    assert said["name"] == [article.title]
    assert len(said["published"]) == len(said["url"]) == len(said["content"]) == 1
    assert "author" not in said


def test_the_front_page_is_a_feed(client, settings):
    article = make_article(title="On rest", summary="In short.")
    (feed,) = items(client, settings, "/")
    assert feed["type"] == ["h-feed"]
    assert feed["properties"]["name"] == ["Recovery"]
    assert feed["properties"]["url"] == [f"{settings.SITE_URL}/"]
    (entry,) = feed["children"]
    assert entry["type"] == ["h-entry"]
    assert entry["properties"]["name"] == ["On rest"]
    assert entry["properties"]["url"] == [f"{settings.SITE_URL}{article.get_absolute_url()}"]
    assert entry["properties"]["summary"] == ["In short."]
