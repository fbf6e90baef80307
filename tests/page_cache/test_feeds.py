"""Feeds, asked for again and again: kept, never stale, and not sent to those who have them (RFC 9110, 13)."""

import datetime

import pytest
from django.db import connection
from django.utils import timezone
from django.utils.http import http_date, parse_http_date

from articles.models import Article, FaqEntry, Tag
from comments.models import Status
from recovery.models import KEPT, PageChange
from recovery.page_cache.requests import UNTIL, read, target_of
from tests.builders import make_article, make_comment, make_faq_entry
from tests.page_cache.test_requests import HOSTS, scope

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)
FEEDS = [
    *("/feed/", "/feed/atom/", "/feed/json/", "/comments/feed/"),
    *("/articles/one/feed/atom/", "/tags/tea/feed/json/"),
]


@pytest.fixture
def article():
    """An article with a response and a question, all of them from yesterday."""
    yesterday = timezone.now() - 24 * HOUR
    article = make_article(slug="one", published_at=yesterday)
    make_comment(article, status=Status.APPROVED, created_at=yesterday)
    make_faq_entry(article)
    article.tags.set(Tag.objects.named(["Tea"]))
    Article.objects.update(updated_at=yesterday)
    PageChange.objects.update(at=yesterday)
    return article


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("/feed/", ("site", "lists", "beside")),
        ("/feed/json/", ("site", "lists", "beside")),
        ("/articles/one/feed/atom/", ("site", "article:one")),
        ("/comments/feed/", ("site", "shelf", "said")),
        ("/subscribe/", ("site", "lists")),
        ("/tags/tea/feed/atom/", ("site", "lists", "beside")),
    ],
)
def test_feeds_are_pages_that_are_kept(client, article, path, keys):
    assert target_of(path.encode(), b"").depends_on == keys
    response = client.get(path)
    assert response["Surrogate-Key"] == " ".join(keys)
    assert response["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert target_of(path.encode(), b"utm_source=x").query == ""
    assert target_of(path.encode(), b"page=2") is None


@pytest.mark.parametrize("path", ["/feed/rss2/", "/feed/atom", "/x/feed/", "/articles/a/b/feed/"])
def test_nothing_else_is(path):
    assert target_of(path.encode(), b"") is None


@pytest.mark.parametrize("path", FEEDS)
def test_who_has_it_is_told_so(client, article, path):
    first = client.get(path)
    for headers in (
        {"If-None-Match": first["ETag"]},
        *([{"If-Modified-Since": first["Last-Modified"]}] if connection.vendor == "sqlite" else []),
        {"If-None-Match": first["ETag"], "If-Modified-Since": http_date(0)},
    ):
        again = client.get(path, headers=headers)
        assert (again.status_code, again.content) == (304, b"")
        assert again["ETag"] == first["ETag"]


@pytest.mark.parametrize(
    "change",
    [
        lambda: Article.objects.update(title="Other words"),
        lambda: make_comment(Article.objects.get(), status=Status.APPROVED),
        lambda: Article.objects.all().delete(),
    ],
    ids=["title", "response", "deletion"],
)
@pytest.mark.parametrize("path", ["/feed/", "/comments/feed/"])
def test_who_has_an_older_one_gets_the_new_one(client, article, path, change):
    first = client.get(path)
    change()
    for headers in (
        {"If-None-Match": first["ETag"]},
        {"If-Modified-Since": first["Last-Modified"]},
    ):
        assert client.get(path, headers=headers).status_code == 200


def test_changes_that_nothing_in_the_feed_dates_count_as_well(client, article):
    before = client.get("/feed/")["Last-Modified"]
    FaqEntry.objects.update(question="Another?")
    assert client.get("/feed/", headers={"If-Modified-Since": before}).status_code == 200
    PageChange.objects.filter(key="beside").update(at=timezone.now() - HOUR)
    after = client.get("/feed/")["Last-Modified"]
    assert parse_http_date(after) - parse_http_date(before) == 23 * 3600


@pytest.mark.parametrize("seconds", [-3600, -1, 1, 3600])
def test_another_moment_than_that_of_the_feed_tells_nothing(client, article, seconds):
    moment = parse_http_date(client.get("/feed/")["Last-Modified"]) + seconds
    asked = {"If-Modified-Since": http_date(moment)}
    assert client.get("/feed/", headers=asked).status_code == 200


def test_a_moment_tells_nothing_of_the_same_moment(client, article):
    Article.objects.update(title="Just now")
    response = client.get("/feed/", **{UNTIL: None})
    assert "Last-Modified" not in response.headers
    # And the page is made again once it does.
    assert response.wsgi_request.META[UNTIL] - timezone.now().timestamp() < 3


def test_what_has_been_forgotten_is_not_relied_on(client, article):
    Article.objects.update(
        published_at=timezone.now() - 2 * KEPT, updated_at=timezone.now() - 2 * KEPT
    )
    article.comments.update(created_at=timezone.now() - 2 * KEPT)
    PageChange.objects.update(at=timezone.now() - 2 * KEPT)
    PageChange.objects.forget_old()
    # Of one article's responses nobody knows any more when they changed; of the whole site's feeds one does.
    for path, status in (("/articles/one/feed/", 200), ("/feed/", 304)):
        moment = {"If-Modified-Since": client.get(path)["Last-Modified"]}
        answer = client.get(path, headers=moment)
        assert answer.status_code == (status if connection.vendor == "sqlite" else 200)


def test_moments_are_compared_by_the_application_and_tags_by_the_cache():
    since = http_date(0)
    assert read(scope("/feed/", if_modified_since=since), HOSTS) is None
    assert read(scope("/feed/", if_modified_since=since, if_none_match='"a"'), HOSTS)
    # Pages say of no moment that they are from it.
    assert read(scope("/", if_modified_since=since), HOSTS)


def test_a_feed_ends_when_an_article_appears(client, article):
    soon = timezone.now() + HOUR
    make_article(published_at=soon)
    PageChange.objects.update(at=timezone.now() - HOUR)
    response = client.get("/feed/", **{UNTIL: None})
    assert response.wsgi_request.META[UNTIL] == soon.timestamp()


def test_who_has_a_session_gets_one_that_is_not_kept(admin_client, article):
    response = admin_client.get("/feed/")
    assert "Surrogate-Key" not in response.headers
    assert response["Cache-Control"] == "private, no-cache"
