"""TrackBacks in, at an article's own address (TrackBack 1.2): tests named after the clauses."""

from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest

from articles.models import Article
from comments.linkbacks.models import Linkback
from comments.models import Comment, DiscussionSettings
from tests.linkbacks.fake_web import FORM, SITE, SOURCE, linking

pytestmark = pytest.mark.django_db


def ping(client, article, content_type=FORM, **fields):
    """Ping as other blogs do; return the error code and the message."""
    body = urlencode({"url": SOURCE, **fields})
    path = f"{article.get_absolute_url()}trackback/"
    response = client.generic("POST", path, body, content_type=content_type)
    assert response.status_code == 200, "HTTP errors are for HTTP's own failures"
    assert response["Content-Type"].startswith("text/xml")
    root = ElementTree.fromstring(response.content)
    assert root.tag == "response"
    return root.findtext("error"), root.findtext("message") or ""


def test_a_ping_is_answered_by_error_0(client, article):
    assert ping(client, article, title="T", excerpt="E", blog_name="B") == ("0", "")
    assert Linkback.objects.get().protocols == ["trackback"]


def test_url_is_required(client, article):
    error, message = ping(client, article, url="")
    assert error == "1"
    assert message


def test_title_and_excerpt_come_from_the_page_and_not_from_the_sender(
    client, article, web, run_tasks
):
    web.page(SOURCE, linking(article, title="What the page says"))
    ping(client, article, title="CHEAP PILLS", excerpt="buy now", blog_name="PILLS")
    run_tasks()
    comment = Comment.objects.get()
    assert (comment.kind, comment.author_name) == ("trackback", "What the page says")
    assert comment.text == "I thought about this article for a week"


def test_a_page_that_does_not_link_is_refused(client, article, web, run_tasks):
    web.page(SOURCE, "<p>no link</p>")
    ping(client, article)
    run_tasks()
    assert Linkback.objects.get().state == Linkback.State.REFUSED
    assert not Comment.objects.exists()


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "shift_jis"])
def test_the_charset_of_the_content_type_is_understood(client, article, charset):
    assert ping(client, article, content_type=f"{FORM}; charset={charset}")[0] == "0"


@pytest.mark.parametrize("charset", ["utf-7", "punycode", "nonsense"])
def test_charsets_that_browsers_do_not_know_are_refused(client, article, charset):
    assert ping(client, article, content_type=f"{FORM}; charset={charset}")[0] == "1"


def test_a_second_ping_for_the_same_page_is_refused(client, article):
    ping(client, article)
    error, message = ping(client, article)
    assert error == "1"
    assert "already" in message


def test_a_body_over_16_kilobytes_is_refused(client, article):
    assert ping(client, article, excerpt="x" * 20_000)[0] == "1"


@pytest.mark.parametrize(
    "source", ["nonsense", "ftp://b.example/", "https://b.example:22/", SITE + "/"]
)
def test_impossible_sources_are_refused(client, article, source):
    assert ping(client, article, url=source)[0] == "1"


def test_pings_by_get_were_dropped_and_lead_people_to_the_article(client, article):
    path = article.get_absolute_url()
    response = client.get(f"{path}trackback/?url={SOURCE}")
    assert (response.status_code, response["Location"]) == (302, path)
    assert not Linkback.objects.exists()


def test_closed_articles_say_so(client, article):
    DiscussionSettings(pk=1, trackbacks_enabled=False).save()
    assert ping(client, article)[0] == "1"
    assert b"trackback" not in client.get(article.get_absolute_url()).content
    Article.objects.update(linkbacks_open=False)
    assert ping(client, article)[0] == "1"


def test_discovery_rdf_and_link_name_the_same_address(client, article):
    page = client.get(article.get_absolute_url()).content.decode()
    address = f"{SITE}{article.get_absolute_url()}trackback/"
    assert f'trackback:ping="{address}"' in page
    assert f'dc:identifier="{SITE}{article.get_absolute_url()}"' in page
    assert f'<link rel="trackback" href="{address}" />' in page
