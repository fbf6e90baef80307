"""The pages of tags, series, years and months, and what stands beside an article."""

import datetime
import re
from itertools import chain

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles import surroundings
from articles.models import Article, Blog, Series, Tag
from tests.builders import make_article, make_user
from tests.test_templates import page as checked

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
NOW = timezone.now()


def make_tagged(*names, **kwargs):
    article = make_article(**kwargs)
    article.tags.set(Tag.objects.named(names))
    return article


def make_series(name="On bread", parts=3, **kwargs):
    series = Series(name=name, **kwargs)
    series.store()
    now = timezone.now()
    articles = [
        make_article(title=f"Part {n}.", series=series, published_at=now - (parts - n) * DAY)
        for n in range(1, parts + 1)
    ]
    return series, articles


def shown(response):
    return re.findall(r'class="u-url(?: p-name)?" href="([^"]+)"', response.content.decode())


def link(response, rel):
    found = re.search(rf'<a rel="{rel}" href="([^"]+)">', response.content.decode())
    return found and found[1]


def read_for_nothing(queries, *columns):
    """Return the queries that fetch one of these columns of articles."""
    names = [f'"articles_article"."{column}"' for column in columns]
    return [q["sql"] for q in queries if any(name in q["sql"] for name in names)]


@pytest.fixture(params=[{"status": "draft"}, {"published_at": NOW + 900 * DAY}])
def hidden(request):
    """Give what makes an article one that nobody may see."""
    return request.param


