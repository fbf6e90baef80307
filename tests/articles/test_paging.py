"""Lists that may be long: counted up to a bound, and paged without skipping rows."""

import datetime
import re
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles import paging
from articles.models import Article, Blog
from articles.paging import BoundedPaginator, as_read, count_each_to, count_to
from tests.builders import make_article, make_user

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def make_many(number):
    """Return so many published articles, the newest first; two share each moment."""
    moments = [NOW - datetime.timedelta(minutes=nth // 2) for nth in range(number)]
    made = Article.objects.bulk_create(
        Article(title=f"No. {nth}", slug=f"no-{nth}", status="published", published_at=moment)
        for nth, moment in enumerate(moments)
    )
    return sorted(made, key=lambda one: (one.published_at, one.pk), reverse=True)


def titles(page):
    return re.findall(r'<a class="u-url"[^>]*>([^<]+)</a>', page)


def link(page, rel):
    found = re.search(rf'<a rel="{rel}" href="([^"]+)">', page)
    return found and found[1]


class TestIndex:
    @pytest.fixture
    def few_numbers(self, monkeypatch):
        monkeypatch.setattr(paging, "NUMBERED_PAGES", 2)
        Blog(pk=1, articles_per_page=3).save()

    def follow(self, client, rel, start="/"):
        """Return the titles of each page, from one to the next as far as the links lead."""
        pages, address = [], start
        while address:
            page = client.get(address, follow=True).content.decode()
            pages.append(titles(page))
            address = link(page, rel)
            address = f"/{address}" if address and address.startswith("?") else address
        return pages

    @pytest.mark.parametrize("number", [1, 3, 4, 6, 7, 9, 20])
    def test_older_leads_through_all_of_them_once(self, client, few_numbers, number):
        everything = [one.title for one in make_many(number)]
        pages = self.follow(client, "next")
        assert [title for page in pages for title in page] == everything
        assert all(len(page) == 3 for page in pages[:-1])

    def test_newer_leads_back_to_the_first(self, client, few_numbers):
        articles = make_many(20)
        pages = self.follow(client, "prev", f"/?before={articles[16].pk}")
        assert pages[0] == [one.title for one in articles[17:]]
        assert pages[-1] == [one.title for one in articles[:3]]

    def test_says_how_many_pages_there_are_as_far_as_they_are_counted(self, client, few_numbers):
        make_many(6)
        assert "Page 1 of 2<" in client.get("/").content.decode()
        make_article()
        assert "Page 1 of 2+<" in client.get("/").content.decode()

    def test_numbers_end_and_go_on_by_name(self, client, few_numbers):
        articles = make_many(9)
        page = client.get("/?page=2").content.decode()
        assert link(page, "next") == f"?before={articles[5].pk}"
        assert client.get("/?page=3").status_code == 404
        page = client.get(f"/?before={articles[5].pk}").content.decode()
        assert "Page " not in re.sub(r'aria-label="[^"]+"', "", page)
        assert f'/?before={articles[5].pk}">' in page, "it is canonical itself"

    @pytest.mark.parametrize("value", ["", "x", "0", "-1", "999999", "9" * 50, "1.5", "٣"])
    @pytest.mark.parametrize("name", ["before", "after"])
    def test_nonsense_is_not_found(self, client, name, value):
        make_article()
        assert client.get("/", {name: value}).status_code == 404

    def test_drafts_and_scheduled_ones_name_no_page(self, client):
        make_many(30)
        for hidden in (
            make_article(status=Article.Status.DRAFT),
            make_article(published_at=NOW + datetime.timedelta(days=1)),
        ):
            assert client.get(f"/?before={hidden.pk}").status_code == 404

    def test_before_the_oldest_there_is_none(self, client):
        oldest = make_many(3)[-1]
        assert client.get(f"/?before={oldest.pk}").status_code == 404

    def test_where_less_than_a_page_is_newer_it_is_the_first(self, client):
        articles = make_many(30)
        assert client.get(f"/?after={articles[5].pk}")["Location"] == "/"

    def test_the_nearer_bound_is_said_first(self, client):
        """Of two bounds on one column SQLite goes by the first: by now, it would pass all newer ones."""
        end = make_many(30)[15]
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/?before={end.pk}")
        (listing,) = (q["sql"] for q in queries if "LIMIT 11" in q["sql"])
        condition = listing[listing.index("WHERE") :]
        bounds = re.findall(r'"published_at" <= \'([^\']+)\'', condition)
        assert len(bounds) == 2
        assert bounds[0] < bounds[1]

    @pytest.mark.parametrize("query", ["", "?page=2", "?before={}", "?after={}"])
    def test_no_page_counts_or_skips_them_all(self, client, few_numbers, query):
        articles = make_many(30)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/{query.format(articles[10].pk)}").status_code == 200
        assert len(queries) <= 5
        counting = [q["sql"] for q in queries if "COUNT" in q["sql"]]
        assert all("LIMIT 7" in sql for sql in counting)


class TestNeighbours:
    def test_of_the_same_moment_the_number_decides(self):
        articles = make_many(6)
        for newer, older in pairwise(articles):
            assert Article.objects.before(newer).published().first() == older
            assert Article.objects.after(older).published().first() == newer


class TestCounting:
    def test_ends_one_beyond_the_bound(self):
        make_many(5)
        assert [count_to(Article.objects.all(), most) for most in (3, 5, 9)] == [4, 5, 5]

    def test_several_take_one_query(self, django_assert_num_queries):
        make_many(5)
        make_article(status=Article.Status.DRAFT, title="100 % 'mine'")
        lists = {
            "all": Article.objects.all(),
            "drafts": Article.objects.filter(status="draft", title__contains="%"),
            "none": Article.objects.filter(title__in=["x"]),
        }
        with django_assert_num_queries(1):
            assert count_each_to(lists, 4) == {"all": 5, "drafts": 1, "none": 0}

    def test_is_said_with_a_plus_where_it_ended(self):
        assert [as_read(number, 10_000) for number in (37, 10_000, 10_001)] == [
            "37",
            "10000",
            "10,000+",
        ]

    def test_a_paginator_counts_no_further(self, monkeypatch):
        monkeypatch.setattr(paging, "MOST_COUNTED", 4)
        monkeypatch.setattr(count_to, "__defaults__", (4,))
        make_many(9)
        assert BoundedPaginator(Article.objects.all(), 2).num_pages == 2


def test_the_admins_list_uses_it(client):
    client.force_login(make_user(is_superuser=True))
    make_many(60)
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/admin/articles/article/").status_code == 200
    (counting,) = (q["sql"] for q in queries if "COUNT" in q["sql"])
    assert "LIMIT 10001" in counting
