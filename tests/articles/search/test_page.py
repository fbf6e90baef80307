"""The page to search on."""

import re

import pytest
from django.conf import settings

from articles.models import Article, Tag
from comments.models import Status
from tests.builders import make_article, make_comment, make_faq_entry, make_user
from tests.test_templates import page as checked

pytestmark = pytest.mark.django_db


def test_without_words_it_is_the_form(client):
    response = client.get("/search/")
    parsed = checked(response)
    assert 'name="q"' in response.content.decode()
    assert "/search/" in parsed.values("action")
    assert "noindex" not in response.content.decode()
    assert not response.cookies


def test_results_are_marked_and_escaped(client):
    article = make_article(
        title="Bread & <i>salt</i>", body="<script>alert(1)</script> bread &lt;b&gt; bread"
    )
    make_faq_entry(article, question="Bread <b>?")
    make_comment(
        article, status=Status.APPROVED, author_name="<i>Zed</i>", text="bread <img> *now*"
    )
    response = client.get("/search/?q=bread")
    checked(response)
    words = response.content.decode()
    assert "<mark>Bread</mark> &amp; &lt;i&gt;salt&lt;/i&gt;</a></h2>" in words
    assert "<script>" not in words
    assert "<img" not in words
    assert "Response by <bdi>&lt;i&gt;Zed&lt;/i&gt;</bdi>" in words
    assert "3 results" in words
    assert '<meta name="robots" content="noindex">' in words


@pytest.mark.parametrize("typed", ["slow bread", "Slow  BREAD", "“slow bread”"])
def test_a_tag_that_is_called_so_is_told(client, typed):
    for title in ("One", "Two"):
        make_article(title=title).tags.set(Tag.objects.named(["Slow Bread"]))
    make_article(status="draft").tags.set(Tag.objects.named(["Secret"]))
    response = client.get("/search/", {"q": typed})
    checked(response)
    said = '<a href="/tags/slow-bread/" dir="auto">Slow Bread</a> is a tag: 2 articles have it.'
    assert said in response.content.decode()
    assert "is a tag" not in client.get("/search/", {"q": "secret"}).content.decode()


def test_what_was_typed_is_in_the_form_again_escaped(client):
    words = client.get("/search/", {"q": '"><script>x'}).content.decode()
    assert 'value="&quot;&gt;&lt;script&gt;x"' in words


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("nothing", "Nothing here has this word."),
        ("nothing else", "Nothing here has all of these words."),
        ("-bread", "so far it is only said what must not be there"),
        ("?", "Type a word to look for."),
        ("bread " * 100, "Only the beginning of what was typed is looked for."),
    ],
)
def test_nothing_found_says_what_to_do(client, query, said):
    response = client.get("/search/", {"q": query})
    checked(response)
    assert said in response.content.decode()
    if query.startswith("nothing"):
        assert 'href="/tags/"' in response.content.decode().split("<footer")[0]


def test_pages_lead_to_one_another(client):
    for _ in range(21):
        make_article(title="Bread & butter")
    seen = []
    path = "/search/?q=bread+%26"
    for number in (1, 2, 3):
        response = client.get(path)
        checked(response)
        seen += re.findall(r'<h2 dir="auto"><a href="([^"]+)"', response.content.decode())
        assert f"Page {number} of 3" in response.content.decode()
        found = re.search(r'rel="next" href="([^"]+)"', response.content.decode())
        path = found[1].replace("&amp;", "&") if found else ""
    assert (len(set(seen)), path) == (21, "")


def test_it_is_asked_again_each_time_and_told_when_nothing_has_changed(client):
    article = make_article(title="Bread")
    response = client.get("/search/?q=bread")
    assert response["Cache-Control"] == "public, max-age=0, must-revalidate"
    tag = response["ETag"]
    assert client.get("/search/?q=bread", headers={"if-none-match": tag}).status_code == 304
    Article.objects.filter(pk=article.pk).update(status="draft")
    later = client.get("/search/?q=bread", headers={"if-none-match": tag})
    assert later.status_code == 200
    assert later["ETag"] != tag


def test_who_has_a_session_shares_no_page(client):
    client.force_login(make_user())
    assert client.get("/search/?q=x")["Cache-Control"].startswith("private")
    client.cookies[settings.SESSION_COOKIE_NAME] = "none"
    assert client.get("/search/?q=x")["Cache-Control"].startswith("private")


def test_the_page_that_is_not_there_offers_a_search(client):
    response = client.get("/nothing/")
    assert response.status_code == 404
    assert 'action="/search/"' in response.content.decode()


def test_every_page_leads_there(client, article):
    for path in ("/", article.get_absolute_url(), "/privacy/", "/tags/", "/archive/"):
        assert 'href="/search/"' in client.get(path).content.decode()


def test_it_is_for_reading_only(client):
    assert client.post("/search/", {"q": "x"}).status_code == 405
