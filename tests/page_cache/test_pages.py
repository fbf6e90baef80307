"""The site's own pages, as the cache meets them: what they say of themselves, and what they go on doing."""

import datetime
import re

import pytest
from django.test import Client
from django.utils import timezone

from comments.models import Comment, DiscussionSettings
from recovery.page_cache import process
from recovery.page_cache.front import LONGEST_KEPT
from recovery.page_cache.requests import UNTIL
from tests.builders import make_article, make_user
from tests.page_cache.asking import Database

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)


def test_public_pages_name_what_they_depend_on(client, article):
    for path, keys in [
        ("/", "site lists"),
        ("/privacy/", "site"),
        (article.get_absolute_url(), f"site shelf article:{article.slug}"),
    ]:
        response = client.get(path)
        assert response["Surrogate-Key"] == keys
        assert response["Cache-Control"] == "public, max-age=0, must-revalidate"
        assert not response.cookies


@pytest.mark.parametrize("path", ["/healthz", "/admin/login/", "/articles/none/", "/?page=99999"])
def test_nothing_else_does(client, article, path):
    assert "Surrogate-Key" not in client.get(path).headers


def test_who_has_a_session_gets_a_private_page(admin_client, article):
    response = admin_client.get(article.get_absolute_url())
    assert "Surrogate-Key" not in response.headers
    assert response["Cache-Control"] == "private, no-cache"


def test_a_cdn_may_keep_them_as_long_as_it_is_told(settings, client, article):
    settings.CDN_SECONDS = 60
    cached = Client().get("/")["Cache-Control"]
    assert cached == "public, max-age=0, s-maxage=60, stale-while-revalidate=60"


def test_no_page_names_the_host_that_it_was_asked_by(client, settings, article, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    settings.ALLOWED_HOSTS = ["*"]
    for path in ("/", "/privacy/", article.get_absolute_url()):
        one, other = (
            client.get(path, headers={"host": host}) for host in ("a.example", "b.example")
        )
        assert one.content == other.content
        assert one.headers == other.headers


def until_of(client, path="/"):
    response = client.get(path, **{UNTIL: None})
    assert not [name for name in response.headers if "fresh" in name.lower()]
    moment = response.wsgi_request.META[UNTIL]
    return moment and datetime.datetime.fromtimestamp(moment, datetime.UTC)


def test_a_page_ends_when_an_article_appears(client, article):
    assert until_of(client) is None
    soon = timezone.now() + HOUR
    make_article(published_at=soon)
    assert until_of(client) == soon


def test_a_page_ends_when_an_article_closes(client, article):
    DiscussionSettings(pk=1, close_after_days=5).save()
    closes = until_of(client, article.get_absolute_url())
    open_for = closes - article.published_at
    assert datetime.timedelta(days=5) < open_for < datetime.timedelta(days=5, seconds=1)


def test_nobody_asks_and_nobody_is_told(client, article, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        response = client.get(article.get_absolute_url())
    assert UNTIL not in response.wsgi_request.META


def test_a_reply_from_a_kept_page_is_taken(client, article, time_machine):
    begun = timezone.now()
    time_machine.move_to(begun)
    page = client.get(article.get_absolute_url()).content.decode()
    token = re.search(r'name="token" value="([^"]+)"', page)[1]
    time_machine.move_to(begun + datetime.timedelta(seconds=LONGEST_KEPT, hours=12))
    values = {
        "comment": "From an old page.",
        "author": "Ann",
        "email": "a@a.example",
        "token": token,
    }
    response = client.post(f"{article.get_absolute_url()}comments/", values)
    assert response.status_code == 303, response.context["form"].errors
    assert Comment.objects.get().author_name == "Ann"


def test_an_edited_template_shows_while_debugging(settings, monkeypatch):
    monkeypatch.setattr(process, "_freshness", Database)
    assert process.front() is not None
    settings.DEBUG = True
    assert process.front() is None


@pytest.mark.parametrize(
    ("path", "status"),
    [
        *(("/nowhere/", 404), ("/articles/soon/", 404), ("/?foo=1", 200), ("/feed/?foo=1", 200)),
        *(("/articles/rest/?reply=1", 200), ("/articles/old/", 301), ("/oembed?url=x", 404)),
    ],
)
def test_what_is_kept_here_by_nobody_is_kept_elsewhere_by_nobody(client, path, status):
    article = make_article(slug="old")
    article.slug = "rest"
    article.store()
    response = client.get(path)
    assert response.status_code == status
    assert response["Cache-Control"] == "no-cache"
    # Who has a session may see more there.
    client.force_login(make_user())
    assert client.get(path)["Cache-Control"] == "private, no-cache"
