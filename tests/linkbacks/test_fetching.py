"""The guarded fetch: what it asks and returns, redirects, names that change, TLS."""

import datetime
import logging
import socket
import ssl
from ipaddress import ip_network
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from comments.linkbacks import fetching
from comments.linkbacks.exceptions import (
    LinkbackRefused,
    NotRepeated,
    SourceNotFound,
    SourceRefused,
    UpstreamError,
)
from comments.linkbacks.fetching import Limits, fetch
from tests.linkbacks.loopback import BRIEF, OK, dripping, serving


@pytest.fixture(autouse=True)
def loopback_allowed(settings):
    settings.SITE_URL = "https://blog.example"
    settings.LINKBACK_ALLOWED_NETWORKS = (ip_network("127.0.0.1/32"),)
    settings.LINKBACK_ALLOWED_PORTS = ((1024, 65535),)


@pytest.fixture
def names(monkeypatch):
    """A name service: ``names[host]`` is an iterator of answers; every look-up is counted."""
    lookups: list[str] = []
    answers: dict[str, Any] = {"lookups": lookups}
    getaddrinfo = socket.getaddrinfo

    def look_up(host, port, **options):
        lookups.append(host)
        if host not in answers:
            return getaddrinfo(host, port, flags=socket.AI_NUMERICHOST, **options)
        addresses = next(answers[host])
        if isinstance(addresses, Exception):
            raise addresses
        families = [socket.AF_INET6 if ":" in text else socket.AF_INET for text in addresses]
        pairs = zip(families, addresses, strict=True)
        return [(family, socket.SOCK_STREAM, 6, "", (text, port)) for family, text in pairs]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return answers


def test_page_is_returned_whole(httpserver):
    httpserver.expect_request("/post", query_string="a=1").respond_with_data(
        "<p>Hi",
        headers=[("Link", "<a>"), ("link", "<b>"), ("Content-Type", "Text/HTML; charset=X")],
    )
    page = fetch(httpserver.url_for("/post?a=1#part").replace("localhost", "127.0.0.1"))
    assert (page.status, page.body, page.truncated) == (200, b"<p>Hi", False)
    assert (page.content_type, page.charset) == ("text/html", "x")
    assert page.url == f"http://127.0.0.1:{httpserver.port}/post?a=1"
    assert page.headers.get_all("LINK") == ["<a>", "<b>"]
    assert page.headers.get("lInk") == "<a>"
    assert page.headers.get("absent") == ""
    assert ("Link", "<a>") in list(page.headers)


def test_request_says_who_asks_and_refuses_compression(names):
    names["example.org"] = iter([["127.0.0.1"]])
    with serving([OK, b"\r\n"]) as (address, requests):
        port = address.split(":")[1]
        extra = {"User-Agent": "x", "X-Forwarded": "me", "HOST": "x", "Accept-Encoding": "gzip"}
        fetch(f"http://example.org:{port}/ü?ä", accept="text/html", headers=extra)
    lines = requests[0].decode("ascii").split("\r\n")
    assert lines[0] == "GET /%C3%BC?%C3%A4 HTTP/1.1"
    assert sorted(lines[1:-2]) == [
        "accept-encoding: identity",
        "accept: text/html",
        "connection: close",
        f"host: example.org:{port}",
        "user-agent: Recovery/1.0 (+https://blog.example; Webmention and Pingback)",
        "x-forwarded: me",
    ]


def test_post_sends_its_body(httpserver):
    httpserver.expect_request("/in", method="POST", data="a=b").respond_with_data(status=202)
    url = f"http://127.0.0.1:{httpserver.port}/in"
    assert fetch(url, method="POST", body=b"a=b", headers={"Content-Type": "a/b"}).status == 202


def test_head_reads_no_body(httpserver):
    httpserver.expect_request("/").respond_with_data(b"x" * 99, content_type="image/png")
    page = fetch(f"http://127.0.0.1:{httpserver.port}/", method="HEAD")
    assert (page.status, page.body, page.content_type) == (200, b"", "image/png")


@pytest.mark.parametrize("status", [204, 304, 400, 403, 404, 410, 429, 500, 503])
def test_status_is_for_the_caller_to_judge(status, httpserver):
    httpserver.expect_request("/").respond_with_data("", status, {"Content-Encoding": "gzip"})
    limits = Limits(types=("nothing/",)) if status > 399 else Limits()
    if status == 204:
        limits = Limits(types=None)
        httpserver.clear()
        httpserver.expect_request("/").respond_with_data("", status)
    assert fetch(f"http://127.0.0.1:{httpserver.port}/", limits=limits).status == status


@pytest.mark.parametrize("headers", [{"X": "a\r\nY: b"}, {"X\n": "a"}, {"X": "\0"}])
def test_header_with_line_break_is_a_mistake_of_ours(headers):
    with pytest.raises(ValueError, match="line break"):
        fetch("http://127.0.0.1:9999/", headers=headers)


# --- Redirects ----------------------------------------------------------------------------


