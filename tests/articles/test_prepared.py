"""Queries that are put together once give what query sets give."""

import datetime

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from articles.models import Article, FaqEntry
from articles.prepared import MOMENT, NUMBER, TEXT, Prepared, PreparedModels
from tests.builders import make_article, make_faq_entry, make_user

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


def test_rows_are_those_of_the_query_set():
    articles = [make_article() for _ in range(3)]
    fields = ("pk", "title", "published_at", "comments_open")

    def build(pk, title):
        return Article.objects.filter(pk=pk, title=title).values_list(*fields)

    prepared = Prepared(build, NUMBER, TEXT)
    for article in [*articles, *articles]:
        assert prepared(article.pk, article.title) == list(build(article.pk, article.title))
    assert prepared(articles[0].pk, articles[1].title) == []


def test_moments_and_truths_are_what_they_are_elsewhere():
    article = make_article(comments_open=False)
    prepared = Prepared(
        lambda pk: Article.objects.filter(pk=pk).values_list("published_at", "comments_open"),
        NUMBER,
    )
    assert prepared(article.pk) == [(article.published_at, False)]


def test_each_value_has_its_own_place():
    prepared = Prepared(
        lambda low, high: Article.objects.filter(pk__gte=low, pk__lte=high).values_list("pk"),
        NUMBER,
        NUMBER,
    )
    pks = [make_article().pk for _ in range(4)]
    assert sorted(prepared(pks[1], pks[2])) == [(pks[1],), (pks[2],)]


def test_the_moment_is_asked_each_time():
    now = timezone.now()
    article = make_article(published_at=now + DAY)
    prepared = Prepared(lambda at: Article.objects.published(at).values_list("pk"), MOMENT)
    assert prepared(now) == []
    assert prepared(now + 2 * DAY) == [(article.pk,)]


def test_instances_are_those_of_the_model(django_assert_num_queries):
    entry = make_faq_entry(make_article())
    prepared = PreparedModels(lambda pk: FaqEntry.objects.filter(pk=pk), NUMBER)
    (found,) = prepared(FaqEntry, entry.pk)
    assert found == entry
    assert vars(found)["question"] == entry.question
    found.question = "Changed?"
    found.save()
    assert prepared(FaqEntry, entry.pk)[0].question == "Changed?"


@pytest.mark.parametrize("has_author", [True, False])
def test_a_companion_comes_along(django_assert_num_queries, has_author):
    author = make_user(first_name="Ann", last_name="Lee") if has_author else None
    article = make_article(author=author)
    prepared = PreparedModels(
        lambda slug: Article.objects.select_related("author").filter(slug=slug),
        TEXT,
        companion="author",
    )
    for _ in range(2):
        with django_assert_num_queries(1):
            (found,) = prepared(Article, article.slug)
            assert (found, found.author, found.body) == (article, author, article.body)
            assert found.byline == ("Ann Lee" if has_author else "")


def test_fields_left_out_are_read_when_asked_for(django_assert_num_queries):
    article = make_article(summary="In short.")
    prepared = PreparedModels(lambda pk: Article.objects.only("title").filter(pk=pk), NUMBER)
    (found,) = prepared(Article, article.pk)
    with django_assert_num_queries(1):
        assert found.summary == "In short."


def test_it_is_put_together_once(monkeypatch):
    article, built = make_article(), []

    def build(pk):
        built.append(pk)
        return Article.objects.filter(pk=pk).values_list("pk")

    prepared = Prepared(build, NUMBER)
    for _ in range(3):
        prepared(article.pk)
    assert len(built) == 1


def test_the_columns_are_told_apart_once_for_all_rows(monkeypatch):
    for _ in range(3):
        make_article()
    prepared = PreparedModels(lambda pk: Article.objects.filter(pk__gte=pk), NUMBER)
    columns, asked = prepared._prepared.columns, []

    def counted(self):
        asked.append(1)
        return columns

    monkeypatch.setattr(Prepared, "columns", property(counted))
    assert len(prepared(Article, 0)) == 3
    assert asked == [1]


def test_what_the_database_says_is_said_as_by_django():
    prepared = Prepared(lambda pk: Article.objects.filter(pk=pk).values_list("pk"), NUMBER)
    prepared(1)
    prepared._made.sql = prepared._made.sqlite = "SELECT nothing FROM nowhere"
    with pytest.raises(DatabaseError), transaction.atomic():
        prepared(1)


def test_whoever_looks_on_sees_every_query(django_assert_num_queries):
    prepared = Prepared(lambda pk: Article.objects.filter(pk=pk).values_list("pk"), NUMBER)
    prepared(1)
    with django_assert_num_queries(1):
        prepared(1)
    seen = []

    def look_on(execute, *asked):
        seen.append(asked)
        return execute(*asked)

    with connection.execute_wrapper(look_on):
        prepared(1)
    assert len(seen) == 1
