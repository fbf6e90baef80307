"""A site is started anew under full load, and nobody is turned away."""

import contextlib
import os
import signal
import socket
import threading
import time
from functools import partial

import pytest

from tests.test_serve import PATIENCE, Site, database_url, end, eventually, get

__all__ = ["database_url"]
HALF = "<methodCall><methodName>no.such.method</methodName>"
OTHER_HALF = "<params/></methodCall>"


@pytest.fixture
def site(tmp_path, database_url):
    site = Site(tmp_path, database_url)
    site.environment["WEB_WORKERS"] = "2"
    process = site.start()
    site.wait_until_up(process)
    yield site, process
    process.terminate()
    assert end(process) == 0
    site.kill_all()


class Visitors:
    """Ask for a page again and again, each time over a new connection."""

    def __init__(self, port):
        self.port, self.answers = port, 0
        self.failures: list[object] = []
        self.enough = threading.Event()
        self.threads = [threading.Thread(target=self.visit) for _ in range(4)]

    def visit(self):
        request = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        while not self.enough.is_set():
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=20) as client:
                    client.sendall(request)
                    answer = b"".join(iter(partial(client.recv, 65536), b""))
                if not answer.startswith(b"HTTP/1.1 200 ") or b"</html>" not in answer:
                    self.failures.append(answer[:100])
            except OSError as error:
                self.failures.append(error)
            self.answers += 1

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.enough.set()
        for thread in self.threads:
            thread.join()


@contextlib.contextmanager
def half_a_request(port):
    """Give a connection on which a request has begun."""
    length = len(HALF) + len(OTHER_HALF)
    head = f"POST /xmlrpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\nContent-Length: {length}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(f"{head}{HALF}".encode())
        yield client


def whole_answer(client):
    """Return the answer, which may come in pieces: the connection ends with it."""
    return b"".join(iter(lambda: client.recv(65536), b""))


def test_a_restart_under_load_turns_nobody_away(site, capsys):
    site, process = site
    before = {words: site.find(words) for words in ("recovery.web", "db_worker")}
    with Visitors(site.port) as visitors:
        eventually(lambda: visitors.answers > 50)
        with half_a_request(site.port) as client:
            eventually(lambda: visitors.answers > 100)
            os.kill(process.pid, signal.SIGUSR1)
            eventually(lambda: "Restarted." in site.said())
            client.sendall(OTHER_HALF.encode())
            assert b"methodResponse" in whole_answer(client)
        for words, numbers in before.items():
            eventually(lambda words=words, numbers=numbers: not site.find(words) & numbers)
            assert eventually(lambda words=words: site.find(words))
        answers = visitors.answers
        eventually(lambda: visitors.answers > answers + 50)
    with capsys.disabled():
        print(f"\nrestart: {visitors.answers} requests, {len(visitors.failures)} failed")
    assert visitors.failures == []
    assert "unexpectedly" not in site.said()


def test_a_release_that_does_not_start_leaves_the_old_one_running(tmp_path):
    """The supervisor by itself: the successor ends before it is ready."""
    site = Site(tmp_path, "")
    process = site.start("--web-only")
    try:
        site.wait_until_up(process)
        before = site.find("recovery.web")
        (tmp_path / "data" / "contact_keys").rename(tmp_path / "contact_keys")
        (tmp_path / "data" / "contact_keys").write_text("nonsense")
        os.kill(process.pid, signal.SIGUSR1)
        eventually(lambda: "Not restarted: " in site.said())
        assert site.find("recovery.web") >= before
        with Visitors(site.port) as visitors:
            eventually(lambda: visitors.answers > 20)
        assert visitors.failures == []
    finally:
        process.terminate()
        assert end(process) == 0
        site.kill_all()


def takes_more(port):
    """Say whether a new request is answered soon."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.5) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            return bool(client.recv(1))
    except OSError:
        return False


def test_what_has_begun_is_finished_before_the_site_stops(tmp_path):
    site = Site(tmp_path, "")
    process = site.start("--web-only")
    try:
        site.wait_until_up(process)
        with half_a_request(site.port) as client:
            # Connections are taken in their order: once another is answered, this one is taken up.
            assert get(site.port)
            process.terminate()
            eventually(lambda: not takes_more(site.port))
            client.sendall(OTHER_HALF.encode())
            assert b"methodResponse" in whole_answer(client)
        assert process.wait(PATIENCE) == 0
    finally:
        site.kill_all()


def test_idle_connections_are_closed_in_time(site):
    site, _ = site
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert client.recv(65536).startswith(b"HTTP/1.1 ")
        began = time.monotonic()
        while client.recv(65536):
            pass
        assert 5 < time.monotonic() - began < 15
