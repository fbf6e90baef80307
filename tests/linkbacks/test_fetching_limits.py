"""The guarded fetch against servers which drip, flood, bomb, lie about sizes, or talk nonsense."""

import gzip
import itertools
import socket
import threading
import time
import tracemalloc
from ipaddress import ip_network

import pytest

from comments.linkbacks.exceptions import SourceNotFound, UpstreamError
from comments.linkbacks.fetching import Limits, fetch
from tests.linkbacks.loopback import BRIEF, OK, dripping, serving


@pytest.fixture(autouse=True)
def loopback_allowed(settings):
    settings.LINKBACK_ALLOWED_NETWORKS = (ip_network("127.0.0.1/32"),)
    settings.LINKBACK_ALLOWED_PORTS = ((1024, 65535),)


# --- Time ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param([b"", *[b""] * 200], id="silence"),
        pytest.param(dripping(b"HTTP/1.1 ", b"2"), id="status line"),
        pytest.param(dripping(OK, b"X: y\r\n"), id="headers"),
        pytest.param(dripping(OK + b"X: ", b"y"), id="one header"),
        pytest.param(dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), id="continue"),
        pytest.param(dripping(OK + b"\r\n", b"x"), id="body"),
        pytest.param(dripping(OK + b"Content-Length: 999\r\n\r\n", b"x"), id="promised body"),
        pytest.param(
            dripping(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"), id="chunks"
        ),
        pytest.param(
            dripping(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n"), id="trailers"
        ),
    ],
)
def test_drip_does_not_stretch_the_deadline(answer):
    with serving(answer) as (address, _):
        start = time.monotonic()
        with pytest.raises(UpstreamError):
            fetch(f"http://{address}/", limits=BRIEF)
        assert time.monotonic() - start < BRIEF.total + 1


def test_deadline_covers_all_hops():
    redirect = b"HTTP/1.1 302 Found\r\nLocation: /next\r\n\r\n"
    slow = [b""] * 8 + [redirect]
    with serving(slow) as (address, requests), pytest.raises(UpstreamError):
        fetch(f"http://{address}/", limits=Limits(total=0.3, redirects=99))
    assert 1 < len(requests) < 5


def test_deadline_covers_the_look_up(monkeypatch):
    release = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: release.wait(5) and [])
    try:
        with pytest.raises(UpstreamError):
            fetch("http://slow.example:8080/", limits=BRIEF)
    finally:
        release.set()


def test_deadline_covers_the_handshake():
    with serving([b""] * 200) as (address, _), pytest.raises(UpstreamError):
        fetch(f"https://{address}/", limits=BRIEF)


# --- Size ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "part"),
    [
        (b"\r\n", b"x" * 65536),
        (b"Content-Length: 1073741824\r\n\r\n", b"x" * 65536),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n"),
        (b"Transfer-Encoding: chunked\r\n\r\n3fffffff\r\n", b"x" * 65536),
    ],
    ids=["endless", "1 GB promised", "chunks", "one chunk of 1 GB"],
)
def test_body_is_capped_in_flat_memory(head, part):
    with serving(itertools.chain([OK + head], itertools.repeat(part))) as (address, _):
        tracemalloc.start()
        try:
            page = fetch(f"http://{address}/", limits=Limits(body=1_000_000))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert (len(page.body), page.truncated) == (1_000_000, True)
    assert peak < 4_000_000


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(itertools.repeat(b"x" * 4096), id="no header"),
        pytest.param(itertools.chain([OK], itertools.repeat(b"X: y\r\n" * 99)), id="many headers"),
        pytest.param(
            itertools.chain([OK + b"X: "], itertools.repeat(b"y" * 4096)), id="one header"
        ),
        pytest.param(
            itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 99), id="endless continue"
        ),
        pytest.param(
            itertools.chain(
                [OK + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n"], itertools.repeat(b"x" * 65536)
            ),
            id="chunk of negative size",
        ),
        pytest.param(
            itertools.chain(
                [OK + b"Transfer-Encoding: chunked\r\n\r\n"],
                itertools.repeat(b"1;" + b"e" * 4096 + b"\r\nx\r\n"),
            ),
            id="chunk extensions",
        ),
    ],
)
def test_bytes_around_the_body_are_capped_too(answer):
    with serving(answer) as (address, _):
        tracemalloc.start()
        try:
            with pytest.raises(SourceNotFound):
                fetch(f"http://{address}/", limits=Limits(body=100_000))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 2_000_000


def test_body_of_exactly_the_limit_is_whole():
    for size, cut in ((100, False), (101, True)):
        with serving([OK + b"\r\n", b"x" * size]) as (address, _):
            page = fetch(f"http://{address}/", limits=Limits(body=100))
        assert (page.body, page.truncated) == (b"x" * 100, cut)


def test_broken_off_body_is_marked_as_incomplete():
    with serving([OK + b"Content-Length: 1000\r\n\r\nonly this"]) as (address, _):
        page = fetch(f"http://{address}/")
    assert (page.body, page.truncated) == (b"only this", True)


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "br", "deflate", "gzip, gzip", "zstd", "x"])
def test_compressed_answer_is_refused(encoding):
    bomb = gzip.compress(bytes(1_000_000))
    head = OK + f"Content-Encoding: {encoding}\r\n\r\n".encode()
    with serving([head, bomb]) as (address, _), pytest.raises(SourceNotFound):
        fetch(f"http://{address}/")


@pytest.mark.parametrize(
    ("content_type", "fine"),
    [
        ("text/html", True),
        ("TEXT/HTML;charset=utf-8", True),
        ("application/xhtml+xml", True),
        ("application/xml", True),
        ("text/plain", True),
        ("application/json", True),
        ("", True),
        ("image/png", False),
        ("video/mp4", False),
        ("application/octet-stream", False),
        ("application/pdf", False),
        ("multipart/x-mixed-replace", False),
    ],
)
def test_only_pages_are_read(content_type, fine):
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\n\r\n".encode()
    with serving([head, b"body"]) as (address, _):
        assert fetch(f"http://{address}/", limits=Limits(types=None)).body == b"body"
        if fine:
            assert fetch(f"http://{address}/").body == b"body"
        else:
            with pytest.raises(SourceNotFound):
                fetch(f"http://{address}/")


@pytest.mark.parametrize(
    "answer", [b"", b"\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/9 x\r\n\r\n", b"\0"]
)
def test_what_is_not_http_is_not_found(answer):
    with serving([answer] if answer else []) as (address, _), pytest.raises(SourceNotFound):
        fetch(f"http://{address}/")
