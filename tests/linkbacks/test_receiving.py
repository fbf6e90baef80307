"""Taking pingbacks in: everything that is answered before anything is fetched."""

import pytest
import time_machine

from articles.models import Article
from comments.linkbacks import receiving
from comments.linkbacks.exceptions import (
    AccessDenied,
    SourceRefused,
    TargetNotFound,
    TargetNotPingable,
)
from comments.linkbacks.models import Linkback
from comments.linkbacks.receiving import Receipt
from comments.linkbacks.targets import addresses_of, find_target
from comments.models import DiscussionSettings, Kind
from tests.builders import make_article

pytestmark = pytest.mark.django_db

SOURCE = "https://blog.example/post"
SITE = "http://127.0.0.1:8000"


def receive(article_or_url, source=SOURCE, network="192.0.2.0/24"):
    url = (
        article_or_url
        if isinstance(article_or_url, str)
        else SITE + article_or_url.get_absolute_url()
    )
    return receiving.receive(Kind.PINGBACK, source, url, network=network)


@pytest.fixture(autouse=True)
def no_fetch(monkeypatch):
    """Nothing here may fetch: the answer comes from what we know ourselves."""

    def fetched(*args, **kwargs):
        raise AssertionError("a page was fetched before the answer")

    monkeypatch.setattr("comments.linkbacks.checking.fetch", fetched)


def test_a_pingback_is_noted_and_its_check_queued(article):
    from django_tasks_db.models import DBTaskResult

    linkback = receive(article).linkback
    assert (linkback.state, linkback.article, linkback.comment) == (
        Linkback.State.RECEIVED,
        article,
        None,
    )
    task = DBTaskResult.objects.get()
    assert task.task_path == "comments.linkbacks.tasks.verify_linkback"
    assert task.args_kwargs["args"] == [linkback.pk]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000/articles/{}/",
        "http://127.0.0.1:8000/articles/{}/#s-a-heading",
        "http://127.0.0.1:8000/articles/{}/?utm=x",
        "HTTP://LOCALHOST:8000/articles/{}/",
        "http://[::1]:8000/articles/{}/",
        "http://127.0.0.1:8000/articles/{}",
    ],
)
def test_the_target_is_found_under_every_name_of_the_site(article, url):
    assert find_target(url.format(article.slug)) == article


def test_the_target_is_found_through_former_slugs(article):
    old = article.get_absolute_url()
    article.slug = "renamed"
    article.store()
    assert find_target(SITE + old) == article
    assert {SITE + old, f"{SITE}/articles/renamed/"} <= addresses_of(article)


def test_a_non_latin_target_is_found_encoded_or_not():
    article = make_article(title="विश्राम और लौटना")
    path = article.get_absolute_url()
    assert "%" in path
    from urllib.parse import unquote

    assert find_target(SITE + path) == find_target(SITE + unquote(path)) == article


@pytest.mark.parametrize(
    ("url", "refusal"),
    [
        ("http://127.0.0.1:8000/articles/nothing/", TargetNotFound),
        ("http://127.0.0.1:8000/nowhere", TargetNotFound),
        ("http://127.0.0.1:8000/", TargetNotPingable),
        ("http://127.0.0.1:8000/admin/", TargetNotPingable),
        ("http://127.0.0.1:8000/articles/draft/", TargetNotFound),
        ("https://elsewhere.example/articles/x/", TargetNotPingable),
        ("http://127.0.0.1:8001/articles/x/", TargetNotPingable),
        ("http://127.0.0.1.evil.example:8000/articles/x/", TargetNotPingable),
        ("http://127.0.0.1:8000@evil.example/articles/x/", TargetNotPingable),
        ("http://127.0.0.1:99999/articles/x/", TargetNotPingable),
        ("http://[::1/articles/x/", TargetNotPingable),
        ("ftp://127.0.0.1:8000/articles/x/", TargetNotPingable),
        ("/articles/x/", TargetNotPingable),
        ("", TargetNotPingable),
        ("\x00", TargetNotPingable),
        ("http://evil.example\\@127.0.0.1:8000/articles/x/", TargetNotPingable),
        ("http://u:p@127.0.0.1:8000/articles/x/", TargetNotPingable),
        ("http://127.0.0.1:8000/articles/x/?" + "a" * 2000, TargetNotPingable),
        ("http://127.0.0.1:8000/articles/x/#" + "a" * 2000, TargetNotPingable),
    ],
)
def test_other_targets_are_refused(url, refusal):
    make_article(title="draft", status=Article.Status.DRAFT)
    with pytest.raises(refusal):
        receive(url)
    assert not Linkback.objects.exists()


