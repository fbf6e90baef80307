"""One connection, at the level of bytes, under those who want something else of it than pages."""

import asyncio
import threading
from contextlib import contextmanager

import pytest

from recovery import connection, gateway
from recovery.patience import HEADERS_WITHIN
from tests.wire import THREADS, Transport, answers, on_loop, only, request, run

UPGRADE = ("Connection: Upgrade", "Upgrade: h2c")
INNER = request("/admin/smuggled")


@contextmanager
def held(site):
    """Have the site answer nobody yet; give what lets it go on."""
    go_on = threading.Event()
    site.while_making = lambda: go_on.wait(20)
    try:
        yield go_on
    finally:
        go_on.set()


class TestAnotherProtocol:
    """``Upgrade`` (RFC 9110, 7.8): the parser takes what follows for that protocol, or for the next request."""

    @pytest.mark.parametrize(
        "sent",
        [
            request("/x", "POST", *UPGRADE, f"Content-Length: {len(INNER)}", body=INNER),
            request("/", "GET", *UPGRADE, f"Content-Length: {len(INNER)}", body=INNER),
            request(
                "/x",
                "POST",
                *UPGRADE,
                "Transfer-Encoding: chunked",
                body=f"{len(INNER):x}\r\n{INNER}\r\n0\r\n\r\n",
            ),
        ],
    )
    def test_a_body_is_no_request(self, sent):
        async def test(server):
            for cut in range(1, len(sent)):
                one = await server.ask(sent[:cut], sent[cut:])
                assert only(one)[0] == 400
                assert one.transport.is_closed
            assert server.site.seen == []

        run(test)

    @pytest.mark.parametrize("path", ["/", "/x"])
    def test_without_a_body_it_is_answered_in_this_one_and_nothing_after_it(self, path):
        sent = request(path, "GET", *UPGRADE, "Content-Length: 0")

        async def test(server):
            for cut in range(1, len(sent) + 1):
                one = await server.ask(sent[:cut], sent[cut:] + INNER, INNER)
                status, headers, _ = only(one)
                assert (status, headers["connection"]) == (200, "close")
                # What was sent after it must not have the answer thrown away (RFC 9112, 9.6).
                assert one.transport.has_ended
            assert {environ["PATH_INFO"] for environ in server.site.seen} == {path}
            assert server.pages.recall(sent.encode()) is None

        run(test)

    def test_what_came_before_it_is_answered_first(self):
        async def test(server):
            one = await server.ask(request("/x") + request("/y", "GET", *UPGRADE), INNER)
            assert [body for _, _, body in answers(one)] == [b"commit 0 of /x", b"commit 0 of /y"]

        run(test)


