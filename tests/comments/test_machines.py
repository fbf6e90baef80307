"""What the conversation says to machines, beyond what every form has in common (test_one_thread.py)."""

import pytest

from comments import machines, thread_pages
from comments.models import Kind, ResponseType, Status
from comments.threads import Said
from tests.builders import make_comment, make_pingback

pytestmark = pytest.mark.django_db


def data(article):
    return machines.linked_data(article, thread_pages.read(article))


def test_all_responses_are_counted_those_elsewhere_included(article, monkeypatch):
    monkeypatch.setattr(thread_pages, "THREADS_SHOWN", 2)
    for _ in range(3):
        make_comment(article, status=Status.APPROVED)
    make_comment(article)
    assert data(article)["commentCount"] == 3


def test_a_page_is_named_with_where_it_is_and_is_no_person(article):
    make_pingback(
        article, status=Status.APPROVED, author_name="A page", source_url="https://a.example/"
    )
    (node,) = data(article)["comment"]
    assert node["name"] == "A page"
    assert node["sameAs"] == "https://a.example/"
    assert "author" not in node


@pytest.mark.parametrize("address", ["javascript:alert(1)", "//a.example/", ""])
def test_only_web_addresses_are_named(article, address):
    make_pingback(
        article, status=Status.APPROVED, source_url="https://a.example/", author_url=address
    )
    assert "sameAs" not in data(article)["comment"][0]
    assert "pingback," in machines.markdown(article, thread_pages.read(article))


def test_a_persons_website_is_not_passed_on(article):
    # Links that readers type are for people: nofollow, and nothing for machines to build on.
    make_comment(article, status=Status.APPROVED, author_url="https://seo.example/")
    assert "seo.example" not in str(data(article))


def test_the_permalink_of_who_came_late_names_it_in_the_query():
    assert machines.permalink("/a/", Said(7)) == "/a/#comment-7"
    assert machines.permalink("/a/", Said(7, is_late=True)) == "/a/?comment=7#comment-7"


def test_what_is_answered_elsewhere_has_its_own_permalink(article, monkeypatch):
    monkeypatch.setattr("comments.models.conversation.FIRST_SHOWN", 1)
    monkeypatch.setattr(thread_pages, "MORE_REPLIES_SHOWN", 1)
    parent = make_comment(article, status=Status.APPROVED)
    chain = [parent]
    for _ in range(2):
        chain.append(make_comment(article, status=Status.APPROVED, parent=chain[-1]))
    found = thread_pages.read(article, thread_pages.Place(2, parent.pk))
    last = machines.linked_data(article, found)["comment"][-1]
    assert last["@id"] == chain[2].get_absolute_url()
    assert last["parentItem"]["@id"] == chain[1].get_absolute_url()
    assert "?comment=" in last["parentItem"]["@id"]


@pytest.mark.parametrize(
    ("kind", "response_type", "words"),
    [
        (Kind.REPLY, ResponseType.REPLY, "So true & good."),
        (Kind.PINGBACK, ResponseType.MENTION, "[…] So *true* & good. […]"),
        (Kind.WEBMENTION, ResponseType.REPLY, "So *true* & good."),
    ],
)
def test_words_are_those_of_the_page(kind, response_type, words):
    html = "<p>So <em>true</em> &amp; good.</p>" if kind == Kind.REPLY else ""
    said = Said(1, kind=kind, response_type=response_type, text="So *true* & good.", text_html=html)
    assert machines.words(said) == words


def test_code_in_a_reply_is_among_its_words():
    html = "<p>Try:</p>\n<pre><code>make &lt;run&gt;\n</code></pre>"
    said = Said(1, kind=Kind.REPLY, response_type=ResponseType.REPLY, text_html=html)
    assert machines.words(said) == "Try: make <run>"


def test_a_page_without_words_has_none(article):
    make_pingback(article, status=Status.APPROVED, text="")
    assert "  > " not in machines.markdown(article, thread_pages.read(article))
