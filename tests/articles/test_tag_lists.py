"""The lists of tags and their numbers, which the database keeps whatever changes them."""

import datetime

import pytest
from django.db import connection
from django.utils import timezone

from articles import derived
from articles.models import Article, Tag, TagListing
from tests.builders import make_article

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture
def bread() -> Tag:
    tag: Tag = Tag.objects.named(["Bread"])[0]
    return tag


def listed(tag: Tag) -> set[int]:
    """Return the articles listed for this tag, after a look whether they were counted right."""
    articles = set(TagListing.objects.filter(tag=tag).values_list("article", flat=True))
    assert Tag.objects.get(pk=tag.pk).listed == len(articles)
    return articles


def test_what_is_published_is_listed_and_drafts_are_not(bread):
    shown, draft = make_article(), make_article(status="draft")
    for article in (shown, draft):
        article.tags.add(bread)
    assert listed(bread) == {shown.pk}


@pytest.mark.parametrize(
    ("change", "stays"),
    [
        ({"status": "draft"}, False),
        ({"title": "Other"}, True),
        ({"published_at": datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)}, True),
    ],
)
def test_a_bulk_update_is_followed(bread, change, stays):
    article = make_article(published_at=timezone.now() - DAY)
    article.tags.add(bread)
    Article.objects.filter(pk=article.pk).update(**change)
    assert listed(bread) == ({article.pk} if stays else set())
    if stays:
        article.refresh_from_db()
        assert TagListing.objects.get().published_at == article.published_at


def test_publishing_lists_under_every_tag(bread):
    article = make_article(status="draft")
    article.tags.set(Tag.objects.named(["bread", "Salt"]))
    Article.objects.filter(pk=article.pk).update(status="published", published_at=timezone.now())
    assert {tag.name: listed(tag) for tag in article.tags.all()} == {
        "Bread": {article.pk},
        "Salt": {article.pk},
    }


def test_untagging_and_deleting(bread):
    article, other = make_article(), make_article()
    for one in (article, other):
        one.tags.add(bread)
    article.tags.remove(bread)
    assert listed(bread) == {other.pk}
    other.delete()
    assert listed(bread) == set()
    make_article().tags.add(bread)
    bread.delete()
    assert not TagListing.objects.exists()


def test_a_row_that_is_turned_to_another_tag(bread):
    salt = Tag.objects.named(["Salt"])[0]
    article = make_article()
    article.tags.add(bread)
    Article.tags.through.objects.update(tag=salt)
    assert (listed(bread), listed(salt)) == (set(), {article.pk})


def test_made_anew_it_is_the_same(bread):
    for _ in range(3):
        make_article().tags.add(bread)
    before = listed(bread)
    derived.remove()
    assert derived.missing()
    Tag.objects.update(listed=7)
    TagListing.objects.all().delete()
    derived.install()
    assert derived.missing() == set()
    assert listed(bread) == before


def test_numbers_count_what_is_to_be_seen_now(bread):
    make_article().tags.add(bread)
    make_article(published_at=timezone.now() + DAY).tags.add(bread)
    Tag.objects.named(["Of nothing"])
    only_later = Tag.objects.named(["Later"])[0]
    make_article(published_at=timezone.now() + DAY).tags.add(only_later)
    assert [(tag.name, tag.article_count) for tag in Tag.objects.shown()] == [("Bread", 1)]
    later = Tag.objects.shown(timezone.now() + 2 * DAY)
    assert [(tag.name, tag.article_count) for tag in later] == [("Bread", 2), ("Later", 1)]


def test_the_newest_are_read_off_the_index(bread):
    now = timezone.now()
    articles = [make_article(published_at=now - age * DAY) for age in (3, 1, 2)]
    for article in [*articles, make_article(published_at=now + DAY)]:
        article.tags.add(bread)
    assert list(bread.newest_articles(2)) == [articles[1], articles[2]]
    assert set(Article.objects.tagged(bread).published()) == set(articles)
    if connection.vendor == "sqlite":
        rows = bread.listings.published().newest_first()[:2]
        assert "tag_listing_by_date" in rows.explain()
        assert "TEMP B-TREE" not in rows.explain()
