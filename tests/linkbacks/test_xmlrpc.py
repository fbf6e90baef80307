"""Pingback 1.0 at the address where other blogs call: each test is named after its clause."""

import xmlrpc.client  # noqa: TID251

import pytest

from articles.models import Article
from comments.linkbacks.models import Linkback
from comments.models import DiscussionSettings
from tests.builders import make_article

pytestmark = pytest.mark.django_db

SOURCE = "https://blog.example/post"
SITE = "http://127.0.0.1:8000"


def call(client, *params, method="pingback.ping", path="/xmlrpc", **extra):
    """Call as the standard library's client does; return its result, or raise its Fault."""
    body = xmlrpc.client.dumps(params, method)
    response = client.post(path, body, content_type="text/xml", **extra)
    assert response.status_code == 200, "faults too are answered with 200 (XML-RPC specification)"
    assert response["Content-Type"].startswith("text/xml")
    return xmlrpc.client.loads(response.content)[0][0]


def fault(client, *params, **kwargs):
    with pytest.raises(xmlrpc.client.Fault) as caught:
        call(client, *params, **kwargs)
    assert caught.value.faultString, "a fault says in a sentence what is wrong"
    return caught.value.faultCode


def target(article):
    return SITE + article.get_absolute_url()


@pytest.mark.parametrize("path", ["/xmlrpc", "/xmlrpc.php"])
def test_3_on_success_the_server_must_respond_with_a_single_string(client, article, path):
    answer = call(client, SOURCE, target(article), path=path)
    assert isinstance(answer, str)
    assert Linkback.objects.get().state == Linkback.State.RECEIVED


def test_3_fault_0x0020_the_specified_target_uri_does_not_exist(client):
    assert fault(client, SOURCE, f"{SITE}/articles/nothing/") == 32
    assert fault(client, SOURCE, f"{SITE}/nowhere") == 32


def test_3_fault_0x0021_the_specified_target_uri_cannot_be_used_as_a_target(client, article):
    assert fault(client, SOURCE, f"{SITE}/") == 33
    assert fault(client, SOURCE, "https://elsewhere.example/") == 33
    Article.objects.update(linkbacks_open=False)
    assert fault(client, SOURCE, target(article)) == 33
    Article.objects.update(linkbacks_open=True)
    DiscussionSettings(pk=1, pingbacks_enabled=False).save()
    assert fault(client, SOURCE, target(article)) == 33


def test_3_fault_0x0020_a_draft_is_not_given_away(client):
    draft = make_article(status=Article.Status.DRAFT)
    assert (
        fault(client, SOURCE, target(draft))
        == fault(client, SOURCE, f"{SITE}/articles/nothing/")
        == 32
    )


def test_3_fault_0x0030_the_pingback_has_already_been_registered(client, article):
    call(client, SOURCE, target(article))
    assert fault(client, SOURCE, target(article)) == 48
    Linkback.objects.update(state=Linkback.State.VERIFIED)
    assert fault(client, SOURCE, target(article)) == 48


def test_3_fault_0x0031_access_denied_to_callers_that_keep_no_pace(client, article):
    for number in range(30):
        call(client, f"https://blog{number}.example/", target(article), REMOTE_ADDR="192.0.2.1")
    assert fault(client, "https://blog.example/", target(article), REMOTE_ADDR="192.0.2.200") == 49
    call(client, "https://blog.example/", target(article), REMOTE_ADDR="198.51.100.1")


def test_3_fault_0_for_a_source_that_is_no_address(client, article):
    for source in (
        "",
        "nonsense",
        "ftp://blog.example/",
        "http://u:p@blog.example/",
        "http://blog.example:25/",
    ):
        assert fault(client, source, target(article)) == 0


def test_3_faults_0x0010_0x0011_and_0x0032_are_never_told_since_the_source_is_fetched_later(
    client, article, monkeypatch
):
    """All of these sources get the same answer, at once: the endpoint is no port scanner."""
    monkeypatch.setattr("comments.linkbacks.checking.fetch", lambda *_: pytest.fail("fetched"))
    sources = (
        "http://10.0.0.1/",
        "http://localhost/",
        "http://no-such-host.invalid/",
        "http://[::1]/x",
    )
    answers = [call(client, s, target(article)) for s in sources if "localhost" not in s]
    assert all(" was received. What becomes of it is shown at " in answer for answer in answers)


def test_faults_interoperability_32700_not_well_formed(client):
    response = client.post("/xmlrpc", b"<methodCall>", content_type="text/xml")
    with pytest.raises(xmlrpc.client.Fault) as caught:
        xmlrpc.client.loads(response.content)
    assert caught.value.faultCode == -32700


def test_faults_interoperability_32601_method_not_found(client):
    for method in ("system.listMethods", "system.multicall", "pingback.extensions.getPingbacks"):
        assert fault(client, "x", method=method) == -32601


def test_faults_interoperability_32602_invalid_parameters(client, article):
    assert fault(client) == -32602
    assert fault(client, SOURCE) == -32602
    assert fault(client, SOURCE, target(article), "more") == -32602
    assert fault(client, 1, 2) == -32602


def test_a_body_over_16_kilobytes_is_refused_unparsed(client, article):
    response = client.post("/xmlrpc", b"<x>" + b" " * 10_000_000, content_type="text/xml")
    with pytest.raises(xmlrpc.client.Fault) as caught:
        xmlrpc.client.loads(response.content)
    assert caught.value.faultCode == -32700


@pytest.mark.parametrize("method", ["get", "head", "put", "delete"])
def test_only_posts_are_taken(client, method):
    response = getattr(client, method)("/xmlrpc")
    assert (response.status_code, response["Allow"]) == (405, "POST")


class TestAdvertising:
    def test_2_1_the_header_is_sent_once_and_absolute(self, client, article):
        response = client.get(article.get_absolute_url())
        assert response["X-Pingback"] == f"{SITE}/xmlrpc"

    def test_2_2_the_link_has_the_one_exact_form_once_and_agrees_with_the_header(
        self, client, article
    ):
        page = client.get(article.get_absolute_url()).content.decode()
        assert page.count('rel="pingback"') == 1
        assert f'<link rel="pingback" href="{SITE}/xmlrpc" />' in page

    def test_2_2_an_author_cannot_write_a_second_link_by_accident(self, client):
        text = '<link rel="pingback" href="https://evil.example/" />\n\n`<link rel="pingback" href="x">`'
        article = make_article(body=text)
        page = client.get(article.get_absolute_url()).content.decode()
        assert page.count('<link rel="pingback"') == 1

    def test_it_is_not_sent_where_no_pingbacks_are_taken(self, client, article):
        Article.objects.update(linkbacks_open=False)
        response = client.get(article.get_absolute_url())
        assert "X-Pingback" not in response
        assert b'rel="pingback"' not in response.content
        assert "X-Pingback" not in client.get("/")
