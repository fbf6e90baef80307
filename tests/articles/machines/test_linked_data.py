"""JSON-LD of an article: what readers see of it, in a block that nothing typed can break out of."""

import datetime
import json
import re

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from articles.cards import making
from articles.machines import linked_data
from articles.models import Article
from comments.models import Status
from tests.builders import make_article, make_comment, make_faq_entry, make_user

HOSTILE = '</script><script>alert(1)</script><!--<script>]]>&amp;\u2028\u2029"\\'


def blocks(response):
    """Return the data of every block of the page."""
    found = re.findall(
        r'<script type="application/ld\+json">(.*?)</script>', response.content.decode(), re.DOTALL
    )
    return [json.loads(text) for text in found]


def nodes(response):
    return [
        node for data in blocks(response) for node in (data if isinstance(data, list) else [data])
    ]


@given(st.recursive(st.text(), lambda inner: st.dictionaries(st.text(), inner, max_size=3)))
def test_whatever_is_in_it_can_neither_end_the_element_nor_is_lost(value):
    element = linked_data.script({"any": value})
    inside = element.removeprefix('<script type="application/ld+json">').removesuffix("</script>")
    assert not set(inside) & set("<>&\u2028\u2029")
    assert json.loads(inside) == {"any": value}


def test_no_blanks_are_sent():
    assert linked_data.script({"a": [1, "é"]}) == (
        '<script type="application/ld+json">{"a":[1,"é"]}</script>'
    )


@pytest.mark.django_db
class TestArticle:
    def posting(self, client, article):
        page = client.get(article.get_absolute_url())
        return next(node for node in nodes(page) if "headline" in node)

    def test_all_that_readers_see_of_it(self, client, settings):
        author = make_user(first_name="Ann", last_name="Okafor")
        article = make_article(
            author=author,
            title="On rest",
            summary="In short.",
            published_at=datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC),
        )
        Article.objects.update(
            updated_at=datetime.datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=datetime.UTC)
        )
        page = f"{settings.SITE_URL}/articles/on-rest/"
        assert self.posting(client, article) == {
            "@context": "https://schema.org",
            "@id": page,
            "@type": "BlogPosting",
            "headline": "On rest",
            "datePublished": "2026-01-02T03:04:05Z",
            "dateModified": "2026-02-03T04:05:06Z",
            "author": {"@type": "Person", "name": "Ann Okafor"},
            "description": "In short.",
            "mainEntityOfPage": page,
        }

    def test_the_card_once_it_is_there(self, client, article, settings):
        assert "image" not in self.posting(client, article)
        making.make(Article.objects.all())
        name = Article.objects.get().card_name
        expected = f"{settings.SITE_URL}{article.get_absolute_url()}card-{name}.png"
        assert self.posting(client, article)["image"] == expected

    def test_without_a_summary_its_first_words(self, client, article):
        assert self.posting(client, article)["description"].startswith("A first paragraph.")

    def test_it_was_not_changed_before_it_was_published(self, client, db):
        article = make_article(published_at=timezone.now() - datetime.timedelta(hours=1))
        Article.objects.update(updated_at=timezone.now() - datetime.timedelta(days=3))
        posting = self.posting(client, article)
        assert posting["dateModified"] == posting["datePublished"]

    def test_hostile_words(self, client, db):
        article = make_article(title=HOSTILE[:200], summary=HOSTILE, author_name=HOSTILE)
        make_faq_entry(article, question=HOSTILE)
        make_comment(article, status=Status.APPROVED, author_name=HOSTILE)
        response = client.get(article.get_absolute_url())
        posting, faq, conversation = nodes(response)
        assert posting["headline"] == posting["author"]["name"] == posting["description"] == HOSTILE
        assert faq["mainEntity"][0]["name"] == HOSTILE
        assert conversation["comment"][0]["author"]["name"] == HOSTILE
        assert b"<script>alert" not in response.content

    def test_a_draft_says_nothing(self, client):
        draft = make_article(status=Article.Status.DRAFT, published_at=None)
        client.force_login(make_user(is_superuser=True))
        response = client.get(draft.get_absolute_url())
        assert response.status_code == 200
        assert nodes(response) == []
        for said in (b"og:title", b"og:image", b"oembed", b"text/markdown", b"twitter:"):
            assert said not in response.content


@pytest.mark.django_db
def test_questions_and_their_answers_as_text(client, article):
    answer = "*Because*.\n\n    make run\n\nSo there.[^1]\n\n[^1]: Note"
    entry = make_faq_entry(article, question="Why & how?", answer=answer)
    make_faq_entry(article, is_published=False)
    faq = next(
        node for node in nodes(client.get(article.get_absolute_url())) if "mainEntity" in node
    )
    # Whoever reads this alone is told all of it.
    text = "Because. make run So there. Note"
    assert faq == {
        "@context": "https://schema.org",
        "@type": "FAQPage",
        "mainEntity": [
            {
                "@type": "Question",
                "@id": f"{article.get_absolute_url()}#{entry.anchor}",
                "name": "Why & how?",
                "acceptedAnswer": {"@type": "Answer", "text": text},
            }
        ],
    }


@pytest.mark.django_db
def test_without_questions_there_is_no_list_of_them(client, article):
    assert [node["@type"] for node in nodes(client.get(article.get_absolute_url()))] == [
        "BlogPosting"
    ]


@pytest.mark.django_db
def test_both_blocks_are_about_the_same_thing(client, article):
    make_comment(article, status=Status.APPROVED)
    own, conversation = blocks(client.get(article.get_absolute_url()))
    assert own[0]["@id"] == conversation["@id"]
    assert not set(own[0]) & set(conversation) - {"@context", "@id", "@type"}
