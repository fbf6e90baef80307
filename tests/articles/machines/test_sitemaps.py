"""The sitemap names every published article once, in parts, and nothing else."""

import datetime
from urllib.parse import unquote

import pytest
from defusedxml import ElementTree
from django.utils import timezone

from articles.machines import sitemaps
from articles.machines.sitemaps import NAMESPACE
from articles.models import Article, Series, Tag
from tests.builders import make_article

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 5, 6, 7, 8, 9, tzinfo=datetime.UTC)


def read(client, path):
    """Return the pairs of address and last change, and the name of the root."""
    response = client.get(path)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml; charset=utf-8"
    root = ElementTree.fromstring(response.content)
    found = [
        (item.findtext(f"{{{NAMESPACE}}}loc"), item.findtext(f"{{{NAMESPACE}}}lastmod"))
        for item in root
    ]
    return root.tag.removeprefix(f"{{{NAMESPACE}}}"), found


def test_an_index_of_parts_that_name_all_articles_once(client, settings, monkeypatch):
    monkeypatch.setattr(sitemaps, "PART", 2)
    slugs = {
        make_article(published_at=timezone.now() - datetime.timedelta(days=day)).slug
        for day in range(5)
    }
    root, listed = read(client, "/sitemap.xml")
    assert root == "sitemapindex"
    places = [url.removeprefix(settings.SITE_URL) for url, _ in listed]
    assert places == ["/sitemap-pages.xml", *(f"/sitemap-articles-{n}.xml" for n in (1, 2, 3))]
    named = [url for place in places[1:] for url, _ in read(client, place)[1]]
    assert len(named) == 5
    assert {url.removeprefix(f"{settings.SITE_URL}/articles/")[:-1] for url in named} == slugs


def test_a_new_article_comes_into_the_last_part(client, monkeypatch):
    monkeypatch.setattr(sitemaps, "PART", 2)
    for day in range(2, 5):
        make_article(published_at=timezone.now() - datetime.timedelta(days=day))
    before = client.get("/sitemap-articles-1.xml").content
    make_article()
    assert client.get("/sitemap-articles-1.xml").content == before
    assert len(read(client, "/sitemap-articles-2.xml")[1]) == 2


def test_the_last_change_is_that_of_the_text_or_its_publishing(client, settings):
    article = make_article(published_at=NOW)
    later = NOW + datetime.timedelta(days=1)
    for updated, expected in (
        (later, "2026-05-07T07:08:09Z"),
        (NOW - datetime.timedelta(1), "2026-05-06T07:08:09Z"),
    ):
        Article.objects.update(updated_at=updated)
        page = f"{settings.SITE_URL}{article.get_absolute_url()}"
        assert read(client, "/sitemap-articles-1.xml") == ("urlset", [(page, expected)])


def test_letters_of_every_script(client, settings):
    article = make_article(title="Café & أهلا")
    url = read(client, "/sitemap-articles-1.xml")[1][0][0]
    assert url.isascii()
    assert unquote(url) == f"{settings.SITE_URL}/articles/{article.slug}/"


def test_what_is_not_published_never(client):
    make_article(status=Article.Status.DRAFT, published_at=None)
    make_article(published_at=timezone.now() + datetime.timedelta(hours=1))
    assert len(read(client, "/sitemap.xml")[1]) == 1
    assert client.get("/sitemap-articles-1.xml").status_code == 404


@pytest.mark.parametrize("number", ["0", "2", "01", "999999999", "9999999999", "x"])
def test_other_parts_are_not_there(client, article, number):
    assert client.get(f"/sitemap-articles-{number}.xml").status_code == 404


def test_lists_that_are_not_empty(client, settings):
    series, empty = Series(name="On tea"), Series(name="Empty")
    for one in (series, empty):
        one.store()
    article = make_article(published_at=NOW, series=series)
    article.tags.set(Tag.objects.named(["Green tea"]))
    draft = make_article(status=Article.Status.DRAFT, published_at=None, series=empty)
    draft.tags.set(Tag.objects.named(["Secret"]))
    paths = ["/", "/tags/green-tea/", "/series/on-tea/", "/archive/2026/", "/archive/2026/05/"]
    expected = [(f"{settings.SITE_URL}{path}", None) for path in paths]
    assert read(client, "/sitemap-pages.xml") == ("urlset", expected)
    assert {client.get(path).status_code for path in paths} == {200}


def test_one_query_for_each(client, article, django_assert_num_queries):
    for path in ("/sitemap.xml", "/sitemap-articles-1.xml"):
        with django_assert_num_queries(1):
            client.get(path)


def test_a_part_passes_others_in_the_index_alone(article, django_assert_num_queries):
    """SQLite and PostgreSQL both skip by the index of dates, not by reading what is skipped."""
    with django_assert_num_queries(1) as asked:
        sitemaps.part(3)
    sql = asked.captured_queries[0]["sql"]
    assert "body" not in sql
    assert "LIMIT 5000 OFFSET 10000" in sql
