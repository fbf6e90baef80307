"""oEmbed 1.0, by clause."""

import datetime
import json

import pytest
from django.utils import timezone

from articles.cards import making
from articles.machines import oembed
from articles.models import Article, OldSlug
from tests.builders import make_article, make_user
from tests.test_templates import Page, page

pytestmark = pytest.mark.django_db


def ask(client, article, site, **more):
    url = f"{site}{article.get_absolute_url()}"
    return client.get("/oembed", {"url": url, **more})


def test_2_3_the_answer(client, settings):
    article = make_article(
        title="On <rest> & more", author=make_user(first_name="Ann"), summary="<b>Short</b>"
    )
    response = ask(client, article, settings.SITE_URL)
    assert response["Content-Type"] == "application/json"
    assert json.loads(response.content) == {
        "version": "1.0",
        "type": "rich",
        "title": "On <rest> & more",
        "author_name": "Ann",
        "provider_name": "Recovery",
        "provider_url": f"{settings.SITE_URL}/",
        "cache_age": 3600,
        "width": 600,
        "height": 200,
        "html": f'<blockquote><p><a href="{settings.SITE_URL}/articles/on-rest-more/">'
        "On &lt;rest&gt; &amp; more</a></p><p>&lt;b&gt;Short&lt;/b&gt;</p>"
        "<p>Ann · Recovery</p></blockquote>",
    }


def test_2_2_width_and_height_do_not_exceed_what_was_asked_for(client, article, settings):
    answer = ask(client, article, settings.SITE_URL, maxwidth="320", maxheight="100").json()
    assert (answer["width"], answer["height"]) == (320, 100)


@pytest.mark.parametrize("value", ["", "-5", "x", "١", "99999999999", "1e3"])
def test_a_size_that_is_none_does_not_count(value):
    assert oembed.limit(value, 600) == 600


def test_2_3_thumbnail_all_three_or_none(client, article, settings):
    names = {"thumbnail_url", "thumbnail_width", "thumbnail_height"}
    assert not names & set(ask(client, article, settings.SITE_URL).json())
    making.make(Article.objects.all())
    answer = ask(client, article, settings.SITE_URL).json()
    assert (answer["thumbnail_width"], answer["thumbnail_height"]) == (1200, 630)
    assert client.get(answer["thumbnail_url"].removeprefix(settings.SITE_URL)).status_code == 200
    small = ask(client, article, settings.SITE_URL, maxwidth="1199").json()
    assert not names & set(small)


def test_2_3_6_not_found(client, article, settings):
    site = settings.SITE_URL
    draft = make_article(status=Article.Status.DRAFT, published_at=None)
    soon = make_article(published_at=timezone.now() + datetime.timedelta(hours=1))
    for url in (
        "",
        site,
        f"{site}/",
        f"{site}/admin/",
        f"{site}/articles/none/",
        f"{site}{draft.get_absolute_url()}",
        f"{site}{soon.get_absolute_url()}",
        f"https://evil.example{article.get_absolute_url()}",
        f"http://user@{site.partition('//')[2]}{article.get_absolute_url()}",
        f"ftp://{site.partition('//')[2]}{article.get_absolute_url()}",
        "http://[",
        "x" * 3000,
        f"{site}/articles/a%00b/",
    ):
        assert client.get("/oembed", {"url": url}).status_code == 404, url


def test_2_3_6_not_implemented(client, article, settings):
    assert ask(client, article, settings.SITE_URL, format="xml").status_code == 501
    assert ask(client, article, settings.SITE_URL, format="json").status_code == 200


def test_either_scheme_and_every_spelling(client, settings):
    article = make_article(title="Café")
    host = settings.SITE_URL.partition("//")[2]
    for url in (
        f"https://{host}/articles/caf%C3%A9/",
        f"http://{host.upper()}/articles/café/",
        f"http://{host}/articles/café/?utm_source=x#comment-1",
    ):
        answer = client.get("/oembed", {"url": url})
        assert answer.json()["title"] == article.title


def test_a_former_address_leads_to_the_present_one(client, article, settings):
    OldSlug.objects.create(slug="before", article=article)
    response = client.get("/oembed", {"url": f"{settings.SITE_URL}/articles/before/"})
    assert response.status_code == 302
    assert client.get(response["Location"].removeprefix(settings.SITE_URL)).json()["title"]


def test_2_2_the_room_is_not_forgotten_on_the_way_from_a_former_address(client, article, settings):
    OldSlug.objects.create(slug="before", article=article)
    asked = {"url": f"{settings.SITE_URL}/articles/before/", "maxwidth": "300", "maxheight": "99"}
    followed = client.get("/oembed", asked)["Location"].removeprefix(settings.SITE_URL)
    assert {key: client.get(followed).json()[key] for key in ("width", "height")} == {
        "width": 300,
        "height": 99,
    }
    # Nonsense bounds nothing, and is not repeated either.
    nonsense = client.get("/oembed", {**asked, "maxwidth": "<b>", "maxheight": "٣"})["Location"]
    assert "max" not in nonsense


def test_4_discovery(client, settings):
    article = make_article(title="Café")
    parsed = page(client.get(article.get_absolute_url()))
    link = next(attrs for _, attrs in parsed.tags if attrs.get("type") == "application/json+oembed")
    assert link["rel"] == "alternate"
    found = client.get(str(link["href"]).removeprefix(settings.SITE_URL))
    assert found.json()["title"] == "Café"


def test_it_is_no_page_to_be_found_and_anybody_may_read_it(client, article, settings):
    response = ask(client, article, settings.SITE_URL)
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert not response.cookies


def test_hostile_words_are_text(client, settings):
    hostile = '"><script>alert(1)</script>'
    article = make_article(title=hostile, summary=hostile, author_name=hostile)
    html = ask(client, article, settings.SITE_URL).json()["html"]
    parsed = Page(html)
    assert {tag for tag, _ in parsed.tags} == {"blockquote", "p", "a"}
    assert html.count("&lt;script&gt;") == 3
