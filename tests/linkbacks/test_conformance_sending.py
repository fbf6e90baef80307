"""What the standards ask of whoever sends a linkback, as far as it needs requests.

Each test is named after its clause. Discovery on answers already fetched is in
`test_conformance_sender`.
"""

import pytest
from defusedxml import ElementTree

from comments.linkbacks import pingback
from comments.linkbacks.models import OutgoingLinkback
from tests.builders import make_article
from tests.linkbacks.sites import ACCEPTED, ENDPOINT, TARGET, linking

pytestmark = pytest.mark.django_db

State = OutgoingLinkback.State


@pytest.fixture
def source(sites):
    """Return an article that links to the target, told by nobody yet."""
    return make_article(title="On rest", slug="rest", body="In [short](" + TARGET + "#part), rest.")


SOURCE_URL = "https://blog.example.org/articles/rest/"


def row():
    return OutgoingLinkback.objects.get()


def change(article, body):
    article.body = body
    article.store()


# Webmention, 3.1.2 to 3.1.6


@pytest.mark.parametrize("content_type", ["image/png", "application/pdf"])
def test_3_1_2_a_target_that_is_no_html_is_asked_for_its_header(
    sites, publish, source, content_type
):
    link = {"Link": f"<{ENDPOINT}>; rel=webmention"}
    sites.page(TARGET + "#part", "binary", headers=link, content_type=content_type)
    sites.answers(202)
    publish(source)
    assert row().state == State.SENT


def test_3_1_2_the_endpoint_is_resolved_relative_to_the_target_after_its_redirects(
    sites, publish, source
):
    html = '<link rel="webmention" href="wm">'
    sites.page(TARGET + "#part", html, final="https://moved.example/blog/post")
    sites.answers(200, endpoint="https://moved.example/blog/wm")
    publish(source)
    assert [post.url for post in sites.posts] == ["https://moved.example/blog/wm"]


def test_3_1_3_must_post_source_and_target_form_encoded(sites, publish, source):
    sites.takes(url=TARGET + "#part")
    publish(source)
    (post,) = sites.posts
    assert post.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert post.form == {"source": SOURCE_URL, "target": TARGET + "#part"}


def test_3_1_3_query_parameters_of_the_endpoint_must_stay_in_its_address_and_out_of_the_body(
    sites, publish, source
):
    endpoint = ENDPOINT + "?key=1&to=a%20b"
    sites.takes(url=TARGET + "#part", endpoint=endpoint)
    publish(source)
    (post,) = sites.posts
    assert post.url == endpoint
    assert set(post.form) == {"source", "target"}


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_3_1_4_any_2xx_must_be_considered_a_success(sites, publish, source, status):
    sites.takes(url=TARGET + "#part")
    sites.answers(status)
    publish(source)
    assert (row().state, row().last_status) == (State.SENT, status)


@pytest.mark.parametrize(
    ("status", "location", "kept"),
    [
        (201, "/status/1", "https://other.example/status/1"),
        (201, "javascript:alert(1)", ""),
        (201, "", ""),
        (202, "/status/1", ""),
    ],
)
def test_3_1_4_the_location_of_a_201_is_the_status_url(
    sites, publish, source, status, location, kept
):
    sites.takes(url=TARGET + "#part")
    sites.answers((status, "", {"Location": location}))
    publish(source)
    assert row().status_url == kept


def test_3_1_5_on_update_should_send_for_new_links_and_again_for_every_former_one(
    sites, publish, source
):
    second = "https://second.example/"
    sites.takes(url=TARGET + "#part")
    sites.takes(url=second)
    publish(source)
    change(source, source.body + f" [Two]({second})")
    publish(source)
    change(source, linking(second))
    publish(source)
    assert sorted(sites.told) == sorted([*[TARGET + "#part"] * 3, *[second] * 2])


def test_3_1_5_the_endpoint_must_be_discovered_again(sites, publish, source):
    sites.takes(url=TARGET + "#part")
    publish(source)
    moved = "https://other.example/moved"
    sites.takes(url=TARGET + "#part", endpoint=moved)
    change(source, source.body + " More.")
    publish(source)
    assert [post.url for post in sites.posts] == [ENDPOINT, moved]


