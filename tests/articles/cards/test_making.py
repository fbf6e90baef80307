"""Each article has the card of its title, soon, once, and only while it is there."""

import datetime
import subprocess
import sys

import pytest
from django.db.models import F
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from articles.cards import drawing, making
from articles.cards.tasks import make_card, make_missing_cards, make_missing_if_wanted
from articles.models import Article, Blog, Card
from recovery.models import PageChange
from tests.builders import make_article, make_user, save_blog

pytestmark = pytest.mark.django_db


def make_all():
    return making.make(Article.objects.all())


def names():
    return dict(Article.objects.values_list("title", "card_name"))


def planned(task):
    """Return how many of these wait, those for later included."""
    return DBTaskResult.objects.filter(task_path=task.module_path, status="READY").count()


def test_a_card_is_made_once(article, monkeypatch):
    assert make_all() == 1
    card = Card.objects.get()
    assert bytes(card.png).startswith(b"\x89PNG")
    assert names() == {article.title: card.name}
    assert len(card.name) == 12
    monkeypatch.setattr(drawing, "draw", None)
    assert make_all() == 0
    assert not making.is_wanted()


def test_nothing_is_noted_when_nothing_changed(article):
    make_all()
    Card.objects.update(look="another")
    PageChange.objects.all().delete()
    assert make_all() == 1
    assert not PageChange.objects.filter(key__startswith="article:").exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda: Article.objects.update(title="Another title"),
        lambda: Blog.objects.update_or_create(pk=1, defaults={"name": "Another name"}),
        lambda: Card.objects.all().delete(),
        # Saved by somebody who had read it before there was a card.
        lambda: Article.objects.update(card_name=""),
    ],
    ids=["title", "name of the blog", "lost", "overwritten"],
)
def test_whatever_it_shows_changes_it(article, change):
    make_all()
    change()
    assert making.is_wanted()
    assert make_all() == 1
    assert Article.objects.filter(card_name=F("card__name"), title=F("card__title")).count() == 1


def test_another_picture_has_another_name(article):
    make_all()
    before = names()[article.title]
    Blog(pk=1, name="Another").save()
    make_all()
    assert names()[article.title] not in ("", before)
    assert Card.objects.count() == 1


def test_changes_of_other_things_do_not(article):
    make_all()
    article.refresh_from_db()
    article.body = "Another text."
    article.store()
    Blog(pk=1, tagline="Another").save()
    assert not making.is_wanted()


def test_drafts_have_none_and_scheduled_articles_have_theirs_in_time(db):
    make_article(title="Draft", status=Article.Status.DRAFT, published_at=None)
    make_article(title="Soon", published_at=timezone.now() + datetime.timedelta(days=1))
    assert make_all() == 1
    assert names()["Draft"] == ""
    assert names()["Soon"]


def test_it_goes_with_its_article(article):
    make_all()
    Article.objects.filter(pk=article.pk).delete()
    assert not Card.objects.exists()


@pytest.mark.parametrize("fate", ["deleted", "renamed"])
def test_what_became_of_the_article_while_it_was_drawn(article, monkeypatch, fate):
    draw = drawing.draw

    def meanwhile(*args):
        if fate == "deleted":
            Article.objects.all().delete()
        else:
            Article.objects.update(title="Renamed")
        return draw(*args)

    monkeypatch.setattr(drawing, "draw", meanwhile)
    assert make_all() == 0
    assert not Card.objects.exists()
    assert making.is_wanted() == (fate == "renamed")


def test_what_no_font_can_do_is_not_tried_again_until_there_are_others(
    article, monkeypatch, settings, tmp_path
):
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(drawing, "draw", lambda *_: None)
    assert make_all() == 1
    assert names()[article.title] == ""
    assert not making.is_wanted()
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "Mine.ttf").write_bytes(b"")
    assert making.is_wanted()


