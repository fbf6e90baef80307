"""The scripts of webmention.rocks for senders: update 1 and 2, delete 1, and discovery row 23.

Its endpoints carry a key that is good for one webmention: a sender that keeps an endpoint, or
drops the query of its address, is refused.
"""

import re
from itertools import count
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from comments.linkbacks import delivery, fetching, sending
from comments.linkbacks.models import OutgoingLinkback
from tests.builders import make_article
from tests.linkbacks.sites import follower, linking, made, reached

pytestmark = pytest.mark.django_db

A, B = "https://webmention.rocks/a", "https://webmention.rocks/b"
State = OutgoingLinkback.State


class Rocks:
    """Two pages that hand out endpoints with a key, and look at the source when they are told."""

    def __init__(self, client):
        self.client, self.keys, self.numbers = client, {}, count(1)
        self.seen: dict[str, list[set[str] | int]] = {A: [], B: []}

    def fetch(self, url, *, method="GET", body=None, **_):
        if method == "GET":
            key = str(next(self.numbers))
            self.keys[key] = url
            return made(url, f'<a rel="webmention" href="/endpoint?test=1&amp;key={key}">wm</a>')
        query, form = parse_qs(urlsplit(url).query), dict(parse_qsl(body.decode()))
        page = self.keys.pop(query.get("key", [""])[0], None)
        if page != form["target"] or set(form) != {"source", "target"} or "test" not in query:
            return made(url, "wrong", status=400)
        self.seen[page].append(self.look(form["source"]))
        return made(url, "ok")

    def look(self, source):
        """Return the status of a source that is not there, else which of the pages it links to."""
        answer = self.client.get(urlsplit(source).path)
        if answer.status_code != 200:
            return answer.status_code
        return set(re.findall(r'href="([^"]+)"', answer.content.decode())) & {A, B}


@pytest.fixture
def publish(run_tasks):
    return follower(run_tasks)


@pytest.fixture
def rocks(monkeypatch, settings, client):
    reached(monkeypatch, settings)
    settings.ALLOWED_HOSTS = ["*"]
    rocks = Rocks(client)
    monkeypatch.setattr("comments.linkbacks.delivery.fetch", rocks.fetch)
    return rocks


def rewrite(article, *urls):
    article.body = linking(*urls)
    article.store()


def test_update_1_a_link_is_added_and_both_are_told(rocks, publish):
    article = make_article(body=linking(A))
    publish(article)
    rewrite(article, A, B)
    publish(article)
    assert rocks.seen == {A: [{A}, {A, B}], B: [{A, B}]}


def test_update_2_a_link_is_removed_and_both_are_told(rocks, publish):
    article = make_article(body=linking(A, B))
    publish(article)
    rewrite(article, A)
    publish(article)
    assert rocks.seen == {A: [{A, B}, {A}], B: [{A, B}, {A}]}


def test_delete_1_the_page_is_told_and_finds_410(rocks, publish, run_tasks):
    article = make_article(body=linking(A))
    publish(article)
    article.delete()
    sending.sweep()
    run_tasks()
    assert rocks.seen[A] == [{A}, 410]


# Over real HTTP, on loopback


@pytest.fixture
def network(settings, httpserver: HTTPServer) -> HTTPServer:
    from ipaddress import ip_network

    settings.SITE_URL, settings.LINKBACK_SENDING = "https://blog.example.org", True
    settings.LINKBACK_ALLOWED_NETWORKS = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
    settings.LINKBACK_ALLOWED_PORTS = ((1, 65535),)
    return httpserver


def test_discovery_23_redirect_and_each_address_asked_once(network, publish):
    network.expect_ordered_request("/test/23/page", "GET").respond_with_data(
        "", status=302, headers={"Location": "page/moved/here"}
    )
    network.expect_ordered_request("/test/23/page/moved/here", "GET").respond_with_data(
        '<a href="endpoint?key=two" rel="webmention">wm</a>',
        content_type="text/html",
        headers={"Link": '<endpoint?key=one>; rel="webmention"'},
    )
    network.expect_ordered_request(
        "/test/23/page/moved/endpoint", "POST", query_string="key=one"
    ).respond_with_data("Thanks", status=201, headers={"Location": "/status/1"})
    publish(make_article(body=linking(network.url_for("/test/23/page"))))
    network.check()
    row = OutgoingLinkback.objects.get()
    assert (row.state, row.last_status) == (State.SENT, 201)
    assert row.status_url == network.url_for("/status/1")


