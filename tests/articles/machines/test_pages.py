"""What the pages for people say to machines on the way, and the picture of an article."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from articles.cards import making
from articles.models import Article, Blog, Card, OldSlug
from articles.rel_me import addresses_in, validate_addresses
from tests.builders import make_article, make_user, save_blog
from tests.test_templates import page

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown(article):
    """Return an article that has its card."""
    making.make(Article.objects.all())
    article.refresh_from_db()
    return article


def meta(response):
    """Return what the ``<meta>`` elements say, by name or property."""
    return {
        name: attrs["content"]
        for tag, attrs in page(response).tags
        if tag == "meta"
        for name in (attrs.get("name"), attrs.get("property"))
        if name
    }


def links(response, rel):
    return [attrs for tag, attrs in page(response).tags if tag == "link" and attrs["rel"] == rel]


class TestHead:
    def test_opengraph_and_x(self, client, shown, settings):
        said = meta(client.get(shown.get_absolute_url()))
        address = f"{settings.SITE_URL}{shown.get_absolute_url()}"
        assert said["og:type"] == "article"
        assert said["og:title"] == shown.title
        assert said["og:url"] == address
        assert said["og:description"] == said["description"] == shown.excerpt
        assert said["og:site_name"] == "Recovery"
        assert said["og:image"] == f"{address}card-{shown.card_name}.png"
        assert said["og:image:alt"] == shown.title
        assert said["twitter:card"] == "summary_large_image"

    def test_no_image_before_it_is_there(self, client, article):
        assert not {"og:image", "og:image:alt", "twitter:card"} & set(
            meta(client.get(article.get_absolute_url()))
        )

    def test_nothing_is_said_of_an_empty_text(self, client):
        said = meta(client.get(make_article(body="").get_absolute_url()))
        assert not {"description", "og:description"} & set(said)

    def test_the_markdown(self, client, article, settings):
        (link,) = (
            found
            for found in links(client.get(article.get_absolute_url()), "alternate")
            if found["type"] == "text/markdown"
        )
        assert link["href"] == f"{settings.SITE_URL}/articles/{article.slug}.md"

    def test_a_change_is_shown_from_the_next_day_on(self, client):
        article = make_article(
            published_at=datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC), body="One."
        )
        Article.objects.update(updated_at=datetime.datetime(2026, 1, 2, 9, tzinfo=datetime.UTC))
        assert ">changed <" not in client.get(article.get_absolute_url()).content.decode()
        Article.objects.update(updated_at=datetime.datetime(2026, 1, 3, 9, tzinfo=datetime.UTC))
        text = client.get(article.get_absolute_url()).content.decode()
        assert '>changed <time class="dt-updated" datetime="2026-01-03T09:00:00+0000">' in text

    def test_days_are_those_that_the_page_shows(self, client):
        article = make_article(
            published_at=datetime.datetime(2026, 1, 2, 20, tzinfo=datetime.UTC), body="One."
        )
        Article.objects.update(updated_at=datetime.datetime(2026, 1, 2, 22, tzinfo=datetime.UTC))
        with timezone.override("Europe/Helsinki"):
            text = client.get(article.get_absolute_url()).content.decode()
        assert '>changed <time class="dt-updated" datetime="2026-01-03T00:00:00+0200">' in text


class TestCard:
    def address(self, article, name=None):
        return f"/articles/{article.slug}/card-{name or article.card_name}.png"

    def test_it_is_kept_for_a_year(self, client, shown):
        response = client.get(self.address(shown))
        assert response.content == bytes(Card.objects.get().png)
        assert response["Content-Type"] == "image/png"
        assert response["Cache-Control"] == "public, max-age=31536000, immutable"
        assert response["Surrogate-Key"] == f"site article:{shown.slug}"

    def test_a_former_one_leads_to_the_present_one(self, client, shown, settings):
        OldSlug.objects.create(slug="before", article=shown)
        now = f"{settings.SITE_URL}{self.address(shown)}"
        for path in (self.address(shown, "0" * 12), f"/articles/before/card-{shown.card_name}.png"):
            response = client.get(path)
            assert (response.status_code, response["Location"]) == (302, now)

    @pytest.mark.parametrize(
        "hidden",
        [
            {"status": "draft"},
            {"published_at": datetime.datetime(2999, 1, 1, tzinfo=datetime.UTC)},
        ],
    )
    def test_that_of_what_is_not_published_is_not_there(self, client, admin_client, shown, hidden):
        Article.objects.update(**hidden)
        for somebody in (client, admin_client):
            assert somebody.get(self.address(shown)).status_code == 404

    def test_there_is_none_before_it_is_made(self, client, article):
        assert client.get(self.address(article, "0" * 12)).status_code == 404

    def test_a_picture_that_is_missing_is_not_found(self, client, shown):
        Card.objects.all().delete()
        assert client.get(self.address(shown)).status_code == 404


class TestRelMe:
    def test_the_front_page_names_them(self, client, article):
        addresses = ["https://ann.example/", "https://social.example/@ann?a=1&b=2"]
        Blog(pk=1, rel_me="\n\n".join(addresses)).save()
        assert [link["href"] for link in links(client.get("/"), "me")] == addresses
        assert links(client.get(article.get_absolute_url()), "me") == []

    def test_there_are_none_by_default(self, client):
        assert links(client.get("/"), "me") == []

    def test_each_once_without_blanks(self):
        assert addresses_in(" https://a.example \r\n\nhttps://a.example\nhttps://b.example") == [
            "https://a.example",
            "https://b.example",
        ]

    @pytest.mark.parametrize(
        "line",
        [
            "ann.example",
            "javascript:alert(1)",
            "mailto:ann@example.org",
            "https://",
            'https://a.example/"onload=',
            "https://a.example/<b>",
            "https://a b.example/",
            "https://user:secret@a.example/",
            "https://a.example:x/",
            "https://[a/",
            f"https://a.example/{'x' * 500}",
        ],
    )
    def test_what_is_no_address_is_refused_with_a_sentence(self, line):
        with pytest.raises(ValidationError, match="Write one on each line"):
            validate_addresses(f"https://a.example/\n{line}")

    def test_a_long_list_is_refused(self):
        with pytest.raises(ValidationError, match="At most 20"):
            validate_addresses("\n".join(f"https://a{number}.example/" for number in range(21)))

    def test_the_admin_says_so_beside_what_was_typed(self, client):
        client.force_login(make_user(is_superuser=True))
        response = save_blog(client, rel_me="nonsense")
        assert response.status_code == 200
        assert "“nonsense” is not an address" in response.content.decode()
        assert ">\nnonsense</textarea>" in response.content.decode()
        assert not Blog.objects.exists()


def test_scheduled_articles_are_nowhere_before_their_time(client, time_machine):
    time_machine.move_to("2026-11-22 12:00:00+00:00", tick=False)
    article = make_article(title="Surprise", published_at=timezone.now() + datetime.timedelta(1))
    making.make(Article.objects.all())
    article.refresh_from_db()
    paths = ["/", "/llms.txt", "/sitemap.xml", "/sitemap-pages.xml"]
    assert not [path for path in paths if b"urprise" in client.get(path).content]
    time_machine.move_to("2026-11-24 12:00:00+00:00", tick=False)
    paths = ["/", "/llms.txt", "/sitemap-articles-1.xml", f"/articles/{article.slug}.md"]
    assert not [path for path in paths if b"urprise" not in client.get(path).content]
