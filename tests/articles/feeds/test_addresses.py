"""Where feeds are found, and the places where readers used to other programs look."""

import pytest

from articles.feeds.content import elsewhere
from tests.builders import make_article

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        *((f"/feed/{name}/", "/feed/") for name in ("rss2", "rss", "rdf", "feed")),
        *((f"/?feed={name}", "/feed/") for name in ("rss2", "rss", "rdf", "feed")),
        *((f"/{name}", "/feed/") for name in ("rss.xml", "feed.xml", "index.xml", "rss/")),
        *((name, "/feed/atom/") for name in ("/atom.xml", "/atom/", "/?feed=atom")),
        *((name, "/feed/json/") for name in ("/feed.json", "/?feed=json")),
        ("/comments/feed/rss2/", "/comments/feed/"),
        ("/?feed=comments-rss2", "/comments/feed/"),
        ("/?feed=comments-atom", "/comments/feed/atom/"),
        ("/articles/one/feed/rss2/", "/articles/one/feed/"),
        ("/feed", "/feed/"),
        ("/feed/atom", "/feed/atom/"),
        ("/comments/feed", "/comments/feed/"),
    ],
)
def test_other_spellings_lead_to_the_right_one_for_good(client, asked, answer):
    make_article(slug="one")
    response = client.get(asked)
    assert (response.status_code, response.headers["Location"]) == (301, answer)
    assert client.get(answer).status_code == 200


def test_what_is_no_feed_stays_what_it_was(client, article):
    assert client.get("/?feed=nonsense").status_code == 200
    assert client.get("/feed/nonsense/").status_code == 404


def test_feeds_are_only_read(client, article):
    for path in ("/feed/", "/feed/atom/", "/feed/rss2/", "/comments/feed/", "/rss.xml"):
        assert client.post(path).status_code == 405
    assert client.head("/feed/").status_code == 200


def test_pages_tell_browsers_where_the_feeds_are(client, article):
    every = '<link rel="alternate" type="application/rss+xml" title="Recovery" href="/feed/">'
    own = f'title="Responses" href="{article.get_absolute_url()}feed/">'
    page, index = (client.get(path).content.decode() for path in (article.get_absolute_url(), "/"))
    assert every in page
    assert every in index
    assert own in page
    assert own not in index


def test_the_page_for_people_names_each_address(client, settings):
    settings.SITE_URL = "https://blog.example.org"
    page = client.get("/subscribe/").content.decode()
    for place in ("feed/", "comments/feed/"):
        for form in ("", "atom/", "json/"):
            assert f"<code>https://blog.example.org/{place}{form}</code>" in page
            assert f'href="/{place}{form}"' in page
    assert '<a href="/subscribe/">Subscribe</a>' in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("markup", "made"),
    [
        ('<a href="x?a=1&amp;b=2">', '<a href="https://b.example/p/x?a=1&amp;b=2">'),
        ('<a href="//c.example/">', '<a href="https://c.example/">'),
        ('<a href="mailto:ann@c.example">', '<a href="mailto:ann@c.example">'),
        ('<a href="http://[">', '<a href="http://[">'),
        ('<a href="#s-one">', '<a href="https://b.example/p/#s-one">'),
        ('<img alt="a" src="a.png" id="s-1">', '<img alt="a" src="https://b.example/p/a.png" id="a1-s-1">'),
        ('<p title=" href=&quot;x&quot;">', '<p title=" href=&quot;x&quot;">'),
        ("&lt;a href=\"x\"&gt;", "&lt;a href=\"x\"&gt;"),
    ],
)  # fmt: skip
def test_addresses_become_absolute_and_ids_unlike_others(markup, made):
    assert elsewhere(markup, "https://b.example/p/", "a1-") == made
