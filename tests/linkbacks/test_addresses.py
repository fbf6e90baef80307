"""No spelling of an internal address is ever connected to; addresses and URLs judged by table."""

import socket
from ipaddress import ip_network

import pytest

from comments.linkbacks import fetching
from comments.linkbacks.addresses import parse_source_url, refusal
from comments.linkbacks.exceptions import LinkbackRefused, SourceRefused

NOT_PUBLIC = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254
168.63.129.16 169.254.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.8 192.0.0.9
192.0.0.10 192.0.0.170 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.19.255.255 198.51.100.7
203.0.113.7 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
:: ::1 ::2 ::127.0.0.1 ::8.8.8.8 ::ffff:0.0.0.0 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:10.0.0.1
::ffff:169.254.169.254 ::ffff:168.63.129.16 ::ffff:100.64.0.1 ::ffff:0:127.0.0.1 ::ffff:0:8.8.8.8
64:ff9b::7f00:1 64:ff9b::10.0.0.1 64:ff9b::169.254.169.254 64:ff9b::168.63.129.16 64:ff9b:1::1
64:ff9b:1::8.8.8.8 64:ff9b:1:ffff::7f00:1 100::1 100:0:0:1::1 2001::1 2001:0:7f00:1::
2001:0:808:808:0:0:80ff:fffe 2001:2::1 2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1::
2002:7f00:1::1 2002:a00:1:: 2002:a9fe:a9fe:: 2002:c0a8:101:: 2002:c058:6301:: 3fff::1 5f00::1
fc00::1 fd00:ec2::254 fd12:3456:789a::1 fe80::1 fec0::1 feff::1 ff02::1 ff0e::1 4000::1 e000::1
fe80::1%eth0 8.8.8.8%eth0 2606:4700::1%1
"""

PUBLIC = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.1 126.255.255.255 128.0.0.1
168.63.129.15 168.63.129.17 169.253.255.255 172.15.255.255 172.32.0.1 192.0.1.1 192.167.255.255
198.17.255.255 198.20.0.1 223.255.255.254 2001:4860:4860::8888 2606:4700::1111 2a00:1450::1
::ffff:8.8.8.8 64:ff9b::808:808 2002:808:808::1
"""


@pytest.mark.parametrize("address", NOT_PUBLIC.split())
def test_address_is_refused(address):
    """By our own rules, not only by the tables of this Python release."""
    assert refusal(address) not in (None, "it is set aside for special use")


@pytest.mark.parametrize("address", PUBLIC.split())
def test_public_address_is_allowed(address):
    assert refusal(address) is None


@pytest.mark.parametrize("text", ["", "localhost", "127.1", "0x7f000001", "010.0.0.1", "1.2.3.4/8"])
def test_what_is_no_address_is_refused(text):
    assert refusal(text, [ip_network("0.0.0.0/0"), ip_network("::/0")])


@pytest.mark.parametrize(
    ("address", "allowed", "fine"),
    [
        ("127.0.0.1", "127.0.0.0/8", True),
        ("127.0.0.1", "127.0.0.2/32", False),
        ("10.1.2.3", "127.0.0.0/8", False),
        ("::1", "::1/128", True),
        ("::1", "0.0.0.0/0", False),
        ("fd00::1", "fd00::/8", True),
        ("fd01::1", "fd00::/16", False),
        ("::ffff:127.0.0.1", "127.0.0.0/8", True),
        ("64:ff9b::7f00:1", "127.0.0.0/8", True),
        ("::ffff:127.0.0.1", "::ffff:0:0/96", False),
        ("64:ff9b:1::7f00:1", "64:ff9b:1::/48", False),
        ("64:ff9b:1::808:808", "64:ff9b:1::/48", True),
        ("2002:7f00:1::", "2002::/16", False),
        ("2001:0:7f00:1::", "2001::/32", False),
        ("2001:0:808:808:0:0:80ff:fffe", "2001::/32", False),
        ("2001:0:808:808:0:0:f7f7:f7f7", "2001::/32", True),
        ("::127.0.0.1", "::/96", False),
        ("::ffff:0:127.0.0.1", "::ffff:0:0:0/96", False),
        ("2002:7f00:1::", "127.0.0.0/8", True),
        ("fe80::1%eth0", "fe80::/10", False),
    ],
)
def test_exceptions_reach_as_far_as_they_say(address, allowed, fine):
    assert (refusal(address, [ip_network(allowed)]) is None) is fine


