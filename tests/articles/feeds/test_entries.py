"""What feeds of articles say, whatever they are written in."""

import datetime
from email.utils import parsedate_to_datetime

import pytest
from django.utils import timezone

from articles.models import Article, Blog
from comments.models import Status
from tests.builders import make_article, make_comment, make_faq_entry, make_user
from tests.reading_feeds import SUFFIXES, parsed, read_json, texts, tree

pytestmark = pytest.mark.django_db

SITE = "https://blog.example.org"
HOSTILE = (
    "]]> <script>alert(1)</script> &amp; \x01\x08\x0b\x1f\ufffe 😀 \u202eright to left\u202c مرحبا"
)


@pytest.fixture(autouse=True)
def address(settings):
    settings.SITE_URL = SITE
    settings.ALLOWED_HOSTS = ["blog.example.org", "testserver"]


def get(client, form="rss"):
    return client.get(f"/feed/{SUFFIXES[form]}")


def titles(client):
    """Return the titles in each form, which are the same."""
    found = [
        [entry.title for entry in parsed(get(client, form)).entries] for form in ("rss", "atom")
    ]
    found.append([item["title"] for item in read_json(get(client, "json"))["items"]])
    assert found[0] == found[1] == found[2]
    return found[0]


def html(client):
    """Return the text of the first entry, the same in each form."""
    in_rss = texts(tree(get(client)), "channel/item/content:encoded")[0]
    in_atom = texts(tree(get(client, "atom")), "a:entry/a:content")[0]
    in_json = read_json(get(client, "json"))["items"][0]["content_html"]
    assert in_rss == in_atom == in_json
    return in_json


def test_newest_first_and_nothing_that_is_not_public(client):
    now = timezone.now()
    for days in (3, 1, 2):
        make_article(title=f"{days} days ago", published_at=now - datetime.timedelta(days=days))
    make_article(title="Tomorrow", published_at=now + datetime.timedelta(days=1))
    make_article(title="A draft", status=Article.Status.DRAFT, published_at=None)
    assert titles(client) == ["1 days ago", "2 days ago", "3 days ago"]


def test_what_is_scheduled_appears_when_its_time_has_come(client, time_machine):
    make_article(title="Soon", published_at=timezone.now() + datetime.timedelta(hours=1))
    assert titles(client) == []
    assert parsed(get(client)).feed.title == "Recovery"
    time_machine.move_to(timezone.now() + datetime.timedelta(hours=1, seconds=1))
    assert titles(client) == ["Soon"]


def test_as_many_as_the_owner_says(client):
    for _ in range(5):
        make_article()
    assert Blog().entries_per_feed == 20
    Blog(pk=1, entries_per_feed=2).save()
    assert len(titles(client)) == 2


def test_as_many_queries_whatever_there_is(client, django_assert_max_num_queries):
    author = make_user(first_name="Ann")
    for _ in range(25):
        article = make_article(author=author)
        make_faq_entry(article)
        make_comment(article, status=Status.APPROVED)
    for form in SUFFIXES:
        with django_assert_max_num_queries(10):
            get(client, form)


def test_the_author_is_never_a_login_name(client):
    make_article(author=make_user(first_name="Ann", last_name="Author"), title="Named")
    make_article(author=make_user(), title="Not named")
    for form in ("rss", "atom"):
        not_named, named = parsed(get(client, form)).entries
        assert named.author == "Ann Author"
        assert not_named.get("author", "Recovery") == "Recovery"
    items = read_json(get(client, "json"))["items"]
    assert [item.get("authors") for item in items] == [None, [{"name": "Ann Author"}]]
    assert b"user" not in get(client).content


def test_ids_survive_a_new_address(client):
    article = make_article(title="First")
    before = {form: get(client, form) for form in SUFFIXES}
    article.slug, article.title = "elsewhere", "Second"
    article.store()
    for form in ("rss", "atom"):
        one, other = (parsed(answer).entries[0] for answer in (before[form], get(client, form)))
        assert one.id == other.id == f"tag:blog.example.org,2026:article-{article.pk}"
        assert one.link != other.link == f"{SITE}/articles/elsewhere/"
    one, other = (read_json(answer)["items"][0] for answer in (before["json"], get(client, "json")))
    assert one["id"] == other["id"] == f"tag:blog.example.org,2026:article-{article.pk}"


