"""The gateway by itself: PEP 3333 on one side, ASGI 3.0 on the other."""

import asyncio
import itertools
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any
from wsgiref.validate import validator

import pytest

from recovery.gateway import PART, Gateway, Limits
from recovery.page_cache.requests import Target
from recovery.wsgi_environ import environ_of, strangers_scope

PATH = "/caf%C3%A9"


def run_apart(work):
    """Run it in a loop of its own in a thread of its own: a browser's test may have left one here."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def scope(method="GET", path=PATH, headers=(), version="1.1"):
    """Return a scope as Uvicorn makes it (ASGI 3.0, HTTP)."""
    return {
        "type": "http",
        "method": method,
        "raw_path": path.encode(),
        "query_string": b"q=%C3%A9&q=2",
        "client": ("192.0.2.7", 40000),
        "server": ("127.0.0.1", 8000),
        "scheme": "http",
        "http_version": version,
        "headers": [(b"host", b"blog.example"), *headers],
    }


class Exchange:
    """What a server would see of one request."""

    def __init__(self, *parts: bytes, whole: bool = True) -> None:
        self.parts = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
        if whole:
            self.parts.append({"type": "http.request", "body": b"", "more_body": False})
        self.sent: list[dict[str, Any]] = []

    async def receive(self):
        if self.parts:
            return self.parts.pop(0)
        return await asyncio.Event().wait()

    async def send(self, message):
        self.sent.append(message)

    status = property(lambda self: self.sent[0]["status"])
    headers = property(lambda self: self.sent[0]["headers"])
    body = property(lambda self: b"".join(message["body"] for message in self.sent[1:]))


def gateway(application, **limits):
    return Gateway(
        application,
        threads=2,
        client_of=lambda environ: str(environ["REMOTE_ADDR"]),
        limits=Limits(**limits),
    )


def ask(application, what=None, exchange=None, **limits):
    exchange = exchange or Exchange()
    run_apart(gateway(application, **limits)(what or scope(), exchange.receive, exchange.send))
    return exchange


def echo(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))]


def post(length=None):
    sized = [(b"content-length", str(length).encode())]
    return scope("POST", headers=[(b"transfer-encoding", b"chunked")] if length is None else sized)


class TestEnvironment:
    def test_what_pep_3333_asks_for(self):
        environ = environ_of(
            scope("POST", headers=[(b"content-type", b"a/b"), (b"content-length", b"3")])
        )
        assert {key: environ[key] for key in environ if "." not in key} == {
            "REQUEST_METHOD": "POST",
            "SCRIPT_NAME": "",
            "PATH_INFO": "/caf\xc3\xa9",
            "QUERY_STRING": "q=%C3%A9&q=2",
            "CONTENT_TYPE": "a/b",
            "CONTENT_LENGTH": "3",
            "REMOTE_ADDR": "192.0.2.7",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "blog.example",
        }
        assert environ["wsgi.version"] == (1, 0)
        assert environ["wsgi.url_scheme"] == "http"

    def test_the_validator_of_the_standard_library_agrees(self):
        def plain(environ, start_response):
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [environ["PATH_INFO"].encode("latin-1")]

        # Its wrapper insists on a real dict, and on an iterable that is closed.
        assert ask(validator(plain)).body == "/café".encode()

    def test_repeated_headers(self):
        environ = environ_of(
            scope(
                headers=[
                    (b"cookie", b"a=1"),
                    (b"x-forwarded-for", b"192.0.2.1"),
                    (b"cookie", b"b=2"),
                    (b"x-forwarded-for", b"192.0.2.2"),
                ]
            )
        )
        assert environ["HTTP_COOKIE"] == "a=1; b=2"
        assert environ["HTTP_X_FORWARDED_FOR"] == "192.0.2.1,192.0.2.2"

    def test_an_underscore_is_no_hyphen(self):
        environ = environ_of(scope(headers=[(b"x_forwarded_for", b"192.0.2.1")]))
        assert "HTTP_X_FORWARDED_FOR" not in environ

    def test_bytes_that_are_no_text(self):
        environ = environ_of(scope(path="/%FF%00", headers=[(b"referer", b"\xff")]))
        assert environ["PATH_INFO"] == "/\xff\x00"
        assert environ["HTTP_REFERER"] == "\xff"

    def test_the_process_keeps_its_own_environment(self, monkeypatch):
        monkeypatch.setenv("SECRET_KEY", "secret")
        assert "SECRET_KEY" not in environ_of(scope())

    def test_a_page_for_everybody_is_made_for_nobody(self):
        """Also where a template of the owner's own shows who asks."""
        visitor = scope(headers=[(b"user-agent", b"one"), (b"x-forwarded-for", b"192.0.2.8")])
        environ = environ_of(strangers_scope(visitor, Target("/", "", ("site",))))
        assert environ["REMOTE_ADDR"] == "0.0.0.0"
        assert not [value for value in environ.values() if "192.0.2." in str(value)]
        assert {key for key in environ if key.startswith("HTTP_")} == {"HTTP_HOST"}

    def test_http_1_0(self):
        assert environ_of(scope(version="1.0"))["SERVER_PROTOCOL"] == "HTTP/1.0"