@pytest.mark.parametrize("switch", ["article", "site", "age", "draft"])
def test_closed_articles_take_no_pingbacks(article, switch):
    if switch == "article":
        Article.objects.update(linkbacks_open=False)
    elif switch == "site":
        DiscussionSettings(pk=1, pingbacks_enabled=False).save()
    elif switch == "age":
        DiscussionSettings(pk=1, close_after_days=1).save()
    else:
        Article.objects.update(status=Article.Status.DRAFT)
    moment = article.published_at + __import__("datetime").timedelta(days=2)
    with (
        time_machine.travel(moment, tick=False),
        pytest.raises((TargetNotPingable, TargetNotFound)),
    ):
        receive(article)


@pytest.mark.parametrize(
    "source",
    [
        "",
        "no address",
        "ftp://blog.example/x",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://user:pw@blog.example/",
        "http://blog.example:22/",
        "http://blog.example/a b",
        "http://blog.example/\r\nX: y",
        "http://blog.example\\@evil.example/",
        "https://" + "x" * 2000 + ".example/",
        "http://127.0.0.1:8000/articles/other/",
        "http://localhost:8000/",
    ],
)
def test_impossible_sources_are_refused_at_once(article, source):
    with pytest.raises(SourceRefused):
        receive(article, source)
    assert not Linkback.objects.exists()


def test_the_same_source_is_registered_once_per_article_whatever_announces_it(article):
    first = receive(article)
    for again in (SOURCE, "HTTP://BLOG.example:80/post", f"{SOURCE}#comments"):
        assert receive(article, again) == Receipt(first.linkback, is_new=False)
    mention = receiving.receive(
        Kind.WEBMENTION, SOURCE, SITE + article.get_absolute_url(), network="n"
    )
    assert mention == Receipt(first.linkback, is_new=False)
    assert Linkback.objects.get().protocols == ["pingback", "webmention"]
    receive(make_article())
    assert Linkback.objects.count() == 2


def test_a_refused_one_may_try_again(article):
    linkback = receive(article).linkback
    linkback.refuse("No link.")
    again = receive(article)
    assert again.is_new
    assert (again.linkback.pk, again.linkback.state) == (linkback.pk, Linkback.State.RECEIVED)


@pytest.mark.parametrize(
    ("host", "counted_as"),
    [
        ("blog.example", "blog.example"),
        ("a.b.c.blog.example", "blog.example"),
        ("BLOG.example.", "blog.example"),
        ("www.blog.co.uk", "blog.co.uk"),
        ("blog.de", "blog.de"),
        ("a.blog.de", "blog.de"),
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
    ],
)
def test_names_that_one_owner_can_multiply_count_as_one(host, counted_as):
    assert receiving.registered_part(host) == counted_as


def test_other_spellings_of_a_host_do_not_count_anew(article):
    for number in range(receiving.PER_SOURCE_HOST_AND_HOUR):
        receive(article, f"https://n{number}.blog.example/", network=f"192.0.{number}.0/24")
    for host in ("blog.example.", "BLOG.EXAMPLE", "\uff42log.example", "other.blog.example"):
        with pytest.raises(AccessDenied):
            receive(article, f"https://{host}/more", network="198.51.100.0/24")


def test_what_waits_to_be_checked_is_bounded(article, monkeypatch):
    monkeypatch.setattr(receiving, "MOST_WAITING", 2)
    for number in range(2):
        receive(article, f"https://blog{number}.example/", network=f"192.0.{number}.0/24")
    with pytest.raises(AccessDenied):
        receive(article, "https://one-more.example/", network="203.0.113.0/24")


def test_one_network_and_one_source_host_keep_a_pace(article):
    with time_machine.travel(article.published_at, tick=False) as clock:
        for number in range(receiving.PER_SOURCE_HOST_AND_HOUR):
            receive(article, f"https://blog.example/{number}", network=f"192.0.{number}.0/24")
        with pytest.raises(AccessDenied):
            receive(article, "https://blog.example/more", network="198.51.100.0/24")
        for number in range(receiving.PER_CALLER_AND_HOUR):
            receive(article, f"https://blog{number}.example/", network="203.0.113.0/24")
        with pytest.raises(AccessDenied):
            receive(article, "https://one-more.example/", network="203.0.113.0/24")
        clock.shift(3601)
        receive(article, "https://one-more.example/", network="203.0.113.0/24")