def test_moments(client, time_machine):
    time_machine.move_to("2026-03-01 10:00:00+00:00", tick=False)
    article = make_article(published_at=timezone.now() + datetime.timedelta(days=1))
    time_machine.move_to("2026-03-05 10:00:00+00:00", tick=False)
    entry = parsed(get(client, "atom")).entries[0]
    # Written before it was published, and not changed since.
    assert entry.published == entry.updated == "2026-03-02T10:00:00+00:00"
    article.body = "Other words."
    article.store()
    changed = parsed(get(client, "atom"))
    assert changed.entries[0].updated == changed.feed.updated == "2026-03-05T10:00:00+00:00"
    built = parsedate_to_datetime(texts(tree(get(client)), "channel/lastBuildDate")[0])
    assert built == timezone.now()


def test_without_entries_nothing_changes_from_one_time_to_the_next(client, time_machine):
    for form in SUFFIXES:
        before = get(client, form).content
        time_machine.move_to(timezone.now() + datetime.timedelta(hours=1))
        assert get(client, form).content == before


def test_the_text_is_whole_and_can_stand_anywhere(client):
    body = (
        "See [there](/about?a=1&b=2), [beside](../other/) and [below](#a-heading).[^1]\n\n"
        "![A map](map.png)\n\n## A heading\n\n[^1]: A note.\n\n" + "Word. " * 20_000
    )
    article = make_article(slug="one", body=body)
    make_faq_entry(article, question="Why <b>?", answer="[Because](x).[^1]\n\n[^1]: So.")
    make_faq_entry(article, question="A draft?", is_published=False)
    text, page = html(client), f"{SITE}/articles/one/"
    for address in (
        f"{SITE}/about?a=1&amp;b=2", f"{SITE}/articles/other/", f"{page}#s-a-heading",
        f"{page}map.png", f"{page}x", f"{page}#s-fn-1",
    ):  # fmt: skip
        assert f'"{address}"' in text
    assert text.count("Word.") == 20_000
    assert "Why &lt;b&gt;?" in text
    assert "A draft?" not in text
    assert text.index("Word.") < text.index("Questions and answers") < text.index("Because")


def test_no_id_meets_that_of_another_entry(client):
    for _ in range(2):
        article = make_article(body="## A heading\n\nA word.[^1]\n\n[^1]: A note.")
        make_faq_entry(article, question="Why?", answer="So.[^1]\n\n[^1]: A note.")
    whole = "".join(item["content_html"] for item in read_json(get(client, "json"))["items"])
    ids = [part.partition('"')[0] for part in whole.split(' id="')[1:]]
    assert len(ids) == len(set(ids)) == 10
    assert 'href="#' not in whole


def test_who_asked_is_named_in_plain_text(client, article):
    make_faq_entry(article, credit_name="<i>Li</i>")
    assert "<p>Asked by &lt;i&gt;Li&lt;/i&gt;</p>" in html(client)


@pytest.mark.parametrize("form", SUFFIXES)
def test_hostile_words_stay_words(client, form):
    Blog(pk=1, name=HOSTILE[:90], tagline=HOSTILE).save()
    article = make_article(
        title=HOSTILE, body=f"{HOSTILE}\n\n    {HOSTILE}", summary=HOSTILE, author_name=HOSTILE
    )
    make_faq_entry(article, question=HOSTILE, answer=HOSTILE)
    response = get(client, form)
    if form == "json":
        item = read_json(response)["items"][0]
        assert item["title"].startswith("]]> <script>alert(1)</script> &amp;  😀")
        assert "<script" not in item["content_html"]
        return
    entry = parsed(response).entries[0]
    assert "<script" not in entry.content[-1].value
    title = tree(response).find(".//item/title" if form == "rss" else "{*}entry/{*}title").text
    assert title.startswith("]]> <script>alert(1)</script> &amp;  😀")
    assert title.endswith("مرحبا")


def test_how_much_was_said(client):
    article = make_article(slug="one")
    for status in (*[Status.APPROVED] * 2, Status.PENDING, Status.SPAM, Status.TRASH):
        make_comment(article, status=status)
    page = f"{SITE}/articles/one/"
    root = tree(get(client))
    assert texts(root, "channel/item/comments") == [f"{page}#responses"]
    assert texts(root, "channel/item/slash:comments") == ["2"]
    assert texts(root, "channel/item/wfw:commentRss") == [f"{page}feed/"]
    assert read_json(get(client, "json"))["items"][0]["_thread"]["replies"] == {
        "count": 2,
        "url": f"{page}#responses",
        "feed_url": f"{page}feed/json/",
    }
