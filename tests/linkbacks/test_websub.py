"""The hub is told of each feed that changed, once, and of nothing else (WebSub)."""

import datetime
from urllib.parse import parse_qs

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from articles.admin import ArticleAdmin
from articles.models import Article, FaqEntry, Tag
from comments.linkbacks import websub
from comments.linkbacks.exceptions import NotRepeated, SourceNotFound, SourceRefused, UpstreamError
from comments.linkbacks.models import AnnouncedFeed
from comments.models import Status
from recovery import housekeeping
from tests.builders import make_article, make_comment, make_faq_entry
from tests.linkbacks.sites import Sites

pytestmark = pytest.mark.django_db

HUB = "https://hub.example/publish"
FEEDS = [f"https://blog.example.org/feed/{suffix}" for suffix in ("", "atom/", "json/")]


@pytest.fixture
def hub(monkeypatch, settings):
    """A hub that takes everything, told of a site without articles."""
    settings.SITE_URL, settings.WEBSUB_HUB = "https://blog.example.org", HUB
    hub = Sites()
    hub.answers(204, endpoint=HUB)
    monkeypatch.setattr(websub, "fetch", hub.fetch)
    return hub


@pytest.fixture
def look(hub, run_tasks):
    """Return a function that looks, works off the queue, and returns what the hub was told."""

    def look():
        hub.posts.clear()
        websub.sweep()
        run_tasks()
        assert {post.url for post in hub.posts} <= {HUB}
        assert all(post.form["hub.mode"] == "publish" for post in hub.posts)
        return sorted(post.form["hub.url"] for post in hub.posts)

    return look


def waiting():
    return DBTaskResult.objects.filter(status="READY", task_path__endswith="tell_hub")


def test_it_is_told_of_each_form_as_a_form(hub, look):
    make_article()
    assert look() == FEEDS
    post = hub.posts[0]
    assert post.headers == {"Content-Type": "application/x-www-form-urlencoded"}
    assert parse_qs(post.body.decode(), strict_parsing=True).keys() == {"hub.mode", "hub.url"}


def test_it_is_told_once(look):
    make_article()
    assert look() == FEEDS
    assert look() == []


@pytest.mark.parametrize(
    "change",
    [
        lambda article: Article.objects.update(title="Other words"),
        lambda article: Article.objects.update(slug="elsewhere"),
        lambda article: Article.objects.update(status=Article.Status.DRAFT),
        lambda article: FaqEntry.objects.update(answer_html="<p>Another.</p>"),
        lambda article: article.delete(),
        lambda article: make_article(),
    ],
    ids=["title", "slug", "withdrawn", "answer", "deleted", "another"],
)
def test_it_is_told_of_every_change_whoever_made_it(look, change):
    article = make_article()
    make_faq_entry(article)
    look()
    change(article)
    assert look() == FEEDS


@pytest.mark.parametrize(
    "change",
    [
        lambda: make_article(status=Article.Status.DRAFT, published_at=None),
        lambda: make_article(published_at=timezone.now() + datetime.timedelta(days=1)),
        lambda: make_article(published_at=timezone.now() - datetime.timedelta(days=1)),
        lambda: make_comment(Article.objects.first(), status=Status.APPROVED),
        lambda: Article.objects.update(comments_open=False),
    ],
    ids=["draft", "scheduled", "below the others", "response", "closed"],
)
def test_it_is_told_of_nothing_else(look, change):
    for _ in range(20):
        make_article()
    look()
    change()
    assert look() == []


def test_what_was_scheduled_is_told_when_its_time_has_come(look, time_machine):
    make_article(published_at=timezone.now() + datetime.timedelta(hours=1))
    look()
    assert look() == []
    time_machine.move_to(timezone.now() + datetime.timedelta(hours=2))
    assert look() == FEEDS


def of_tag(slug):
    return [
        f"https://blog.example.org/tags/{slug}/feed/{suffix}" for suffix in ("", "atom/", "json/")
    ]