def test_3_1_6_on_delete_should_answer_410_and_send_again_for_every_link(
    sites, publish, source, client, run_tasks
):
    from comments.linkbacks.sending import sweep

    sites.takes(url=TARGET + "#part")
    publish(source)
    source.delete()
    sweep()
    run_tasks()
    assert client.get("/articles/rest/").status_code == 410
    assert [post.form["source"] for post in sites.posts] == [SOURCE_URL] * 2


# Pingback 1.0, 3, the client


def test_3_should_call_pingback_ping_with_source_and_target_as_written(sites, publish, source):
    sites.takes("pingback", url=TARGET + "#part")
    publish(source)
    (post,) = sites.posts
    assert post.headers["Content-Type"] == "text/xml"
    call = pingback.parse_call(post.body)
    assert (call.source, call.target) == (SOURCE_URL, TARGET + "#part")
    assert ElementTree.fromstring(post.body).findtext("methodName") == "pingback.ping"
    assert (row().state, row().last_answer) == (State.SENT, "Thanks")


def fault(code):
    return pingback.fault(code, "Because.").decode()


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (fault(48), State.SENT),
        (fault(0), State.FAILED),
        (fault(17), State.FAILED),
        (fault(33), State.FAILED),
        (fault(49), State.FAILED),
        (fault(50), State.PLANNED),
        ("\n " + ACCEPTED, State.SENT),
        ("<methodResponse/>", State.FAILED),
        ("<html>hello</html>", State.FAILED),
        ("no XML", State.FAILED),
        ("", State.FAILED),
        ('<!DOCTYPE a [<!ENTITY b "c">]>' + ACCEPTED, State.FAILED),
        (ACCEPTED + f"<!--{'x' * 20_000}-->", State.FAILED),
    ],
)
def test_3_a_fault_is_no_success_except_that_it_was_registered_before(
    sites, publish, source, answer, state
):
    sites.takes("pingback", url=TARGET + "#part")
    sites.answers((200, answer))
    publish(source)
    assert row().state == state


def test_3_a_removed_link_that_the_server_does_not_find_was_told(sites, publish, source):
    sites.takes("pingback", url=TARGET + "#part")
    publish(source)
    sites.answers((200, fault(17)))
    change(source, "Without.")
    publish(source)
    assert (row().state, row().sent_at) == (State.SENT, None)


def test_2_webmention_is_taken_before_pingback_and_pingback_before_trackback(
    sites, publish, source
):
    links = [
        f'<link rel="{protocol}" href="https://other.example/{protocol}">'
        for protocol in ("trackback", "pingback", "webmention")
    ]
    sites.page(TARGET + "#part", "".join(links))
    publish(source)
    assert sites.posts[0].url.endswith("/webmention")


# TrackBack 1.2, the client


def test_trackback_must_post_a_form_that_names_its_charset(sites, publish, source):
    sites.takes("trackback", url=TARGET + "#part")
    publish(source)
    (post,) = sites.posts
    assert post.headers["Content-Type"] == "application/x-www-form-urlencoded; charset=utf-8"
    assert post.form == {
        "url": SOURCE_URL,
        "title": "On rest",
        "excerpt": "In short, rest.",
        "blog_name": "Recovery",
    }
    assert row().state == State.SENT


def test_trackback_reads_the_answer(sites, publish, source):
    sites.takes("trackback", url=TARGET + "#part")
    sites.answers((200, "<response><error>1</error><message>No.</message></response>"))
    publish(source)
    assert (row().state, row().last_answer) == (State.FAILED, "No.")


def test_trackback_is_sent_once_because_it_knows_no_updates(sites, publish, source):
    sites.takes("trackback", url=TARGET + "#part")
    publish(source)
    for body in (source.body + " More.", "Without."):
        change(source, body)
        publish(source)
    assert len(sites.posts) == 1
    assert row().sent_at is None