class TestTags:
    def test_all_are_listed_with_their_numbers(self, client):
        make_tagged("Bread", "Salt")
        make_tagged("Bread")
        make_tagged("Secret", status="draft")
        make_tagged("Tomorrow", published_at=timezone.now() + DAY)
        response = client.get("/tags/")
        checked(response)
        found = re.findall(
            r"/tags/([^/]+)/\"[^>]*>[^<]+</a> <span>(\d+)", response.content.decode()
        )
        assert found == [("bread", "2"), ("salt", "1")]
        assert "Secret" not in response.content.decode()

    def test_they_come_by_their_letters_on_every_database(self, client):
        article = make_tagged("zoo", "Apple", "émigré", "Zebra", "apron", "Evening")
        expected = ["Apple", "apron", "émigré", "Evening", "Zebra", "zoo"]
        for address in ("/tags/", article.get_absolute_url(), "/"):
            page = client.get(address).content.decode()
            assert re.findall(r"/tags/[^/]+/\"[^>]*>([^<]+)</a>", page) == expected, address

    def test_without_any_the_page_says_so(self, client):
        assert "No article has a tag yet" in client.get("/tags/").content.decode()

    def test_a_page_shows_its_articles_newest_first(self, client):
        now = timezone.now()
        old, new = (make_tagged("Bread", published_at=now - age * DAY) for age in (2, 1))
        make_tagged("Salt")
        make_tagged("Bread", status="draft")
        Tag.objects.filter(slug="bread").update(description_html="<p>All about it.</p>")
        response = client.get("/tags/bread/")
        checked(response)
        assert shown(response) == [new.get_absolute_url(), old.get_absolute_url()]
        assert "<p>All about it.</p>" in response.content.decode()

    def test_of_what_nobody_may_see_there_is_no_page(self, client, hidden):
        make_tagged("Secret plan", **hidden)
        assert client.get("/tags/secret-plan/").status_code == 404
        assert client.get("/tags/nothing/").status_code == 404

    def test_a_renamed_tag_is_found_at_its_old_address(self, client):
        make_tagged("Bred")
        tag = Tag.objects.get()
        tag.name, tag.slug = "Bread", ""
        tag.store()
        response = client.get("/tags/bred/")
        assert (response.status_code, response["Location"]) == (301, "/tags/bread/")
        tag.slug = "bred"
        tag.store()
        assert client.get("/tags/bred/").status_code == 200
        assert client.get("/tags/bread/")["Location"] == "/tags/bred/"

    def test_nor_is_told_what_it_is_called_now(self, client, hidden):
        article = make_tagged("Plan", **hidden)
        tag = Tag.objects.get()
        tag.name, tag.slug = "Secret plan", ""
        tag.store()
        assert client.get("/tags/plan/").status_code == 404
        Article.objects.filter(pk=article.pk).update(status="published", published_at=NOW)
        assert client.get("/tags/plan/")["Location"] == "/tags/secret-plan/"

    def test_names_that_make_the_same_address(self, client):
        make_tagged("C", "C++", "C#")
        assert sorted(Tag.objects.values_list("slug", flat=True)) == ["c", "c-2", "c-3"]

    def test_pages_follow_one_another(self, client, monkeypatch):
        monkeypatch.setattr("articles.paging.NUMBERED_PAGES", 2)
        Blog(pk=1, articles_per_page=3).save()
        now = timezone.now()
        articles = [make_tagged("Bread", published_at=now - (n // 2) * DAY) for n in range(14)]
        make_article(published_at=now - DAY)
        wanted = sorted(articles, key=lambda one: (one.published_at, one.pk), reverse=True)
        path, seen, pages = "/tags/bread/", [], []
        while path:
            response = client.get(path)
            seen += shown(response)
            pages.append(path)
            older = link(response, "next")
            path = f"/tags/bread/{older}" if older else ""
        assert seen == [one.get_absolute_url() for one in wanted]
        assert len(pages) == 5
        assert "before=" in pages[-1]
        back = link(client.get(pages[-1]), "prev")
        assert shown(client.get(back)) == seen[9:12]
        assert client.get("/tags/bread/?page=9").status_code == 404

    def test_parts_are_read_off_the_index(self):
        series, _ = make_series()
        if connection.vendor == "sqlite":
            # Or those of all series would be gone through.
            assert "article_of_series" in series.articles.published().in_order().explain()

    def test_costs_the_same_however_many(self, client):
        for _ in range(2):
            make_tagged("Bread", "Salt", "Oil")
            with CaptureQueriesContext(connection) as queries:
                client.get("/tags/bread/")
            # The tag, the blog, the number of its articles, which, themselves, their tags.
            assert len(queries) == 6
            assert read_for_nothing(queries, "body", "headings", "contents_html") == []
            assert len([q for q in queries if 'FROM "articles_blog"' in q["sql"]]) == 1


class TestSeries:
    def test_shows_the_parts_in_order(self, client):
        series, articles = make_series()
        response = client.get(series.get_absolute_url())
        checked(response)
        assert shown(response) == [article.get_absolute_url() for article in articles]
        Article.objects.filter(pk=articles[0].pk).update(part=9)
        assert shown(client.get(series.get_absolute_url()))[-1] == articles[0].get_absolute_url()

    def test_without_anything_to_see_there_is_no_page(self, client):
        series, _ = make_series(parts=1)
        Article.objects.update(status="draft")
        assert client.get(series.get_absolute_url()).status_code == 404

    def test_nor_is_told_what_it_is_called_now(self, client, hidden):
        series, _ = make_series(parts=1)
        series.name, series.slug = "Secret plan", ""
        series.store()
        Article.objects.update(**hidden)
        assert client.get("/series/on-bread/").status_code == 404

    def test_a_renamed_series_is_found_at_its_old_address(self, client):
        series, _ = make_series()
        series.name, series.slug = "About bread", ""
        series.store()
        assert client.get("/series/on-bread/")["Location"] == "/series/about-bread/"

    def test_pages(self, client, monkeypatch):
        monkeypatch.setattr("articles.list_views.PARTS_SHOWN", 2)
        _, articles = make_series(parts=5)
        seen = [shown(client.get(f"/series/on-bread/?page={n}")) for n in (1, 2, 3)]
        assert list(chain(*seen)) == [article.get_absolute_url() for article in articles]
        for wrong in ("0", "4", "x", "", "9" * 30, "²", "٣", "1_0", "+1"):
            assert client.get("/series/on-bread/", {"page": wrong}).status_code == 404

    def test_costs_the_same_however_long_and_fetches_titles_only(self, client):
        author = make_user(first_name="Ann", last_name="Author")
        _, articles = make_series(parts=2)
        for article in articles:
            article.tags.set(Tag.objects.named(["Bread"]))
        for number in range(2):
            make_article(series=articles[0].series, author=author, title=f"Further {number}")
            with CaptureQueriesContext(connection) as queries:
                client.get("/series/on-bread/")
            assert len(queries) == 4
            large = ("body", "body_html", "headings", "contents_html", "summary")
            assert read_for_nothing(queries, *large) == []
            assert not [q["sql"] for q in queries if "articles_tag" in q["sql"]]

    def test_the_article_says_which_part_it_is(self, client):
        _, articles = make_series()
        response = client.get(articles[1].get_absolute_url())
        checked(response)
        words = response.content.decode()
        assert 'Part 2 of 3 in <a href="/series/on-bread/"' in words
        assert f'<a href="{articles[0].get_absolute_url()}"><span>Previous part' in words
        assert f'<a href="{articles[2].get_absolute_url()}"><span>Next part' in words
        assert 'rel="prev"' not in words, "the part before is not told twice"
        Article.objects.filter(pk=articles[0].pk).update(status="draft")
        assert "Part 1 of 2 in" in client.get(articles[1].get_absolute_url()).content.decode()

    def test_of_a_very_long_one_only_the_name_is_said(self, client):
        series, articles = make_series(parts=1)
        more = surroundings.MOST_PARTS - 1
        for number in (more, 1):
            first = Article.objects.count()
            Article.objects.bulk_create(
                Article(
                    title="More",
                    slug=f"more-{first + nth}",
                    series=series,
                    status=Article.Status.PUBLISHED,
                    published_at=timezone.now(),
                )
                for nth in range(number)
            )
            page = client.get(articles[0].get_absolute_url()).content.decode()
            assert ("Part of <a" in page) == (number == 1)


class TestArchive:
    @pytest.fixture(autouse=True)
    def _articles(self, db):
        for moment in (
            "2024-12-31T23:59:59",
            "2026-01-01T00:00:00",
            "2026-03-10T08:00:00",
            "2026-03-31T23:00:00",
        ):
            at = datetime.datetime.fromisoformat(f"{moment}+00:00")
            make_article(title=moment, slug=moment[:10], published_at=at)
        make_article(
            status="draft",
            slug="draft",
            published_at=datetime.datetime(2025, 5, 5, tzinfo=datetime.UTC),
        )

    def test_names_years_and_months_with_their_numbers(self, client):
        response = client.get("/archive/")
        checked(response)
        found = re.findall(r'href="(/archive/[^"]+/)">', response.content.decode())
        assert found == [
            "/archive/2026/",
            "/archive/2026/03/",
            "/archive/2026/01/",
            "/archive/2024/",
            "/archive/2024/12/",
        ]
        assert '<span class="meta">(2)<span' in response.content.decode()

    def test_a_year_and_a_month_show_theirs(self, client):
        for path, slugs in (
            ("/archive/2026/", ["2026-03-31", "2026-03-10", "2026-01-01"]),
            ("/archive/2026/03/", ["2026-03-31", "2026-03-10"]),
            ("/archive/2024/12/", ["2024-12-31"]),
        ):
            response = client.get(path)
            checked(response)
            assert shown(response) == [f"/articles/{slug}/" for slug in slugs]

    def test_months_begin_where_the_site_is(self, client, settings):
        settings.TIME_ZONE = "Asia/Tokyo"
        with timezone.override("Asia/Tokyo"):
            assert shown(client.get("/archive/2025/01/")) == ["/articles/2024-12-31/"]

    @pytest.mark.parametrize(
        "path", ["2025", "2026/02", "2026/13", "2026/00", "0000", "0001", "9999", "9999/12", "26"]
    )
    def test_what_is_empty_or_impossible_is_not_found(self, client, path):
        assert client.get(f"/archive/{path}/").status_code == 404

    def test_a_large_month_is_counted_no_further_than_it_is_told(self, client, monkeypatch):
        monkeypatch.setattr("articles.archive.MOST_COUNTED", 1)
        assert '<span class="meta">(1+)<span' in client.get("/archive/").content.decode()


class TestRelated:
    def test_those_that_share_most_and_what_few_share_come_first(self):
        now = timezone.now()
        for n in range(6):
            make_tagged("Common", title=f"Common {n}", published_at=now - (n + 5) * DAY)
        rare = make_tagged("Rare", title="Rare", published_at=now - 30 * DAY)
        both = make_tagged("Common", "Rare", title="Both", published_at=now - 40 * DAY)
        make_tagged("Other", title="Neighbour", published_at=now - DAY)
        article = make_tagged("Common", "Rare", published_at=now)
        found = [other.pk for other in surroundings.of(article).related]
        assert found[:2] == [both.pk, rare.pk]
        titles = [other.title for other in surroundings.of(article).related]
        assert titles[2:] == ["Common 0", "Common 1"]

    def test_nothing_hidden_is_related(self):
        now = timezone.now()
        make_tagged("Bread", status="draft")
        make_tagged("Bread", published_at=now + DAY)
        article = make_tagged("Bread", published_at=now - DAY)
        assert surroundings.of(article).related == []

    def test_the_article_itself_and_its_neighbours_are_not_told_again(self):
        now = timezone.now()
        articles = [make_tagged("Bread", published_at=now - n * DAY) for n in range(4)]
        found = surroundings.of(articles[1])
        assert (found.newer.pk, found.older.pk) == (articles[0].pk, articles[2].pk)
        assert [other.pk for other in found.related] == [articles[3].pk]

    def test_parts_of_the_same_series_are(self):
        _, articles = make_series(parts=4)
        make_article()
        assert {other.pk for other in surroundings.of(articles[0]).related} == {
            articles[2].pk,
            articles[3].pk,
        }

    def test_two_queries_whatever_there_is(self, django_assert_num_queries):
        articles = [make_tagged("Bread", "Salt", "Oil") for _ in range(3)]
        article = Article.objects.select_related("series").get(pk=articles[0].pk)
        with django_assert_num_queries(2):
            surroundings.of(article)

    def test_they_are_shown(self, client):
        now = timezone.now()
        articles = [make_tagged("Bread", published_at=now - n * DAY) for n in range(4)]
        response = client.get(articles[0].get_absolute_url())
        checked(response)
        words = response.content.decode()
        assert '<a class="p-category" rel="tag" href="/tags/bread/"' in words
        assert f'<a href="{articles[3].get_absolute_url()}"' in words
