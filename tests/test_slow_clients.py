"""The real server behind its gateway, under people who send slowly on purpose."""

import contextlib
import socket
import stat
import threading

import pytest
from cryptography.fernet import Fernet

from recovery.gateway import Limits
from tests.test_serve import Site, get


def connect(port, text=""):
    client = socket.create_connection(("127.0.0.1", port), timeout=30)
    client.sendall(text.encode())
    return client


def read(client):
    """Return everything until the server closes."""
    try:
        with client:
            return b"".join(iter(lambda: client.recv(65536), b"")).decode()
    except ConnectionResetError:
        return "closed"


def request(method="POST", path="/xmlrpc", *headers, body=""):
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close", *headers]
    return "\r\n".join([*lines, "", body])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder that an earlier release left readable to everybody."""
    folder = tmp_path_factory.mktemp("site") / "data"
    folder.mkdir()
    folder.chmod(0o755)
    for name in ("recovery.sqlite3", "contact_keys"):
        (folder / name).write_text(Fernet.generate_key().decode() if name == "contact_keys" else "")
        (folder / name).chmod(0o644)
    return folder


@pytest.fixture(scope="module")
def port(folder):
    """Return the port of a site with one worker."""
    site = Site(folder.parent, "")
    process = site.start("--web-only")
    try:
        site.wait_until_up(process)
        yield site.port
    finally:
        process.terminate()
        process.wait(30)
        site.kill_all()


CALL = "<methodCall><methodName>no.such.method</methodName><params/></methodCall>"


def test_a_sized_body(port):
    sized = ("Content-Type: text/xml", f"Content-Length: {len(CALL)}")
    assert "methodResponse" in read(connect(port, request("POST", "/xmlrpc", *sized, body=CALL)))


def test_a_chunked_body(port):
    chunked = ("Content-Type: text/xml", "Transfer-Encoding: chunked")
    body = "".join(f"{len(part):x}\r\n{part}\r\n" for part in (CALL[:20], CALL[20:], ""))
    assert "methodResponse" in read(connect(port, request("POST", "/xmlrpc", *chunked, body=body)))


def test_too_large_a_body_is_not_awaited(port):
    answer = read(connect(port, request("POST", "/xmlrpc", "Content-Length: 4000000")))
    assert answer.startswith("HTTP/1.1 413 ")


def test_head_has_headers_only(port):
    answer = read(connect(port, request("HEAD", "/admin/login/")))
    head, _, body = answer.partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 200 ")
    assert "content-length:" in head.lower()
    assert body == ""


def test_a_static_file(port):
    page = get(port, "/admin/login/")
    path = next(part for part in page.split('"') if part.endswith(".css"))
    head, _, body = get(port, path).partition("\r\n\r\n")
    length = next(line for line in head.split("\r\n") if line.lower().startswith("content-length"))
    assert int(length.split(":")[1]) == len(body.encode())


def test_nobody_else_may_read_what_is_kept(port, folder):
    get(port)
    kept = ["recovery.sqlite3", "recovery.sqlite3-wal", "recovery.sqlite3-shm", "secret_key"]
    for name in [*kept, "contact_keys"]:
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600, name


@contextlib.contextmanager
def stalled(port):
    """Give connections that begin to send a body and go no further; whatever happens, end them."""
    begun = request("POST", "/xmlrpc", "Content-Length: 1000", body="x")
    clients = [connect(port, begun) for _ in range(64)]
    try:
        yield clients
    finally:
        for client in clients:
            client.close()


@contextlib.contextmanager
def dripping(clients):
    """Send one more byte from each of them, again and again."""
    enough = threading.Event()

    def drip():
        while not enough.wait(0.2):
            for client in clients:
                with contextlib.suppress(OSError):
                    client.send(b"x")

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()


def test_stalled_bodies_stop_nobody_and_are_refused_in_time(port):
    # One test, to its end: what is still on its way would be in the way of the next one's posts.
    with stalled(port) as clients:
        for _ in range(20):
            assert get(port, "/admin/login/").startswith("HTTP/1.1 200 ")
        with dripping(clients):
            statuses = [read(client)[:12] for client in clients]
    # From one network only so many are let in; what was let in is refused after ten seconds.
    assert set(statuses) <= {"HTTP/1.1 503", "HTTP/1.1 408", "closed"}
    assert "HTTP/1.1 408" in statuses
    assert statuses.count("HTTP/1.1 408") <= Limits().unfinished_each
    assert get(port, "/admin/login/").startswith("HTTP/1.1 200 ")