def test_a_task_makes_some_and_plans_the_rest(db, monkeypatch):
    monkeypatch.setattr(making, "AT_ONCE", 2)
    for _ in range(5):
        make_article()
    rounds = 0
    make_missing_cards.enqueue()
    while planned(make_missing_cards):
        DBTaskResult.objects.all().delete()
        make_missing_cards.call()
        rounds += 1
    assert rounds == 3
    assert "" not in names().values()


def test_the_newest_come_first(db, monkeypatch):
    monkeypatch.setattr(making, "AT_ONCE", 1)
    make_article(title="Old", published_at=timezone.now() - datetime.timedelta(days=9))
    make_article(title="New")
    making.make_some()
    assert names()["Old"] == ""
    assert names()["New"]


def test_one_title_that_cannot_be_drawn_does_not_keep_the_others_from_their_cards(
    db, monkeypatch, caplog
):
    draw = drawing.draw

    def fail_for_one(title, *args):
        return 1 / 0 if title == "Broken" else draw(title, *args)

    monkeypatch.setattr(drawing, "draw", fail_for_one)
    make_article(title="Old", published_at=timezone.now() - datetime.timedelta(days=9))
    make_article(title="Broken")
    assert not making.make_some()
    assert names()["Old"]
    assert names()["Broken"] == ""
    assert "The card of “Broken” could not be drawn" in caplog.text
    # Nor is it drawn again every few minutes.
    assert not making.is_wanted()


def test_a_task_for_an_article_that_is_gone_does_nothing(db):
    make_card.call(4711)


class TestWhenItIsMade:
    def save(self, admin_client, article, **changes):
        data = {
            "title": article.title,
            "body": article.body,
            "slug": article.slug,
            "status": "published",
            "published_at_0": "2026-01-01",
            "published_at_1": "12:00:00",
            "faq_entries-TOTAL_FORMS": "0",
            "faq_entries-INITIAL_FORMS": "0",
            **changes,
        }
        url = f"/admin/articles/article/{article.pk}/change/"
        assert admin_client.post(url, data).status_code == 302

    def test_saving_an_article(self, admin_client, article, run_tasks):
        self.save(admin_client, article, title="A new title")
        assert planned(make_card) == 1
        run_tasks()
        assert names()["A new title"]

    def test_saving_a_draft_makes_none(self, admin_client, article):
        self.save(admin_client, article, status="draft")
        assert planned(make_card) == 0

    def test_publishing_from_the_list(self, admin_client, run_tasks):
        draft = make_article(status=Article.Status.DRAFT)
        data = {"action": "publish", "_selected_action": [draft.pk]}
        admin_client.post("/admin/articles/article/", data)
        run_tasks()
        assert names()[draft.title]

    def test_saving_the_blog(self, client, article, run_tasks):
        make_all()
        client.force_login(make_user(is_superuser=True))
        assert save_blog(client, name="Renamed").status_code == 302
        assert planned(make_missing_cards) == 1
        run_tasks()
        assert not making.is_wanted()

    def test_saving_the_blog_twice_plans_it_once(self, client, article):
        client.force_login(make_user(is_superuser=True))
        save_blog(client, name="Renamed")
        save_blog(client, name="Renamed again")
        assert planned(make_missing_cards) == 1

    def test_saving_the_blog_as_it_was_plans_nothing(self, client, article):
        make_all()
        client.force_login(make_user(is_superuser=True))
        assert save_blog(client).status_code == 302
        assert planned(make_missing_cards) == 0

    def test_housekeeping_finds_what_nobody_asked_for_once(self, article):
        make_missing_if_wanted()
        make_missing_if_wanted()
        assert planned(make_missing_cards) == 1

    def test_housekeeping_plans_nothing_when_nothing_is_missing(self, article):
        make_all()
        make_missing_if_wanted()
        assert planned(make_missing_cards) == 0


def test_web_workers_do_not_load_what_draws():
    code = (
        "import sys, recovery.wsgi; from django.urls import get_resolver; get_resolver().url_patterns;"
        "print(sorted({'PIL', 'rapidfuzz'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