# Each leads, for some resolver or parser, to an address that is not public.
INTERNAL_HOSTS = """
127.0.0.1 127.0.0.1. 127.1 127.0.1 2130706433 017700000001 0x7f000001 0x7F.0x0.0x0.0x1 0177.0.0.1
0x7f.1 0177.1 127.0.0.0x1 00000177.0.0.1 127.000.000.001 0 0.0 0.0.0.0 0x0 00 127.255.255.254
１２７．０．０．１ １２７.0.0.1 ①②⑦.⓪.⓪.① 127。0。0。1 127｡0｡0｡1 𝟏𝟐𝟕.𝟎.𝟎.𝟏 ０ｘ７ｆ.1 ２１３０７０６４３３
10.0.0.1 0xa000001 167772161 012.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 3232235777 0300.0250.1.1
169.254.169.254 2852039166 0xa9fea9fe 0251.0376.0251.0376 169.254.43518 100.100.100.200 100.64.0.1
168.63.129.16 192.0.0.8 192.0.0.10 192.88.99.1 192.0.2.1 198.18.0.1 224.0.0.1 255.255.255.255
[::1] [::] [0:0:0:0:0:0:0:1] [::127.0.0.1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::FFFF:a9fe:a9fe]
[64:ff9b::7f00:1] [64:ff9b::169.254.169.254] [64:ff9b:1::1] [2002:7f00:1::] [2002:c0a8:101::1]
[2001:0:7f00:1::] [2001:0:808:808:0:0:80ff:fffe] [fd00:ec2::254] [fc00::1] [fe80::1] [fec0::1]
[ff02::1] [3fff::1] [5f00::1] [2001:db8::1]
[fe80::1%25eth0] [fe80::1%eth0] [::1%lo] [::1%25lo] fe80::1%25eth0 127.0.0.1%25lo
%31%32%37.0.0.1 127%2e0%2e0%2e1 [127.0.0.1] [::1]example.org [::1 ::1] 127.0.0.1\\@example.org
example.org@127.0.0.1 127.0.0.1:80@example.org 127.0.0.1#@example.org 127.0.0.1?@example.org
"""


@pytest.fixture
def connections(monkeypatch):
    """Every attempt to connect, none of which gets anywhere; only literal addresses resolve."""
    attempts = []
    getaddrinfo = socket.getaddrinfo

    def literal_only(host, port, **options):
        return getaddrinfo(host, port, flags=socket.AI_NUMERICHOST, **options)

    def connect(self, address):
        attempts.append(address)
        raise OSError("no connections here")

    monkeypatch.setattr(socket, "getaddrinfo", literal_only)
    monkeypatch.setattr(socket.socket, "connect", connect)
    return attempts


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", INTERNAL_HOSTS.split())
def test_internal_host_is_never_connected_to(host, scheme, connections):
    with pytest.raises(SourceRefused):
        fetching.fetch(f"{scheme}://{host}/latest/meta-data/")
    assert connections == []


