"""Queries that are put together once give what query sets give."""

import datetime
import uuid
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from articles.models import Article, FaqEntry
from articles.prepared import MOMENT, NUMBER, TEXT, Prepared, PreparedInsert, PreparedModels
from comments.linkbacks.models import Linkback
from comments.models import Comment, Contact
from tests.builders import make_article, make_comment, make_faq_entry, make_user

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


# --- Rows that are written ---------------------------------------------------------------------------


def new_comment(article, **values):
    comment = Comment(article=article, author_name="Ann", signals={"form_age": 3.5}, **values)
    comment.set_text("Some words.")
    return comment


def stored(comment):
    """Return every value as the database has it."""
    return Comment.objects.filter(pk=comment.pk).values().get()


def test_what_is_written_is_what_save_writes(article, django_assert_num_queries):
    write = PreparedInsert(Comment)
    values = {"score": 0.5, "score_reasons": ["a", "b"], "status": "spam", "is_late": True}
    ours, theirs = new_comment(article, **values), new_comment(article, **values)
    theirs.created_at, theirs.status_since = ours.created_at, ours.status_since
    theirs.look_alike = ours.look_alike
    theirs.save()
    for comment in (ours, new_comment(article)):  # the first makes the statement, the second has it
        with django_assert_num_queries(1):
            assert write(comment) is True
        assert (comment._state.adding, comment._state.db) == (False, "default")

    differ = {"id": 0, "private_key": ""}
    assert {**stored(ours), **differ} == {**stored(theirs), **differ}
    assert ours.pk != theirs.pk


def test_bytes_moments_and_nothing_are_written_too(article):
    comment = make_comment(article)
    moment = timezone.now() - DAY
    contact = Contact(comment=comment, ciphertext=b"\x00\xff", blind_index="x", created_at=moment)
    PreparedInsert(Contact)(contact)
    found = Contact.objects.get(pk=contact.pk)
    assert (bytes(found.ciphertext), found.created_at) == (b"\x00\xff", moment)
    assert comment.parent_id is None


def test_a_written_instance_is_saved_as_any_other(article):
    comment = new_comment(article)
    PreparedInsert(Comment)(comment)
    comment.author_name = "Bob"
    comment.save()
    assert Comment.objects.get().author_name == "Bob"


def test_a_key_that_the_instance_has_is_kept():
    key = uuid.uuid4()
    row: Any = DBTaskResult(
        id=key, task_path="x", backend_name="default", args_kwargs={}, run_after=timezone.now()
    )
    PreparedInsert(DBTaskResult)(row)
    assert DBTaskResult.objects.get().pk == key
    assert DBTaskResult.objects.get().enqueued_at is not None


def test_what_is_there_already_is_an_error_or_skipped(article):
    same = {"article": article, "source_url": "https://a.example/", "source_digest": "d"}
    first, skipping = Linkback(**same), PreparedInsert(Linkback, skips_known=True)
    assert skipping(first) is True
    again = Linkback(**same)
    assert skipping(again) is False
    assert again._state.adding
    assert list(Linkback.objects.values_list("pk", flat=True)) == [first.pk]
    with pytest.raises(IntegrityError), transaction.atomic():
        PreparedInsert(Linkback)(again)


def test_databases_that_return_nothing_say_the_number_otherwise(article, monkeypatch):
    if connection.vendor != "sqlite":
        return
    monkeypatch.setattr(connection.features, "can_return_columns_from_insert", False)
    same = {"article": article, "source_url": "https://a.example/", "source_digest": "d"}
    skipping = PreparedInsert(Linkback, skips_known=True)
    first = Linkback(**same)
    assert (skipping(first), skipping(Linkback(**same))) == (True, False)
    assert first.pk == Linkback.objects.get().pk


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