class TestBodies:
    def test_sized(self):
        assert ask(echo, post(6), Exchange(b"abc", b"def")).body == b"abcdef"

    def test_chunked(self):
        def application(environ, start_response):
            assert "HTTP_TRANSFER_ENCODING" not in environ
            return echo(environ, start_response)

        assert ask(application, post(), Exchange(b"abc", b"def")).body == b"abcdef"

    def test_too_large_as_declared(self):
        # Not a byte of it is awaited.
        exchange = ask(echo, post(11), Exchange(whole=False), body=10)
        assert exchange.status == 413
        assert (b"connection", b"close") in exchange.headers

    def test_too_large_as_it_comes(self):
        assert ask(echo, post(), Exchange(b"x" * 10), body=10).body == b"x" * 10
        assert ask(echo, post(), Exchange(b"x" * 10, b"x"), body=10).status == 413

    def test_too_slow(self):
        assert ask(echo, post(3), Exchange(b"x", whole=False), seconds=0.01).status == 408

    def test_broken_off(self):
        exchange = Exchange(b"x", whole=False)
        exchange.parts.append({"type": "http.disconnect"})
        assert ask(echo, post(3), exchange).status == 400

    def test_too_many_at_a_time(self):
        async def crowd(**limits):
            site, waiting = gateway(echo, seconds=0.05, **limits), Exchange(whole=False)
            first = asyncio.create_task(site(post(3), waiting.receive, waiting.send))
            await asyncio.sleep(0)
            other, without, later = Exchange(b"abc"), Exchange(), Exchange(b"abc")
            await site(post(3), other.receive, other.send)
            await site(scope(), without.receive, without.send)
            await first
            await site(post(3), later.receive, later.send)
            return [exchange.status for exchange in (other, without, waiting, later)]

        assert run_apart(crowd(unfinished_each=1)) == [503, 200, 408, 200]
        assert run_apart(crowd(unfinished=1)) == [503, 200, 408, 200]
        assert run_apart(crowd(unfinished=2, unfinished_each=2)) == [200, 200, 408, 200]

    def test_too_much_at_a_time(self):
        async def twice():
            site, statuses = gateway(echo, memory=10), []
            for size in (11, 10, 10):
                exchange = Exchange(b"x" * size)
                await site(post(size), exchange.receive, exchange.send)
                statuses.append(exchange.status)
            return statuses

        # What is done with is given back.
        assert run_apart(twice()) == [503, 200, 200]

    def test_a_body_on_its_way_holds_no_thread(self):
        async def crowd():
            site = gateway(echo, seconds=5)
            stalled = [Exchange(b"x", whole=False) for _ in range(19)]
            tasks = [asyncio.create_task(site(post(9), one.receive, one.send)) for one in stalled]
            await asyncio.sleep(0)
            quick = Exchange(b"abc")
            await asyncio.wait_for(site(post(3), quick.receive, quick.send), 4)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            return quick.body

        assert run_apart(crowd()) == b"abc"

    def test_the_pages_that_refuse_are_made_again_a_second_later(self):
        status, made = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, itertools.count(1)
        refusing = Gateway(
            echo,
            threads=1,
            client_of=lambda environ: "",
            limits=Limits(body=10),
            refusals=lambda: {status: ([], b"page %d" % next(made))},
        )

        def refused():
            exchange = Exchange()
            run_apart(refusing(post(11), exchange.receive, exchange.send))
            return exchange.body

        refusing._refusals_made_at += 3600
        assert refused() == refused() == b"page 1"
        refusing._refusals_made_at -= 3601
        assert refused() == b"page 2"

    def test_refusals_say_why(self):
        assert ask(echo, post(11), body=10).body == b"Request Entity Too Large\n"


class Parts:
    """An iterable as PEP 3333 knows them: with ``close``."""

    def __init__(self, *parts, fails=False):
        self.parts, self.fails, self.closed, self.taken = parts, fails, 0, 0

    def __iter__(self):
        for part in self.parts:
            self.taken += 1
            yield part
        if self.fails:
            raise RuntimeError("half-way")

    def close(self):
        self.closed += 1


def answering(parts, *headers, status="200 OK"):
    def application(environ, start_response):
        start_response(status, [*headers])
        return parts

    return application