@pytest.mark.parametrize("status", [307, 308])
def test_a_post_is_repeated_with_its_body_where_an_endpoint_moved(network, publish, status):
    bodies = []

    def take(request: Request) -> Response:
        bodies.append(request.get_data())
        assert "Webmention" in request.headers["User-Agent"]
        return Response("ok", status=202)

    page, moved = "/post", {"Location": "/new"}
    network.expect_request(page).respond_with_data(
        '<link rel="webmention" href="/old">', content_type="text/html"
    )
    network.expect_request("/old", "POST").respond_with_data("", status=status, headers=moved)
    network.expect_request("/new", "POST").respond_with_handler(take)
    publish(make_article(body=linking(network.url_for(page))))
    assert OutgoingLinkback.objects.get().state == State.SENT
    (body,) = bodies
    assert b"target=" in body


@pytest.mark.parametrize("status", [301, 302, 303])
@pytest.mark.parametrize("protocol", ["webmention", "pingback", "trackback"])
def test_a_post_is_not_turned_into_a_get_and_not_tried_again(network, publish, status, protocol):
    moved = {"Location": "/new"}
    network.expect_request("/post").respond_with_data(
        f'<link rel="{protocol}" href="{network.url_for("/old")}">', content_type="text/html"
    )
    network.expect_request("/old", "POST").respond_with_data("", status=status, headers=moved)
    publish(make_article(body=linking(network.url_for("/post"))))
    row = OutgoingLinkback.objects.get()
    assert (row.state, row.last_status, row.next_attempt_at) == (State.FAILED, status, None)
    said = f"The endpoint of that page answers {status}, a redirect after which nothing may be"
    assert row.last_answer == f"{said} posted again."
    assert [request.path for request, _ in network.log] == ["/post", "/old"]


def test_4_3_an_endpoint_that_redirects_into_a_private_network_is_not_sent_to(network, publish):
    network.expect_request("/post").respond_with_data(
        '<link rel="webmention" href="/old">', content_type="text/html"
    )
    inside = {"Location": f"http://10.0.0.1:{network.port}/wm"}
    network.expect_request("/old", "POST").respond_with_data("", status=307, headers=inside)
    publish(make_article(body=linking(network.url_for("/post"))))
    row = OutgoingLinkback.objects.get()
    assert row.state == State.FAILED
    assert row.last_answer == "The endpoint of that page is not one on the public web."


def test_4_3_an_endpoint_on_loopback_is_not_sent_to(network, publish, settings):
    network.expect_request("/post").respond_with_data(
        f'<link rel="webmention" href="http://127.0.0.1:{network.port}/wm">',
        content_type="text/html",
    )
    url = network.url_for("/post")
    article = make_article(body=linking(url))
    with pytest.MonkeyPatch.context() as patch:

        def closing(asked, **kwargs):
            page = fetching.fetch(asked, **kwargs)
            settings.LINKBACK_ALLOWED_NETWORKS = ()
            return page

        patch.setattr(delivery, "fetch", closing)
        publish(article)
    row = OutgoingLinkback.objects.get()
    assert row.state == State.FAILED
    assert row.last_answer == "The endpoint of that page is not one on the public web."
    assert [request.path for request, _ in network.log] == ["/post"]


def test_a_download_without_end_is_left_after_its_first_part(network, publish):
    def endless():
        while True:
            yield b"x" * 65536

    network.expect_request("/jenkins.war").respond_with_handler(
        lambda request: Response(endless(), content_type="application/java-archive")
    )
    publish(make_article(body=linking(network.url_for("/jenkins.war"))))
    assert OutgoingLinkback.objects.get().state == State.NO_ENDPOINT
