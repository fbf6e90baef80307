"""The pages for reading: what is shown to whom, and that anonymous pages are the same for all."""

import datetime
from typing import Any
from unittest.mock import Mock
from urllib.parse import quote

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles import models
from articles.models import Article, Blog
from tests.builders import make_article, make_faq_entry, make_user

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


@pytest.fixture
def viewer() -> User:
    return make_user("articles.view_article")


def html(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    return response.content.decode()


class TestIndex:
    def test_shows_published_articles_newest_first(self, client: Client) -> None:
        now = timezone.now()
        make_article(title="The older one", published_at=now - DAY)
        make_article(title="The newer one", published_at=now)
        make_article(title="A draft", status=Article.Status.DRAFT)
        make_article(title="From tomorrow", published_at=now + DAY)
        page = html(client, "/")
        assert page.index("The newer one") < page.index("The older one")
        assert "A draft" not in page
        assert "From tomorrow" not in page

    def test_is_there_before_the_first_article(self, client: Client) -> None:
        assert "Recovery" in html(client, "/")

    def test_shows_as_many_to_a_page_as_the_owner_says(self, client: Client) -> None:
        Blog(pk=1, articles_per_page=2).save()
        now = timezone.now()
        for number in range(5):
            make_article(title=f"Number {number}.", published_at=now - number * DAY)
        shown = [
            {n for n in range(5) if f"Number {n}." in html(client, f"/?page={page}")}
            for page in (1, 2, 3)
        ]
        assert shown == [{0, 1}, {2, 3}, {4}]

    @pytest.mark.parametrize("page", ["0", "-1", "2", "x", "", "1.5", "9" * 5000, "%00"])
    def test_a_page_that_does_not_exist_is_not_found(self, client: Client, page: str) -> None:
        make_article()
        assert client.get(f"/?page={page}").status_code == 404

    def test_costs_four_queries_however_many_articles(self, client: Client) -> None:
        author = make_user(first_name="Ann", last_name="Lee")
        for _ in range(2):
            make_article(author=author)
            with CaptureQueriesContext(connection) as queries:
                html(client, "/")
            blog, count, articles, tags = (query["sql"] for query in queries)
            assert "articles_blog" in blog
            assert "COUNT" in count
            assert '"body_html"' in articles
            assert '"articles_tag"' in tags
            assert '"body"' not in articles

    def test_makes_each_excerpt_once(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        excerpt = Mock(return_value="Words")
        monkeypatch.setattr(models, "plain_text", excerpt)
        make_article()
        assert "Words" in html(client, "/")
        assert excerpt.call_count == 1


class TestCanonicalAddress:
    @pytest.fixture(autouse=True)
    def _public(self, settings) -> None:
        settings.SITE_URL = "https://blog.example.org"

    def test_of_an_article(self, client: Client) -> None:
        make_article(slug="rest")
        page = html(client, "/articles/rest/?reply=1")
        assert '<link rel="canonical" href="https://blog.example.org/articles/rest/">' in page

    @pytest.mark.parametrize("query", ["", "?page=1", "?utm=x"])
    def test_of_the_index(self, client: Client, query: str) -> None:
        page = html(client, f"/{query}")
        assert '<link rel="canonical" href="https://blog.example.org/">' in page

    def test_of_a_later_page(self, client: Client) -> None:
        for _ in range(11):
            make_article()
        page = html(client, "/?page=2")
        assert '<link rel="canonical" href="https://blog.example.org/?page=2">' in page


class TestArticle:
    def test_shows_the_article_with_its_questions(self, client: Client) -> None:
        article = make_article(
            title="On rest & <quiet>",
            slug="rest",
            body="*Softly*",
            author_name="Maren",
            comments_open=False,
        )
        entry = make_faq_entry(article, question="How long?", answer="A **while**.")
        page = html(client, "/articles/rest/")
        assert "On rest &amp; &lt;quiet&gt;" in page
        assert "<em>Softly</em>" in page
        assert "Maren" in page
        assert f'id="{entry.anchor}"' in page
        assert "A <strong>while</strong>." in page

    def test_names_its_neighbours(self, client: Client) -> None:
        now = timezone.now()
        for age, slug in enumerate(("newest", "middle", "oldest")):
            make_article(slug=slug, published_at=now - age * DAY)
        page = html(client, "/articles/middle/")
        assert 'rel="prev" href="/articles/oldest/"' in page
        assert 'rel="next" href="/articles/newest/"' in page
        assert 'rel="prev"' not in html(client, "/articles/oldest/")
        assert 'rel="next"' not in html(client, "/articles/newest/")

    def test_drafts_and_future_articles_are_nobodys_neighbours(self, client: Client) -> None:
        make_article(slug="only")
        make_article(slug="draft", status=Article.Status.DRAFT, published_at=timezone.now() - DAY)
        make_article(slug="future", published_at=timezone.now() + DAY)
        page = html(client, "/articles/only/")
        assert "/articles/draft/" not in page
        assert "/articles/future/" not in page

    @pytest.mark.parametrize("title", ["हिन्दी में", "ภาษาไทย", "العودة إلى", "你好，世界"])
    def test_any_script_may_stand_in_an_address(self, client: Client, title: str) -> None:
        article = make_article(title=title)
        assert article.get_absolute_url() == f"/articles/{quote(article.slug)}/"
        assert title in html(client, article.get_absolute_url())

    def test_only_reading_is_possible(self, client: Client) -> None:
        make_article(slug="rest")
        assert client.head("/articles/rest/").status_code == 200
        assert client.post("/articles/rest/").status_code == 405

    @pytest.mark.parametrize("slug", ["nothing", "%F0%9F%8E%89", "..", "%27%22--", "a%0Ab"])
    def test_what_does_not_exist_is_not_found(self, client: Client, slug: str) -> None:
        make_article()
        assert client.get(f"/articles/{slug}/").status_code == 404


class TestFormerAddress:
    def test_leads_to_the_present_one_for_ever(self, client: Client) -> None:
        article = make_article(slug="a")
        for slug in ("b", "c"):
            article.slug = slug
            article.store()
        for slug in ("a", "b"):
            response = client.get(f"/articles/{slug}/")
            assert (response.status_code, response["Location"]) == (301, "/articles/c/")

    def test_of_an_article_taken_back_is_gone(self, client: Client) -> None:
        article = make_article(slug="a")
        article.slug = "b"
        article.store()
        article.status = Article.Status.DRAFT
        article.store()
        assert client.get("/articles/a/").status_code == 410
        assert client.get("/articles/b/").status_code == 410


@pytest.mark.parametrize("state", ["draft", "future"])
class TestUnpublished:
    @pytest.fixture
    def path(self, state: str) -> str:
        kwargs: dict[str, Any] = (
            {"status": "draft"} if state == "draft" else {"published_at": timezone.now() + DAY}
        )
        return make_article(title="Not yet", **kwargs).get_absolute_url()

    def test_is_not_found_for_visitors(self, client: Client, path: str) -> None:
        response = client.get(path)
        assert response.status_code == 404
        assert "Not yet" not in response.content.decode()
        assert "cookie" not in response.get("Vary", "").lower()

    def test_is_not_found_for_a_made_up_session(self, client: Client, path: str) -> None:
        client.cookies["sessionid"] = "invented"
        assert client.get(path).status_code == 404

    def test_is_not_found_for_users_without_permission(self, client: Client, path: str) -> None:
        client.force_login(make_user())
        assert client.get(path).status_code == 404

    def test_is_shown_to_whoever_may_view_it_in_the_admin_and_kept_by_nobody(
        self, client: Client, viewer: User, path: str
    ) -> None:
        client.force_login(viewer)
        response = client.get(path)
        assert response.status_code == 200
        assert "Not yet" in response.content.decode()
        assert "Only people who may view it in the admin" in response.content.decode()
        assert {"no-store", "private"} <= set(response["Cache-Control"].split(", "))


class TestAnonymousPages:
    @pytest.fixture
    def paths(self) -> list[str]:
        article = make_article(slug="rest")
        make_faq_entry(article)
        return ["/", "/articles/rest/"]

    def test_set_no_cookie_and_vary_on_none(self, client: Client, paths: list[str]) -> None:
        for path in paths:
            response = client.get(path)
            assert response.status_code == 200
            assert not response.cookies
            assert "Set-Cookie" not in response
            assert "cookie" not in response.get("Vary", "").lower()

    def test_are_the_same_bytes_for_two_visitors(self, paths: list[str]) -> None:
        with time_machine.travel(timezone.now(), tick=False):
            for path in paths:
                first = Client(HTTP_USER_AGENT="one", REMOTE_ADDR="192.0.2.1").get(path)
                second = Client(HTTP_ACCEPT_LANGUAGE="de", REMOTE_ADDR="198.51.100.2").get(path)
                assert first.content == second.content
                assert first.headers == second.headers
