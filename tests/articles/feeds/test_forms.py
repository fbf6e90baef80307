"""Each form of a feed against its specification, by clause."""

import datetime
import re

import pytest
from django.utils.dateparse import parse_datetime

from comments.models import Status
from tests.builders import make_article, make_comment
from tests.reading_feeds import NAMESPACES, SUFFIXES, parsed, read_json, texts, tree

pytestmark = pytest.mark.django_db

HUB = "https://hub.example/"


@pytest.fixture
def feeds(client, settings):
    """Return the feed of two articles, one with a response, in each form."""
    settings.SITE_URL, settings.WEBSUB_HUB = "https://blog.example.org", HUB
    make_article(title="Older", author_name="Ann")
    make_comment(make_article(title="Newer", slug="newer"), status=Status.APPROVED)
    return {form: client.get(f"/feed/{suffix}") for form, suffix in SUFFIXES.items()}


def attributes(element, path):
    return [found.attrib for found in element.findall(path, NAMESPACES)]


@pytest.mark.parametrize(
    ("form", "content_type", "version"),
    [("rss", "application/rss+xml", "rss20"), ("atom", "application/atom+xml", "atom10")],
)
def test_parsers_know_what_it_is(feeds, form, content_type, version):
    assert feeds[form]["Content-Type"] == f"{content_type}; charset=utf-8"
    found = parsed(feeds[form])
    assert found.version == version
    assert found.encoding == "utf-8"
    assert found.feed.language == "en"
    assert [entry.title for entry in found.entries] == ["Newer", "Older"]


class TestRss20:
    def test_required_channel_elements(self, feeds):
        channel = tree(feeds["rss"]).find("channel")
        assert texts(channel, "title") == ["Recovery"]
        assert texts(channel, "link") == ["https://blog.example.org/"]
        assert texts(channel, "description") != [""]

    def test_guid_is_no_permalink(self, feeds):
        guids = tree(feeds["rss"]).findall("channel/item/guid")
        assert {guid.attrib["isPermaLink"] for guid in guids} == {"false"}
        assert len({guid.text for guid in guids}) == 2

    def test_the_description_is_html(self, client):
        make_article(summary="1 < 2 & <b>")
        described = texts(tree(client.get("/feed/")), "channel/item/description")
        assert described == ["1 &lt; 2 &amp; &lt;b&gt;"]

    def test_rss_profile_1_4_atom_link_self(self, feeds):
        links = attributes(tree(feeds["rss"]), "channel/a:link")
        assert {"rel": "self", "href": "https://blog.example.org/feed/"} in links


class TestRfc4287:
    def test_4_1_1_a_feed_has_id_title_updated_and_author(self, feeds):
        root = tree(feeds["atom"])
        for name in ("id", "title", "updated", "author"):
            assert len(root.findall(f"a:{name}", NAMESPACES)) == 1
        assert texts(root, "a:id") == ["tag:blog.example.org,2026:articles"]

    def test_4_1_2_an_entry_has_id_title_updated_and_one_alternate(self, feeds):
        for entry in tree(feeds["atom"]).findall("a:entry", NAMESPACES):
            for name in ("id", "title", "updated", "published", "content", "summary"):
                assert len(entry.findall(f"a:{name}", NAMESPACES)) == 1
            assert len(entry.findall("a:link[@rel='alternate']", NAMESPACES)) == 1

    def test_3_3_moments_are_rfc_3339(self, feeds):
        root = tree(feeds["atom"])
        for moment in (*texts(root, ".//a:updated"), *texts(root, ".//a:published")):
            assert parse_datetime(moment).utcoffset() == datetime.timedelta(0)

    def test_3_1_1_texts_say_what_they_are(self, feeds):
        root = tree(feeds["atom"])
        assert {one["type"] for one in attributes(root, "a:entry/a:content")} == {"html"}
        assert {one["type"] for one in attributes(root, "a:entry/a:summary")} == {"text"}

    def test_4_2_7_2_self(self, feeds):
        links = attributes(tree(feeds["atom"]), "a:link[@rel='self']")
        assert [link["href"] for link in links] == ["https://blog.example.org/feed/atom/"]


class TestRfc4685:
    def test_4_replies_are_linked_with_their_number(self, feeds):
        newer, older = tree(feeds["atom"]).findall("a:entry", NAMESPACES)
        count = f"{{{NAMESPACES['thr']}}}count"
        links = attributes(newer, "a:link[@rel='replies']")
        assert {link["type"]: link["href"] for link in links} == {
            "application/atom+xml": "https://blog.example.org/articles/newer/feed/atom/",
            "text/html": "https://blog.example.org/articles/newer/#responses",
        }
        assert [link[count] for link in links] == ["1", "1"]
        assert {link[count] for link in attributes(older, "a:link[@rel='replies']")} == {"0"}

    def test_5_total(self, feeds):
        assert texts(tree(feeds["atom"]), "a:entry/thr:total") == ["1", "0"]


class TestJsonFeed11:
    def test_top_level(self, feeds):
        assert feeds["json"]["Content-Type"] == "application/feed+json; charset=utf-8"
        found = read_json(feeds["json"])
        assert found["version"] == "https://jsonfeed.org/version/1.1"
        assert found["title"] == "Recovery"
        assert found["home_page_url"] == "https://blog.example.org/"
        assert found["feed_url"] == "https://blog.example.org/feed/json/"
        assert found["language"] == "en"

    def test_items(self, feeds):
        newer, older = read_json(feeds["json"])["items"]
        assert newer["id"] != older["id"]
        assert newer["url"] == "https://blog.example.org/articles/newer/"
        assert newer["content_html"].startswith("<p>A first paragraph.</p>")
        assert (newer.get("authors"), older["authors"]) == (None, [{"name": "Ann"}])
        moment = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
        assert all(moment.fullmatch(newer[f"date_{name}"]) for name in ("published", "modified"))

    def test_no_optional_field_is_empty(self, feeds):
        found = read_json(feeds["json"])
        for part in (found, *found["items"]):
            assert not [name for name, value in part.items() if value in ("", None, [], {})]

    def test_extensions_begin_with_an_underscore_and_tell_about_themselves(self, feeds):
        thread = read_json(feeds["json"])["items"][0]["_thread"]
        assert thread["about"].startswith("https://")

    def test_hubs(self, feeds):
        assert read_json(feeds["json"])["hubs"] == [{"type": "WebSub", "url": HUB}]


class TestWebSub4:
    @pytest.mark.parametrize("form", SUFFIXES)
    def test_hub_and_self_are_in_headers(self, feeds, form):
        own = f"https://blog.example.org/feed/{SUFFIXES[form]}"
        assert feeds[form]["Link"] == f'<{HUB}>; rel="hub", <{own}>; rel="self"'

    def test_hub_and_self_are_in_the_documents(self, feeds):
        for form, path in (("rss", "channel/a:link"), ("atom", "a:link")):
            links = attributes(tree(feeds[form]), path)
            assert {"rel": "hub", "href": HUB} in links

    def test_no_hub_is_named_where_there_is_none(self, client, article, settings):
        settings.WEBSUB_HUB = ""
        for suffix in SUFFIXES.values():
            response = client.get(f"/feed/{suffix}")
            assert "hub" not in response["Link"]
            assert b"hub" not in response.content