@pytest.mark.parametrize("host", ["93.184.215.14", "[2606:4700::1111]", "[64:ff9b::5db8:d70e]"])
def test_public_host_is_connected_to(host, connections):
    with pytest.raises(LinkbackRefused):
        fetching.fetch(f"http://{host}/")
    assert connections == [(host.strip("[]"), 80)]


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "0", "[::ffff:127.0.0.1]"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_to_internal_host_is_refused(host, status, httpserver, settings, monkeypatch):
    """The first hop is allowed by its one network; where it points gets no hit (CVE-2017-9066)."""
    port = httpserver.port
    settings.LINKBACK_ALLOWED_NETWORKS = (ip_network("127.0.0.7/32"),)
    settings.LINKBACK_ALLOWED_PORTS = ((1, 65535),)
    httpserver.expect_ordered_request("/").respond_with_data(
        "", status, {"Location": f"http://{host}:{port}/secret"}
    )
    dial = fetching._dial
    monkeypatch.setattr(fetching, "_dial", lambda address, *rest: dial("127.0.0.1", *rest))
    with pytest.raises(SourceRefused):
        fetching.fetch(f"http://127.0.0.7:{port}/")
    assert [request.path for request, _ in httpserver.log] == ["/"]


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "１２７。0。0。1", "0", "localhost"])
def test_listening_server_gets_no_hit(host, httpserver, settings):
    settings.LINKBACK_ALLOWED_PORTS = ((1, 65535),)
    with pytest.raises(SourceRefused):
        fetching.fetch(f"http://{host}:{httpserver.port}/")
    assert httpserver.log == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org/page",
        "//example.org/",
        "/page",
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_INFO",
        "javascript:alert(1)",
        "data:text/html,hello",
        "http:example.org",
        "http:///page",
        "http://",
        "http://:80/",
        "http://./",
        "http://a..b/",
        "http://.example.org/",
        "http://user@example.org/",
        "http://user:secret@example.org/",
        "http://@example.org/",
        "http://example.org:22/",
        "http://example.org:8080/",
        "http://example.org:0/",
        "http://example.org:65536/",
        "http://example.org:-80/",
        "http://example.org:８０/",
        "http://example.org:80:80/",
        "http://example.org/a b",
        " http://example.org/",
        "http://example.org/ ",
        "http://example.org/\u00a0",
        "http://example.org/\u2028",
        "http://example.org/\tx",
        "http://example.org/\r\nX-Injected: 1",
        "http://exam\nple.org/",
        "http://example.org/\x00",
        "http://example.org/\x7f",
        "http://example.org\\@127.0.0.1/",
        "http:\\\\example.org/",
        "http://exam%70le.org/",
        "http://exa<mple.org/",
        "http://example.org\uff0f.evil.org/",
        "http://fa\u00df.de/",
        "http://" + "a" * 64 + ".org/",
        "http://" + "\u00fc" * 64 + ".org/",
        "http://" + "a." * 130 + "org/",
        "http://example.org/" + "a" * 2000,
        "http://[1:2]/",
        "http://[v1.fe]/",
        "http://example.org/\ud800",
    ],
)
def test_unfit_url_is_refused_with_a_sentence(url):
    with pytest.raises(SourceRefused, match=r"^The source.*\.$"):
        parse_source_url(url)


@pytest.mark.parametrize(
    ("url", "parsed"),
    [
        ("http://example.org", "http://example.org/"),
        ("HTTPS://Example.ORG./A?b=C#d", "https://example.org/A?b=C"),
        ("http://example.org:80/", "http://example.org/"),
        ("https://example.org:80/", "https://example.org:80/"),
        ("http://example.org:/", "http://example.org/"),
        ("http://bücher.example/ä?q=ü", "http://xn--bcher-kva.example/%C3%A4?q=%C3%BC"),
        ("http://例え。jp/", "http://xn--r8jz45g.jp/"),
        ("http://a_b.example.org/%C3%A4%2F", "http://a_b.example.org/%C3%A4%2F"),
        ("http://[2606:4700:0::1]:443/", "http://[2606:4700::1]:443/"),
        ("http://example.org?a=[1]", "http://example.org/?a=[1]"),
        ("http://example.org//x/../y", "http://example.org//x/../y"),
    ],
)
def test_fit_url_is_taken_apart(url, parsed):
    result = parse_source_url(url)
    assert result.url == parsed
    assert parse_source_url(parsed) == result


@pytest.mark.parametrize(("port", "fine"), [(80, True), (1023, False), (1024, True), (2000, True)])
def test_ports_are_inclusive_ranges(port, fine):
    ports = ((80, 80), (1024, 2000))
    if fine:
        assert parse_source_url(f"http://example.org:{port}/", allowed_ports=ports).port == port
    else:
        with pytest.raises(SourceRefused):
            parse_source_url(f"http://example.org:{port}/", allowed_ports=ports)


@pytest.mark.parametrize("port", [443, 2001])
def test_default_ports_are_not_added_to_ranges(port):
    with pytest.raises(SourceRefused):
        parse_source_url(f"https://example.org:{port}/", allowed_ports=((80, 80), (1024, 2000)))
