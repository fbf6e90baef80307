"""Every change that readers can see is noted by the database itself, and nothing else is."""

from collections import Counter
from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from articles import trigger_catalogue
from articles.models import Article, Blog
from comments.models import Comment, DiscussionSettings, Status
from recovery.models import PageChange
from recovery.page_cache import triggers
from tests.builders import make_article, make_comment, make_faq_entry, make_pingback, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def noted():
    """Return a function that tells which keys were noted since it was last called."""

    def since() -> set[str]:
        keys = set(PageChange.objects.values_list("key", flat=True))
        PageChange.objects.all().delete()
        return keys

    since()
    return since


def test_an_approval_is_noted_for_its_article_and_the_feeds(noted):
    comment = make_comment()
    noted()
    comment.approve()
    assert noted() == {f"article:{comment.article.slug}", "said", "beside"}


def test_an_approval_is_noted_once_by_each_watch(monkeypatch):
    comment = make_comment()
    # The tally's row changes twice: one response more, one thread more.
    expected = {
        "comment": {f"article:{comment.article.slug}": 1, "said": 1},
        "thread": {f"article:{comment.article.slug}": 1},
        "tally": {f"article:{comment.article.slug}": 2},
        "responses": {"beside": 1},
    }
    for watch in triggers.WATCHES:
        with monkeypatch.context() as patch:
            patch.setattr(triggers, "WATCHES", (watch,))
            triggers.install()
        PageChange.objects.all().delete()
        comment.approve()
        written = Counter(PageChange.objects.values_list("key", flat=True))
        assert written == expected.get(watch.name, {}), watch.name
        comment.hold()


def test_what_waits_is_nobodys_business(noted):
    article = make_article()
    noted()
    comment = make_comment(article)
    comment.mark_spam()
    comment.move_to_trash()
    Comment.objects.filter(pk=comment.pk).update(text="other words")
    comment.delete()
    assert noted() == set()


@pytest.mark.parametrize(
    ("change", "counted"),
    [
        ({"text_html": "<p>New.</p>"}, set()),
        ({"author_name": "Somebody else"}, set()),
        ({"status": Status.TRASH}, {"beside"}),
        ({"parent": None}, set()),
    ],
)
def test_a_bulk_update_of_what_is_shown_is_noted(noted, change, counted):
    above = make_comment(status=Status.APPROVED)
    comment = make_comment(above.article, status=Status.APPROVED, parent=above)
    noted()
    Comment.objects.filter(pk=comment.pk).update(**change)
    assert noted() == {f"article:{comment.article.slug}", "said", *counted}


def test_what_no_page_shows_is_not_noted(noted):
    comment = make_comment(status=Status.APPROVED)
    noted()
    Comment.objects.filter(pk=comment.pk).update(status_since=timezone.now())
    assert noted() == set()


def test_deleting_what_is_shown_is_noted(noted):
    comment = make_comment(status=Status.APPROVED)
    noted()
    comment.delete()
    assert noted() == {f"article:{comment.article.slug}", "said", "beside"}


def test_moving_a_comment_is_noted_for_both_articles(noted):
    comment, other = make_comment(status=Status.APPROVED), make_article()
    noted()
    Comment.objects.filter(pk=comment.pk).update(article=other)
    both = {f"article:{comment.article.slug}", f"article:{other.slug}"}
    assert noted() == {*both, "said", "beside"}


def test_publishing_and_a_new_title_change_the_shelf(noted):
    article = make_article(status=Article.Status.DRAFT, published_at=None)
    assert noted() == set()
    article.status = Article.Status.PUBLISHED
    article.store()
    itself = {f"article:{article.slug}", f"frame:{article.slug}"}
    assert noted() == {"lists", "shelf", *itself}
    article.body = "Other words."
    article.store()
    assert noted() == {"lists", *itself}
    Article.objects.filter(pk=article.pk).update(body_html="<p>Others.</p>")
    assert noted() == {"lists", *itself}
    Article.objects.filter(pk=article.pk).update(slug="another")
    assert noted() == {"lists", "shelf", *itself, "article:another", "frame:another"}


def test_questions_settings_and_names(noted):
    article = make_article()
    noted()
    entry = make_faq_entry(article)
    assert noted() == {f"article:{article.slug}", f"frame:{article.slug}", "beside"}
    entry.delete()
    assert noted() == {f"article:{article.slug}", f"frame:{article.slug}", "beside"}
    Blog(pk=1, name="Another name").save()
    assert noted() == {"site"}
    rules = DiscussionSettings(pk=1)
    rules.save()
    assert noted() == {"site"}
    rules.blocked_sources = "spam.example"
    rules.save()
    assert noted() == set()
    rules.close_after_days = 30
    rules.save()
    assert noted() == {"site"}
    user = make_user()
    noted()
    User.objects.filter(pk=user.pk).update(last_login=timezone.now())
    assert noted() == set()
    User.objects.filter(pk=user.pk).update(first_name="Ann")
    assert noted() == {"site"}


def test_another_look_at_a_linking_page_is_noted(noted):
    comment = make_pingback(status=Status.APPROVED)
    noted()
    comment.linkback.verified_at = timezone.now()
    comment.linkback.save()
    assert noted() == {f"article:{comment.article.slug}"}


def test_what_is_rolled_back_was_never_noted(noted):
    comment = make_comment()
    noted()
    with transaction.atomic():
        comment.approve()
        transaction.set_rollback(True)
    assert noted() == set()


def test_none_is_missing_and_each_can_be_put_back():
    assert triggers.missing() == set()
    triggers.remove()
    assert len(triggers.missing()) == sum(len(watch.events) for watch in triggers.WATCHES)
    triggers.install()
    triggers.install()
    assert triggers.missing() == set()


def test_everything_counts_as_changed_once_there_were_none(noted):
    triggers.remove()
    make_article()
    assert noted() == set()
    triggers.install()
    assert noted() == {"site"}


def test_those_of_an_earlier_release_are_replaced(monkeypatch):
    former = replace(triggers.WATCHES[0], seen="{row}.name <> ''")
    with monkeypatch.context() as patch:
        patch.setattr(triggers, "WATCHES", (former, *triggers.WATCHES[1:]))
        triggers.install()
        assert triggers.missing() == set()
    assert len(triggers.missing()) == 3
    triggers.install()
    assert triggers.missing() == set()
    assert len(trigger_catalogue.installed(triggers.PREFIX)) == sum(
        len(watch.events) for watch in triggers.WATCHES
    )


def test_where_a_hidden_comment_hangs_is_noted(noted):
    above = make_comment(status=Status.APPROVED)
    hidden = make_comment(above.article)
    noted()
    Comment.objects.filter(pk=hidden.pk).update(parent=above)
    assert noted() == {f"article:{above.article.slug}", "said"}


def test_what_is_written_as_it_was_is_no_change(noted):
    comment = make_comment(status=Status.APPROVED)
    noted()
    comment.save()
    assert noted() == set()


@pytest.mark.django_db(transaction=True)
def test_migrations_that_rewrite_tables_leave_them_in_place():
    call_command("migrate", "comments", "0001", verbosity=0)
    call_command("migrate", verbosity=0)
    assert triggers.missing() == set()


def test_watched_columns_exist():
    with connection.cursor() as cursor:
        for watch in triggers.WATCHES:
            columns = {
                column.name
                for column in connection.introspection.get_table_description(cursor, watch.table)
            }
            assert set(watch.columns) <= columns