class TestAnswers:
    def test_repeated_headers_stay(self):
        cookies = [("Set-Cookie", "a=1"), ("Set-Cookie", "b=é")]
        exchange = ask(answering([b"x"], *cookies, status="404 Not Found"))
        assert exchange.status == 404
        assert exchange.headers[:2] == [(b"Set-Cookie", b"a=1"), (b"Set-Cookie", b"b=\xe9")]

    def test_a_whole_answer_says_how_long_it_is(self):
        assert ask(answering([b"x" * 7])).headers[-1] == (b"content-length", b"7")
        said = ask(answering([b"x" * 7], ("Content-Length", "7"))).headers
        assert [name.lower() for name, _ in said].count(b"content-length") == 1
        for odd in (
            ask(answering([b""], status="204 No Content")),
            ask(answering([b""]), scope("HEAD")),
            ask(answering([b"x" * PART, b"y"])),
        ):
            assert b"content-length" not in dict(odd.headers)

    def test_small_parts_go_out_together(self):
        parts = Parts(*[b"x" * 1000] * 60)
        exchange = ask(answering(parts))
        assert [len(message["body"]) for message in exchange.sent[1:]] == [60_000]
        assert parts.closed == 1

    def test_large_answers_go_out_in_parts(self):
        parts = Parts(*[bytes([number]) * (PART // 2) for number in range(9)])
        exchange = ask(answering(parts))
        assert exchange.body == b"".join(parts.parts)
        assert [message["more_body"] for message in exchange.sent[1:]] == [True] * 4 + [False]
        assert parts.closed == 1

    def test_who_reads_slowly_holds_no_thread(self):
        class Slow(Exchange):
            async def send(self, message):
                await super().send(message)
                if message["type"] == "http.response.body":
                    reading.set()
                    await go_on.wait()

        async def crowd():
            site = gateway(answering(Parts(*[b"x" * PART] * 3)))
            slow = [Slow() for _ in range(8)]
            tasks = [asyncio.create_task(site(scope(), one.receive, one.send)) for one in slow]
            await reading.wait()
            quick = Exchange()
            await asyncio.wait_for(site(scope(), quick.receive, quick.send), 4)
            go_on.set()
            await asyncio.gather(*tasks)
            return quick

        reading, go_on = asyncio.Event(), asyncio.Event()
        assert len(run_apart(crowd()).body) == 3 * PART

    def test_head_takes_no_more_than_the_first_part(self):
        parts = Parts(*[b"x" * PART] * 9)
        ask(answering(parts), scope("HEAD"))
        assert (parts.taken, parts.closed) == (1, 1)

    @pytest.mark.parametrize("kind", ["http.response.start", "http.response.body"])
    def test_what_cannot_be_sent_is_closed(self, kind):
        class Broken(Exchange):
            async def send(self, message):
                if message["type"] == kind:
                    raise OSError

        parts = Parts(*[b"x" * PART] * 9)
        with pytest.raises(OSError):  # noqa: PT011
            ask(answering(parts), exchange=Broken())
        assert parts.closed == 1

    def test_who_goes_is_not_waited_for(self):
        parts, exchange = Parts(*[b"x" * PART] * 99), Exchange()
        exchange.parts.append({"type": "http.disconnect"})
        ask(answering(parts), exchange=exchange)
        assert parts.taken < 9
        assert parts.closed == 1

    def test_write(self):
        def application(environ, start_response):
            start_response("200 OK", [])(b"written ")
            return [b"and returned"]

        assert ask(application).body == b"written and returned"

    def test_not_all_iterables_close(self):
        assert ask(answering(part for part in (b"a", b"b"))).body == b"ab"

    @pytest.mark.parametrize("application", [
        lambda environ, start_response: 1 / 0,
        lambda environ, start_response: sys.exit(1),
        lambda environ, start_response: [b"no start"],
        answering(Parts(b"x", fails=True)),
    ])  # fmt: skip
    def test_failures(self, application, caplog):
        exchange = ask(application)
        assert exchange.status == 500
        assert exchange.body == b"Internal Server Error"
        assert "Traceback" in caplog.text

    def test_a_failure_closes(self):
        parts = Parts(b"x", fails=True)
        ask(answering(parts))
        assert parts.closed == 1

    def test_at_most_so_many_at_a_time(self):
        at_work, most, lock = [0], [0], threading.Lock()

        def application(environ, start_response):
            with lock:
                at_work[0] += 1
                most[0] = max(most[0], at_work[0])
            start_response("200 OK", [])
            with lock:
                at_work[0] -= 1
            return [b""]

        async def crowd():
            site, several = gateway(application), [Exchange() for _ in range(50)]
            await asyncio.gather(*(site(scope(), one.receive, one.send) for one in several))

        run_apart(crowd())
        assert 1 <= most[0] <= 2
