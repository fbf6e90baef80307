"""The feeds of responses: what readers see, in their order, with whom each answers."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Article, Blog
from comments.models import FIRST_SHOWN, Comment, Kind, ResponseType, Status
from tests.builders import make_article, make_comment, make_pingback
from tests.reading_feeds import NAMESPACES, SUFFIXES, parsed, read_json, tree

pytestmark = pytest.mark.django_db

SITE = "https://blog.example.org"
ADDRESS = "reader@hidden.example"


@pytest.fixture(autouse=True)
def address(settings):
    settings.SITE_URL = SITE


@pytest.fixture
def article():
    return make_article(title="One", slug="one")


def said(article, **values):
    return make_comment(article, status=Status.APPROVED, address=ADDRESS, **values)


def entries(client, path="/articles/one/feed/"):
    """Return the entries as Atom, after looking that each other form has the same."""
    atom = parsed(client.get(f"{path}atom/")).entries
    rss = parsed(client.get(path)).entries
    items = read_json(client.get(f"{path}json/"))["items"]
    ids = [entry.id for entry in atom]
    assert ids == [entry.id for entry in rss] == [item["id"] for item in items]
    return atom


def content(entry):
    return entry.content[0].value


def test_what_readers_see_the_newest_first(client, article):
    first, second = said(article, text="First *words*."), said(article)
    for status in (Status.PENDING, Status.SPAM, Status.TRASH):
        make_comment(article, status=status)
    for kind in (ResponseType.LIKE, ResponseType.REPOST):
        make_pingback(article, kind=Kind.WEBMENTION, response_type=kind, status=Status.APPROVED)
    elsewhere = said(make_article(slug="two"))
    assert [entry.id for entry in entries(client)] == [
        f"tag:blog.example.org,2026:comment-{pk}" for pk in (second.pk, first.pk)
    ]
    assert content(entries(client)[1]) == "<p>First <em>words</em>.</p>"
    of_all = entries(client, "/comments/feed/")
    assert [entry.link for entry in of_all] == [
        f"{SITE}{comment.get_absolute_url()}" for comment in (elsewhere, second, first)
    ]


def test_each_form_is_what_it_says_it_is(client, article):
    said(article)
    for path in ("/articles/one/feed/", "/comments/feed/"):
        kinds = [client.get(path + suffix)["Content-Type"] for suffix in SUFFIXES.values()]
        assert kinds == [
            f"application/{name}; charset=utf-8" for name in ("rss+xml", "atom+xml", "feed+json")
        ]


def test_rfc_4685_3_whom_each_answers(client, article):
    top = said(article)
    hidden = make_comment(article, parent=top)
    said(article, parent=top)
    said(article, parent=hidden)
    below_hidden, below_top, first = (
        entry.find("thr:in-reply-to", NAMESPACES).attrib
        for entry in tree(client.get("/articles/one/feed/atom/")).findall("a:entry", NAMESPACES)
    )
    of_article = {
        "ref": f"tag:blog.example.org,2026:article-{article.pk}",
        "href": f"{SITE}/articles/one/",
        "type": "text/html",
    }
    assert first == of_article
    # As on the page: below a hidden one, what is above that counts.
    assert below_hidden == below_top
    assert below_top["ref"] == f"tag:blog.example.org,2026:comment-{top.pk}"
    assert below_top["href"] == f"{SITE}/articles/one/#comment-{top.pk}"
    items = read_json(client.get("/articles/one/feed/json/"))["items"]
    assert [item["_thread"]["in_reply_to"]["id"] for item in items] == [
        below_hidden["ref"], below_top["ref"], first["ref"],
    ]  # fmt: skip
    # What they answer has the same id in the feed of articles.
    assert parsed(client.get("/feed/atom/")).entries[0].id == first["ref"]


def test_a_linking_page_is_shown_as_on_the_page(client, article):
    make_pingback(
        article, status=Status.APPROVED, text="words <b> around", source_url="https://z.example/p"
    )
    make_pingback(article, status=Status.APPROVED, text="unsafe", author_url="javascript:alert(1)")
    unsafe, safe = read_json(client.get("/articles/one/feed/json/"))["items"]
    quote = "[…] words &lt;b&gt; around […]"
    assert (
        f'<a href="https://z.example/p" rel="nofollow ugc noopener external">{quote}</a>'
        in (safe["content_html"])
    )
    assert safe["summary"] == "[…] words <b> around […]"
    assert "javascript" not in str(unsafe)
    assert unsafe["authors"] == [{"name": unsafe["title"].partition(" on ")[0]}]


def test_names_are_plain_text_and_addresses_appear_nowhere(client, article):
    said(article, author_name="<b>Ann</b> \x01 ]]>", author_url="https://ann.example/?a=1&b=2")
    for path in ("/articles/one/feed/", "/comments/feed/", "/feed/"):
        for suffix in SUFFIXES.values():
            response = client.get(path + suffix)
            assert b"hidden.example" not in response.content
            assert b"@" not in response.content
    author = tree(client.get("/comments/feed/atom/")).find("a:entry/a:author", NAMESPACES)
    assert author.find("a:name", NAMESPACES).text == "<b>Ann</b>  ]]>"
    assert author.find("a:uri", NAMESPACES).text == "https://ann.example/?a=1&b=2"
    item = read_json(client.get("/comments/feed/json/"))["items"][0]
    assert item["authors"] == [{"name": "<b>Ann</b>  ]]>", "url": "https://ann.example/?a=1&b=2"}]


def test_a_late_response_is_linked_where_its_page_is_found(client, article):
    for _ in range(FIRST_SHOWN):
        make_comment(article)
    late = said(article)
    link = entries(client)[0].link
    assert link == f"{SITE}/articles/one/?comment={late.pk}#comment-{late.pk}"
    assert client.get(link.removeprefix(SITE).partition("#")[0]).status_code == 302


def test_when_it_was_said_and_changed(client, article, time_machine):
    time_machine.move_to("2026-03-01 10:00:00+00:00", tick=False)
    Article.objects.update(published_at=timezone.now())
    comment = said(article)
    Comment.objects.filter(pk=comment.pk).update(
        edited_at=timezone.now() + datetime.timedelta(minutes=5)
    )
    entry = entries(client)[0]
    assert entry.published == "2026-03-01T10:00:00+00:00"
    assert entry.updated == "2026-03-01T10:05:00+00:00"


def test_closed_articles_keep_their_feed(client):
    said(make_article(slug="one", comments_open=False))
    assert len(entries(client)) == 1


@pytest.mark.parametrize(
    "hidden",
    [
        {"status": Article.Status.DRAFT},
        {"published_at": timezone.now() + datetime.timedelta(days=1)},
    ],
    ids=["draft", "scheduled"],
)
def test_nothing_of_what_is_not_public(client, article, hidden):
    said(article)
    Article.objects.filter(pk=article.pk).update(**hidden)
    assert client.get("/articles/one/feed/").status_code == 404
    assert entries(client, "/comments/feed/") == []


def test_nothing_where_there_never_was_an_article_and_gone_where_one_was(client, article):
    assert client.get("/articles/none/feed/atom/").status_code == 404
    article.delete()
    assert client.get("/articles/one/feed/").status_code == 410


def test_a_former_address_leads_to_the_present_one(client, article):
    article.slug = "other"
    article.store()
    for suffix in SUFFIXES.values():
        response = client.get(f"/articles/one/feed/{suffix}")
        assert (response.status_code, response["Location"]) == (
            301,
            f"/articles/other/feed/{suffix}",
        )


def test_as_many_as_the_owner_says_with_as_many_queries(
    client, article, django_assert_max_num_queries
):
    top = said(article)
    for number in range(25):
        said(article, parent=top if number % 2 else None)
    for path in ("/articles/one/feed/", "/comments/feed/atom/"):
        with django_assert_max_num_queries(8):
            client.get(path)
    assert len(entries(client)) == 20
    Blog(pk=1, entries_per_feed=3).save()
    assert len(entries(client)) == len(entries(client, "/comments/feed/")) == 3


def test_hidden_comments_above_cost_no_query_each(client, article):
    def queries(path):
        with CaptureQueriesContext(connection) as context:
            client.get(path)
        return len(context)

    paths = ("/articles/one/feed/", "/comments/feed/")
    for parent in [said(article), make_comment(article, parent=said(article))]:
        said(article, parent=parent)
    few = [queries(path) for path in paths]
    for _ in range(8):
        said(article, parent=make_comment(article, parent=said(article)))
    assert [queries(path) for path in paths] == few
    # However many there are above one another, they are read for all entries together.
    top = said(article)
    above = top
    for _ in range(3):
        above = make_comment(article, parent=above)
    for _ in range(5):
        last = said(article, parent=above)
    assert [queries(path) for path in paths] == [number + 2 for number in few]
    [entry] = [one for one in entries(client) if one.id.endswith(f"-{last.pk}")]
    assert entry["thr_in-reply-to"]["href"] == f"{SITE}/articles/one/#comment-{top.pk}"


def test_no_hub_is_named_that_is_not_told(client, article, settings):
    settings.WEBSUB_HUB = "https://hub.example/"
    said(article)
    for path in ("/articles/one/feed/", "/comments/feed/atom/", "/comments/feed/json/"):
        response = client.get(path)
        assert b"hub.example" not in response.content
        assert response["Link"] == f'<{SITE}{path}>; rel="self"'


def test_hostile_words_stay_words(client, article):
    text = "]]> <script>alert(1)</script> \u202e 😀 مرحبا " + "long " * 1_500
    said(article, text=text, author_name="\ufffe\x0b😀")
    for suffix in ("", "atom/"):
        parsed(client.get(f"/articles/one/feed/{suffix}"))
    item = read_json(client.get("/articles/one/feed/json/"))["items"][0]
    assert "<script" not in item["content_html"]
    assert item["authors"][0]["name"] == "😀"