class TestTags:
    def test_the_feeds_of_an_articles_tags_are_told_as_well(self, look):
        tags = Tag.objects.named(["Tea", "Coffee"])
        look()
        make_article().tags.set(tags)
        assert look() == sorted([*FEEDS, *of_tag("tea"), *of_tag("coffee")])
        assert look() == []

    def test_only_those_that_changed(self, look):
        tea, coffee = Tag.objects.named(["Tea", "Coffee"])
        make_article().tags.add(tea)
        make_article().tags.add(coffee)
        look()
        Article.objects.filter(tags=tea).update(title="Other words")
        assert look() == sorted([*FEEDS, *of_tag("tea")])

    def test_those_of_old_articles_by_turns(self, look, time_machine, monkeypatch):
        monkeypatch.setattr(websub, "BY_TURNS", 1)
        monkeypatch.setattr(websub, "NEWEST", 0)
        for tag in Tag.objects.named(["One", "Two", "Three"]):
            make_article().tags.add(tag)
        told = []
        for hour in range(4):
            time_machine.move_to(timezone.now() + datetime.timedelta(hours=hour))
            told.append([address for address in look() if "/tags/" in address])
        assert sorted(told) == sorted([[], of_tag("one"), sorted(of_tag("two")), of_tag("three")])

    def test_those_of_an_old_article_that_is_saved_at_once(self, hub, look, run_tasks, monkeypatch):
        monkeypatch.setattr(websub, "BY_TURNS", 0)
        monkeypatch.setattr(websub, "NEWEST", 0)
        article = make_article()
        article.tags.set(Tag.objects.named(["Tea"]))
        assert look() == FEEDS
        websub.follow(article)
        run_tasks()
        assert sorted({post.form["hub.url"] for post in hub.posts} - {*FEEDS}) == of_tag("tea")

    def test_what_is_known_of_a_feed_goes_with_its_tag(self, look):
        make_article().tags.set(Tag.objects.named(["Tea"]))
        look()
        Tag.objects.all().delete()
        assert AnnouncedFeed.objects.count() == 1


def test_housekeeping_looks(hub, run_tasks):
    make_article()
    housekeeping.tidy()
    run_tasks()
    assert [post.form["hub.url"] for post in hub.posts] == FEEDS


def test_saving_in_the_admin_looks_at_once(hub, run_tasks):
    article = make_article()
    for follow in ArticleAdmin.after_save:
        follow(article)
    run_tasks()
    assert [post.form["hub.url"] for post in hub.posts] == FEEDS


def test_without_a_hub_nothing_happens(hub, look, settings):
    settings.WEBSUB_HUB = ""
    article = make_article()
    websub.follow(article)
    assert look() == []
    assert not AnnouncedFeed.objects.exists()
    websub.tell(FEEDS[0])
    assert hub.posts == []


def test_another_hub_is_told_anew(hub, look, settings):
    make_article()
    look()
    settings.WEBSUB_HUB = "https://other.example/"
    hub.answers(202, endpoint="https://other.example/")
    websub.sweep()
    assert waiting().count() == 3


@pytest.mark.parametrize(
    "trouble", [503, 429, 408, SourceNotFound("no"), UpstreamError("no")], ids=str
)
def test_a_hub_that_is_away_is_told_later(hub, look, run_tasks, time_machine, trouble):
    hub.answers(trouble, trouble, trouble, 204, endpoint=HUB)
    make_article()
    assert look() == FEEDS
    assert waiting().count() == 3
    time_machine.move_to(timezone.now() + datetime.timedelta(seconds=websub.DELAYS[0] + 1))
    hub.posts.clear()
    run_tasks()
    assert sorted(post.form["hub.url"] for post in hub.posts) == FEEDS
    assert waiting().count() == 0


def test_in_the_end_it_is_let_go(hub, look, run_tasks, time_machine):
    hub.answers(503, endpoint=HUB)
    make_article()
    look()
    for delay in websub.DELAYS:
        time_machine.move_to(timezone.now() + datetime.timedelta(seconds=delay + 1))
        run_tasks()
    assert len(hub.posts) == 3 * (len(websub.DELAYS) + 1)
    assert waiting().count() == 0


@pytest.mark.parametrize("no", [400, 404, SourceRefused("no"), NotRepeated("no", 302)], ids=str)
def test_a_hub_that_refuses_is_not_asked_again_and_the_log_says_so(hub, look, no, caplog):
    hub.answers(no, endpoint=HUB)
    make_article()
    assert look() == FEEDS
    assert waiting().count() == 0
    assert "hub" in caplog.text.lower()
    assert not DBTaskResult.objects.failed().exists()


def test_a_real_hub_hears_of_it(httpserver, settings, run_tasks):
    """Through the one guarded fetch, over a socket."""
    settings.WEBSUB_HUB = httpserver.url_for("/hub")
    settings.LINKBACK_ALLOWED_NETWORKS = websub_networks()
    settings.LINKBACK_ALLOWED_PORTS = ((1, 65535),)
    httpserver.expect_request("/hub", method="POST").respond_with_data("", status=204)
    make_article()
    websub.sweep()
    run_tasks()
    told = [parse_qs(request.get_data(as_text=True)) for request, _ in httpserver.log]
    assert [one["hub.url"][0].partition("/feed/")[2] for one in told] == ["", "atom/", "json/"]


def websub_networks():
    from ipaddress import ip_network

    return (ip_network("127.0.0.0/8"), ip_network("::1/128"))
