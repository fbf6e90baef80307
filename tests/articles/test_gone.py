"""What was taken back or deleted answers 410, at every address it had; anything else 404."""

import datetime

import pytest
from django.utils import timezone

from articles.models import Article, GoneAddress
from tests.builders import make_article, make_user

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


def status(client, slug):
    return client.get(f"/articles/{slug}/").status_code


def change(article, **values):
    for name, value in values.items():
        setattr(article, name, value)
    article.store()


@pytest.fixture
def moved():
    """Return a public article at “new” that was at “old” before."""
    article = make_article(slug="old")
    change(article, slug="new")
    return article


def test_taken_back_it_is_gone_and_published_again_it_is_back(client, moved):
    change(moved, status="draft")
    assert moved.withdrawn_at
    assert status(client, "new") == status(client, "old") == 410
    change(moved, title="Edited as a draft")
    assert status(client, "new") == 410
    change(moved, status="published")
    assert moved.withdrawn_at is None
    assert (status(client, "new"), status(client, "old")) == (200, 301)


def test_moved_into_the_future_it_is_gone_until_then(client):
    article = make_article(slug="a")
    change(article, published_at=timezone.now() + DAY)
    assert status(client, "a") == 410
    Article.objects.update(published_at=timezone.now() - DAY)
    assert status(client, "a") == 200


@pytest.mark.parametrize("draft_again", [False, True])
@pytest.mark.parametrize("many", [False, True], ids=["one", "many"])
def test_deleted_it_is_gone(client, moved, draft_again, many):
    if draft_again:
        change(moved, status="draft")
    Article.objects.filter(pk=moved.pk).delete() if many else moved.delete()
    assert status(client, "new") == status(client, "old") == 410


@pytest.mark.parametrize(
    "kwargs",
    [{"status": "draft"}, {"published_at": timezone.now() + DAY * 30}],
    ids=["draft", "scheduled"],
)
@pytest.mark.parametrize("many", [False, True], ids=["one", "many"])
def test_what_nobody_ever_saw_is_not_found(client, kwargs, many):
    article = make_article(slug="a", **{"published_at": None, **kwargs})
    assert status(client, "a") == 404
    Article.objects.all().delete() if many else article.delete()
    assert status(client, "a") == 404
    assert not GoneAddress.objects.exists()


def test_a_new_article_takes_the_address_when_it_is_published(client):
    make_article(slug="a").delete()
    second = make_article(slug="a", status="draft", published_at=None)
    assert status(client, "a") == 410
    change(second, status="published")
    assert status(client, "a") == 200
    assert not GoneAddress.objects.exists()


def test_deleted_twice(client):
    for _ in range(2):
        make_article(slug="a").delete()
    assert status(client, "a") == 410


def test_the_page_says_so_and_is_neither_kept_nor_listed(client):
    make_article(slug="a", title="A secret title").delete()
    response = client.get("/articles/a/")
    markup = response.content.decode()
    assert "What was here is gone" in markup
    assert "A secret title" not in markup
    assert '<meta name="robots" content="noindex">' in markup
    assert response["X-Robots-Tag"] == "noindex"
    assert "no-store" in response["Cache-Control"]
    assert "X-Pingback" not in response
    assert not response.cookies


def test_whoever_may_see_drafts_sees_the_one_taken_back(client):
    article = make_article(slug="a")
    change(article, status="draft")
    client.force_login(make_user("articles.view_article"))
    assert status(client, "a") == 200
    article.delete()
    assert status(client, "a") == 410


def test_deleting_counts_as_before_and_is_not_on_the_manager():
    article = make_article()
    assert Article.objects.filter(pk=article.pk).delete() == (1, {"articles.Article": 1})
    assert make_article().delete() == (1, {"articles.Article": 1})
    assert not hasattr(Article.objects, "delete")


def test_what_a_withdrawn_article_is_called_afterwards_is_nobodys_business(client):
    article = make_article(slug="once")
    article.status = Article.Status.DRAFT
    article.store()
    for secret in ("secret-layoffs", "secret-again"):
        article.slug = secret
        article.store()
    assert client.get("/articles/once/").status_code == 410
    for secret in ("secret-layoffs", "secret-again"):
        assert client.get(f"/articles/{secret}/").status_code == 404
    article.delete()
    assert client.get("/articles/once/").status_code == 410
    assert client.get("/articles/secret-again/").status_code == 404