def redirecting(httpserver, status, location, method="GET"):
    httpserver.expect_request("/from").respond_with_data("", status, {"Location": location})
    httpserver.expect_request("/to", method=method).respond_with_data("here")
    return f"http://127.0.0.1:{httpserver.port}/from"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location", ["/to", "to", "//127.0.0.1:{port}/to", "http://127.0.0.1:{port}/to#x"]
)
def test_get_follows(status, location, httpserver):
    url = redirecting(httpserver, status, location.format(port=httpserver.port))
    page = fetch(url)
    assert (page.body, page.url) == (b"here", url.replace("from", "to"))


@pytest.mark.parametrize("status", [307, 308])
def test_post_is_repeated_where_it_must_be(status, httpserver):
    page = fetch(redirecting(httpserver, status, "/to", "POST"), method="POST", body=b"a=b")
    assert page.body == b"here"
    assert [request.get_data() for request, _ in httpserver.log] == [b"a=b", b"a=b"]


@pytest.mark.parametrize("status", [301, 302, 303])
def test_post_is_not_turned_into_get(status, httpserver):
    with pytest.raises(NotRepeated) as refused:
        fetch(redirecting(httpserver, status, "/to"), method="POST", body=b"a=b")
    assert refused.value.status == status
    assert len(httpserver.log) == 1


@pytest.mark.parametrize("status", [300, 302])
def test_redirect_to_nowhere_is_a_page(status, httpserver):
    httpserver.expect_request("/").respond_with_data("choose", status)
    assert fetch(f"http://127.0.0.1:{httpserver.port}/").status == status


def test_endless_redirects_end(httpserver):
    httpserver.expect_request("/from").respond_with_data("", 302, {"Location": "/from"})
    with pytest.raises(SourceNotFound):
        fetch(f"http://127.0.0.1:{httpserver.port}/from")
    assert len(httpserver.log) == 6
    httpserver.clear_log()


def test_body_of_a_redirect_is_not_waited_for():
    head = b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 9999\r\n\r\n"
    with serving(dripping(head, b"x")) as (address, requests), pytest.raises(LinkbackRefused):
        fetch(f"http://{address}/", limits=BRIEF)
    assert requests[1].startswith(b"GET /x ")


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_INFO",
        "ftp://127.0.0.1/",
        "http://user:pass@127.0.0.1:{port}/to",
        "http://127.0.0.1:22/to",
        "http://10.0.0.1:{port}/to",
        "http://[::ffff:10.0.0.1]:{port}/to",
        "http://169.254.169.254:{port}/to",
        "http://127.0.0.2:{port}/to",
        "/" + "x" * 2000,
    ],
)
def test_redirect_gets_the_full_check(location, httpserver):
    url = redirecting(httpserver, 302, location.format(port=httpserver.port))
    with pytest.raises(SourceRefused):
        fetch(url)
    assert [request.path for request, _ in httpserver.log] == ["/from"]


@pytest.mark.parametrize(
    "location", [b"/to with blanks", b"/to\\x", b"http:\\\\10.0.0.1/", b"http://[::1", b"/\x7f"]
)
def test_malformed_location_is_refused(location):
    answers = iter([b"HTTP/1.1 302 F\r\nLocation: " + location + b"\r\n\r\n"])
    with serving(answers) as (address, requests), pytest.raises(SourceRefused):
        fetch(f"http://{address}/")
    assert len(requests) == 1


def test_location_in_utf8_is_understood():
    answers = iter([b"HTTP/1.1 302 F\r\nLocation: /caf\xc3\xa9\r\n\r\n"])
    with serving(answers) as (address, requests), pytest.raises(SourceNotFound):
        fetch(f"http://{address}/")
    assert requests[1].startswith(b"GET /caf%C3%A9 ")


# --- Names and addresses --------------------------------------------------------------------


def test_name_is_looked_up_once_and_its_judged_address_is_used(httpserver, names, monkeypatch):
    """A second look-up would answer with an internal address (CVE-2022-3590)."""
    names["rebind.example"] = iter([["127.0.0.1"], ["10.0.0.1"]])
    httpserver.expect_request("/").respond_with_data("judged")
    dialled, dial = [], fetching._dial

    def watched(address, port, seconds):
        dialled.append((address, port))
        return dial(address, port, seconds)

    monkeypatch.setattr(fetching, "_dial", watched)
    page = fetch(f"http://rebind.example:{httpserver.port}/")
    assert page.body == b"judged"
    assert names["lookups"] == ["rebind.example"]
    assert dialled == [("127.0.0.1", httpserver.port)]


def test_each_hop_is_looked_up_and_judged_anew(httpserver, names):
    names["rebind.example"] = iter([["127.0.0.1"], ["10.0.0.1"]])
    httpserver.expect_request("/").respond_with_data("", 302, {"Location": "/again"})
    with pytest.raises(SourceRefused):
        fetch(f"http://rebind.example:{httpserver.port}/")
    assert names["lookups"] == ["rebind.example"] * 2
    assert len(httpserver.log) == 1