class TestManyAtOnce:
    @pytest.mark.parametrize("at_once", [1, 7, 5_000])
    def test_only_so_many_wait_and_the_last_is_told(self, at_once):
        async def test(server):
            one = server.connect()
            for _ in range(5_000 // at_once):
                one.data_received((request("/x") * at_once).encode())
                assert len(one.pipeline) <= connection.MOST_AHEAD
            await server.settled(one)
            found = answers(one)
            assert len(found) == connection.MOST_AHEAD + 1
            assert [headers.get("connection") for _, headers, _ in found][-2:] == [None, "close"]
            assert server.site.made == len(found)

        run(test)

    @pytest.mark.parametrize(
        "rest", ["GET / HT", "NONSENSE\r\n\r\n", "GET / HTTP/1.1\r\nX: " + "x" * 70_000]
    )
    def test_what_comes_after_the_last_harms_nobody(self, rest):
        async def test(server):
            with held(server.site) as go_on:
                one = server.connect()
                one.data_received((request("/x") * 100 + rest).encode())
                for _ in range(HEADERS_WITHIN * 2):
                    one.look_after()
                    one.data_received(rest.encode())
                go_on.set()
                await server.settled(one)
            assert len(answers(one)) == connection.MOST_AHEAD + 1

        run(test)

    def test_who_waits_for_each_answer_may_go_on(self):
        async def test(server):
            one = server.connect()
            for _ in range(10):
                await server.ask(request("/x") * connection.MOST_AHEAD, on=one)
            assert len(answers(one)) == 10 * connection.MOST_AHEAD

        run(test)


class TestRefusals:
    """What is said to one request is not part of what another gets."""

    def too_slow(self, one):
        one.data_received(b"GET /")
        for _ in range(HEADERS_WITHIN + 1):
            one.look_after()

    def too_large(self, one):
        one.data_received(b"GET / HTTP/1.1\r\nX: ")
        for _ in range(65):
            one.data_received(b"x" * 1_000)

    def nonsense(self, one):
        one.data_received(b"NONSENSE\r\n\r\n")

    def upgrade(self, one):
        one.data_received(request("/x", "POST", *UPGRADE, "Content-Length: 5").encode())

    WAYS = [(too_slow, 408), (too_large, 431), (nonsense, 400), (upgrade, 400)]

    @pytest.mark.parametrize(("misbehave", "status"), WAYS)
    def test_who_waits_for_another_answer_is_told_nothing(self, misbehave, status):
        async def test(server):
            with held(server.site):
                one = server.connect()
                one.data_received(request("/x").encode())
                await asyncio.sleep(0.01)
                misbehave(self, one)
                assert one.transport.is_closed
                assert one.transport.sent == b""

        run(test)

    @pytest.mark.parametrize(("misbehave", "status"), WAYS)
    def test_who_waits_for_nothing_is_told(self, misbehave, status):
        async def test(server):
            for before in ("/x", "/"):
                one = await server.ask(request(before))
                misbehave(self, one)
                assert [found[0] for found in answers(one)] == [200, status]
                assert one.transport.is_closed

        run(test)

    def test_a_body_that_makes_no_sense(self):
        async def test(server):
            begun = request("/x", "POST", "Transfer-Encoding: chunked")
            one = await server.ask(begun, "nonsense\r\n")
            assert only(one)[0] == 400
            with held(server.site):
                behind = await server.ask(request("/x") + begun, "nonsense\r\n")
                assert behind.transport.sent == b""

        run(test)


@on_loop
async def test_who_has_gone_before_being_let_in(server):
    """The system has no address of a connection that was reset at once."""
    one = server.connect(Transport(client=None))
    assert one.transport.is_aborted
    assert one.transport.sent == b""


class TestMoreThanThereAreThreads:
    async def crowd(self, server, number):
        crowd = [server.connect() for _ in range(number)]
        for at, one in enumerate(crowd):
            one.data_received(request(f"/admin/{at}").encode())
            await asyncio.sleep(0)
            while server.site.made < min(at + 1, THREADS):
                await asyncio.sleep(0.001)
        await asyncio.sleep(0.05)
        return crowd

    def test_only_so_many_wait(self):
        async def test(server):
            with held(server.site) as go_on:
                crowd = await self.crowd(server, THREADS + gateway.MOST_WAITING + 50)
                refused = [one for one in crowd if b"HTTP/1.1 503 " in one.transport.sent]
                assert len(refused) == 50
                assert only(refused[0])[1]["retry-after"] == "10"
                # A page that would have to be made is no different.
                page = await server.ask(request())
                assert only(page)[0] == 503
                go_on.set()
                for one in crowd:
                    await server.settled(one)
            assert [only(one)[0] for one in crowd].count(200) == len(crowd) - len(refused)
            assert only(await server.ask(request()))[0] == 200

        run(test)

    def test_who_has_gone_is_not_worked_for(self):
        async def test(server):
            with held(server.site) as go_on:
                for one in await self.crowd(server, 100):
                    one.transport.close()
                    one.connection_lost(None)
                await asyncio.sleep(0.05)
                go_on.set()
                assert only(await server.ask(request("/x")))[0] == 200
            # Those who were at work, whoever came first behind them, who is not watched, and the last.
            assert server.site.made <= THREADS + 2

        run(test)


def test_head_of_a_large_answer(caplog):
    async def test(server):
        server.site.body = b"x" * 200_000
        one = await server.ask(request("/admin/", "HEAD"), request("/admin/", "HEAD"))
        assert [status for status, _, _ in answers(one)] == [200, 200]
        assert not one.transport.is_closed
        # What was answered is put away after that.
        await asyncio.gather(*server.state.tasks)

    run(test)
    assert caplog.text == ""
