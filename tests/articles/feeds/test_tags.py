"""The feeds of tags, and tags in feeds."""

import datetime

import pytest
from django.utils import timezone

from articles.models import Article, Tag
from tests.builders import make_article
from tests.reading_feeds import SUFFIXES, parsed, read_json

pytestmark = pytest.mark.django_db

SITE = "https://blog.example.org"


@pytest.fixture(autouse=True)
def address(settings):
    settings.SITE_URL = SITE


def tagged(*names, **values):
    """Return an article with tags of these names."""
    article = make_article(**values)
    article.tags.set(Tag.objects.named(names))
    return article


def titles(client, path):
    """Return the titles of the entries in each form, which are the same."""
    found = [
        [entry.title for entry in parsed(client.get(path + SUFFIXES[form])).entries]
        for form in ("rss", "atom")
    ]
    found.append([item["title"] for item in read_json(client.get(f"{path}json/"))["items"]])
    assert found[0] == found[1] == found[2]
    return found[0]


def test_only_what_has_the_tag_and_is_public_the_newest_first(client):
    now = timezone.now()
    for days in (3, 1, 2):
        tagged("Tea & <i>", title=f"{days}", published_at=now - datetime.timedelta(days=days))
    tagged("Coffee", title="Other")
    tagged("Tea & <i>", title="Later", published_at=now + datetime.timedelta(days=1))
    tagged("Tea & <i>", title="Draft", status=Article.Status.DRAFT, published_at=None)
    tag = Tag.objects.get(key="tea & <i>")
    path = f"{tag.get_absolute_url()}feed/"
    assert titles(client, path) == ["1", "2", "3"]
    found = read_json(client.get(f"{path}json/"))
    assert found["title"] == "Tea & <i> – Recovery"
    assert found["home_page_url"] == f"{SITE}{tag.get_absolute_url()}"
    assert found["feed_url"] == f"{SITE}{path}json/"


def test_entries_name_their_tags(client):
    tagged("Tea", "Slow & <b>")
    for form in ("rss", "atom"):
        entry = parsed(client.get(f"/feed/{SUFFIXES[form]}")).entries[0]
        assert {tag.term for tag in entry.tags} == {"Tea", "Slow & <b>"}
    item = read_json(client.get("/feed/json/"))["items"][0]
    assert sorted(item["tags"]) == ["Slow & <b>", "Tea"]


def test_the_same_entry_has_the_same_id_in_each_feed(client):
    tagged("Tea")
    ids = [
        parsed(client.get(path)).entries[0].id for path in ("/feed/atom/", "/tags/tea/feed/atom/")
    ]
    assert ids[0] == ids[1]


def test_its_id_survives_a_new_address_to_which_the_old_one_leads(client):
    tagged("Tea")
    before = parsed(client.get("/tags/tea/feed/atom/")).feed.id
    tag = Tag.objects.get()
    tag.name, tag.slug = "Green tea", "green-tea"
    tag.store()
    for suffix in SUFFIXES.values():
        response = client.get(f"/tags/tea/feed/{suffix}")
        assert (response.status_code, response["Location"]) == (
            301,
            f"/tags/green-tea/feed/{suffix}",
        )
    assert parsed(client.get("/tags/green-tea/feed/atom/")).feed.id == before
    assert client.get("/tags/tea/feed/rss2/")["Location"] == "/tags/tea/feed/"


@pytest.mark.parametrize(
    "values",
    [
        {"status": Article.Status.DRAFT, "published_at": None},
        {"published_at": timezone.now() + datetime.timedelta(days=1)},
    ],
    ids=["draft", "scheduled"],
)
def test_a_tag_that_nobody_sees_has_no_feed(client, values):
    tagged("Secret", **values)
    assert client.get("/tags/secret/feed/").status_code == 404
    assert b"Secret" not in client.get("/subscribe/").content
    assert client.get("/tags/none/feed/").status_code == 404


def test_the_page_for_people_lists_them(client):
    tagged("Tea")
    page = client.get("/subscribe/").content.decode()
    assert "<code>https://blog.example.org/tags/tea/feed/</code>" in page
    assert '<a href="/tags/tea/feed/" type="application/rss+xml"><bdi>Tea</bdi></a>' in page


def test_as_many_queries_whatever_there_is(client, django_assert_max_num_queries):
    for number in range(25):
        tagged("Tea", f"Tag {number}")
    for path in ("/tags/tea/feed/", "/feed/", "/subscribe/"):
        with django_assert_max_num_queries(10):
            client.get(path)
    assert len(titles(client, "/tags/tea/feed/")) == 20