@pytest.mark.parametrize("other", ["10.0.0.1", "::1", "fe80::1%eth0", "169.254.169.254"])
@pytest.mark.parametrize("last", [True, False])
def test_one_refused_address_refuses_the_name(other, last, httpserver, names):
    answer = ["127.0.0.1", other]
    names["mixed.example"] = iter([answer if last else answer[::-1]])
    with pytest.raises(SourceRefused):
        fetch(f"http://mixed.example:{httpserver.port}/")
    assert httpserver.log == []


@pytest.mark.parametrize("peer", [("10.0.0.1", None), ("127.0.0.1", 22)])
def test_other_peer_than_judged_is_sent_nothing(peer, monkeypatch):
    with serving([OK]) as (address, requests):
        port = int(address.split(":")[1])
        monkeypatch.setattr(socket.socket, "getpeername", lambda self: (peer[0], peer[1] or port))
        with pytest.raises(SourceRefused):
            fetch(f"http://{address}/")
        monkeypatch.undo()
    assert requests in ([], [b""])


def test_next_address_is_tried_but_not_a_network_full(names, monkeypatch):
    tried = []

    def connect(self, address):
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    names["many.example"] = iter([[f"93.184.215.{last}" for last in range(200)]])
    with pytest.raises(SourceNotFound):
        fetch("http://many.example:8080/")
    assert [address for address, _ in tried] == [f"93.184.215.{last}" for last in range(4)]


@pytest.mark.parametrize("failure", [socket.gaierror(-2, "no such name"), UnicodeError(), []])
def test_name_without_address_is_not_found(failure, names):
    names["gone.example"] = iter([failure])
    with pytest.raises(SourceNotFound):
        fetch("http://gone.example:8080/")


def test_failures_look_alike_to_the_sender_but_not_to_the_owner(names, caplog):
    """Blocked, closed and missing in one sentence: no port scan by error text (CVE-2013-0235)."""
    names["gone.example"] = iter([socket.gaierror(-2, "no such name")])
    with socket.create_server(("127.0.0.1", 0)) as unused:
        closed = unused.getsockname()[1]
    sentences = set()
    caplog.set_level(logging.INFO, fetching.__name__)
    for url in (
        f"http://127.0.0.1:{closed}/",
        "http://gone.example:8080/",
        "http://10.0.0.1:8080/",
    ):
        with pytest.raises(LinkbackRefused) as failure:
            fetch(url)
        sentences.add(str(failure.value))
    assert len(sentences) == 1
    assert len({record.getMessage() for record in caplog.records}) == 3


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])
def test_proxy_of_the_environment_is_ignored(name, httpserver, monkeypatch):
    monkeypatch.setenv(name, "http://10.0.0.1:3128")
    httpserver.expect_request("/").respond_with_data("direct")
    assert fetch(f"http://127.0.0.1:{httpserver.port}/").body == b"direct"


def test_connecting_has_its_own_limit(names, monkeypatch):
    names["example.org"] = iter([["127.0.0.1", "127.0.0.1"]])
    seen = []

    def connect(self, address):
        seen.append(self.gettimeout())
        raise TimeoutError

    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(UpstreamError):
        fetch("http://example.org:8080/")
    assert seen == [3.0]


# --- TLS ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A file with a key and a self-signed certificate for secure.example."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "secure.example")])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("secure.example")]), False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(secret + signed.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def tls(certificate):
    """A server's TLS context, and the names clients asked it for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    asked = []
    context.sni_callback = lambda line, name, context: asked.append(name)
    return context, asked


@pytest.mark.parametrize(
    ("host", "trusted", "fine"),
    [
        ("secure.example", True, True),
        ("secure.example", False, False),
        ("other.example", True, False),
    ],
)
def test_certificate_must_be_for_the_name(
    host, trusted, fine, tls, certificate, names, monkeypatch
):
    context, asked = tls
    client = ssl.create_default_context(cafile=certificate if trusted else None)
    monkeypatch.setattr(fetching, "_tls_context", lambda: client)
    names[host] = iter([["127.0.0.1"]])
    with serving([OK + b"\r\nsecret"], context) as (address, requests):
        url = f"https://{host}:{address.split(':')[1]}/"
        if fine:
            assert fetch(url).body == b"secret"
        else:
            with pytest.raises(SourceNotFound):
                fetch(url)
            assert requests == []
    assert asked == [host]


def test_drip_over_tls_keeps_the_deadline(tls, certificate, names, monkeypatch):
    client = ssl.create_default_context(cafile=certificate)
    monkeypatch.setattr(fetching, "_tls_context", lambda: client)
    names["secure.example"] = iter([["127.0.0.1"]])
    with (
        serving(dripping(OK + b"\r\n", b"x"), tls[0]) as (address, _),
        pytest.raises(UpstreamError),
    ):
        fetch(f"https://secure.example:{address.split(':')[1]}/", limits=BRIEF)


def test_certificates_are_checked_by_default():
    context = fetching._tls_context()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
