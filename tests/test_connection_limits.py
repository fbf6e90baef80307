"""Connections of those who take too long, of too many, and when the server stops."""

import asyncio

import pytest

from recovery import connection
from recovery.patience import HEADERS_WITHIN, IDLE, LINGER, STUCK
from tests.wire import HOST, answers, on_loop, only, request, run


class TestThoseWhoTakeTooLong:
    """``look_after`` is called once a second."""

    def seconds_until_closed(self, one, most=100):
        for seconds in range(most):
            if one.transport.is_closed:
                return seconds
            one.look_after()
        return None

    def test_with_nothing_to_ask(self):
        async def test(server):
            one = await server.ask(request())
            assert self.seconds_until_closed(one) == IDLE + 1
            never = server.connect()
            assert self.seconds_until_closed(never) == IDLE + 1

        run(test)

    def test_blank_lines_are_no_requests(self):
        async def test(server):
            one = server.connect()
            for seconds in range(IDLE * 2):  # noqa: B007
                if one.transport.is_closed:
                    break
                one.data_received(b"\r\n")
                one.look_after()
            assert seconds <= IDLE + 1

        run(test)

    def test_with_the_headers(self):
        async def test(server):
            one = server.connect()
            one.data_received(b"GET / HT")
            for seconds in range(100):  # noqa: B007
                if one.transport.is_closed:
                    break
                one.data_received(b"x")
                one.look_after()
            assert one.transport.sent.startswith(b"HTTP/1.1 4")
            assert seconds <= HEADERS_WITHIN + 1

        run(test)

    def test_kept_busy_it_stays_open(self):
        async def test(server):
            one = server.connect()
            for _ in range(IDLE * 3):
                await server.ask(request(), on=one)
                one.look_after()
            assert len(answers(one)) == IDLE * 3
            assert not one.transport.is_closed

        run(test)

    def test_the_site_itself_may_take_its_time(self):
        async def test(server):
            loop, go_on = asyncio.get_running_loop(), asyncio.Event()
            server.site.while_making = lambda: asyncio.run_coroutine_threadsafe(
                go_on.wait(), loop
            ).result()
            one = server.connect()
            one.data_received(request("/admin/").encode())
            assert self.seconds_until_closed(one, 60) is None
            go_on.set()
            await server.settled(one)
            assert only(one)[0] == 200

        run(test)

    def test_to_take_an_answer(self):
        async def test(server):
            one = await server.ask(request())
            one.transport.unsent = 70_000
            assert STUCK < self.seconds_until_closed(one) <= STUCK + 3
            assert one.transport.is_aborted
            slow = await server.ask(request())
            slow.transport.unsent = 70_000
            for _ in range(200):
                slow.transport.unsent -= 1
                slow.look_after()
            assert not slow.transport.is_closed

        run(test)

    def test_to_take_an_answer_after_which_the_connection_was_closed(self):
        """The system waits for that without end: only what is unsent keeps it."""

        async def test(server):
            one = await server.ask(request())
            one.transport.unsent = 70_000
            one.transport.close()
            for seconds in range(STUCK + 3):  # noqa: B007
                one.look_after()
                if one.transport.is_aborted:
                    break
            assert STUCK < seconds + 1 <= STUCK + 2
            quick = await server.ask(request())
            quick.transport.unsent = 70_000
            quick.transport.close()
            for _ in range(STUCK * 2):
                quick.look_after()
                quick.transport.unsent = max(quick.transport.unsent - 10_000, 0)
            assert not quick.transport.is_aborted

        run(test)


CHUNKED = f"POST /x HTTP/1.1\r\n{HOST}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"


@on_loop
async def test_trailers_are_no_headers(server):
    """They have passed no proxy's eyes: neither a host, nor who asks, may be said there."""
    one = await server.ask(f"{CHUNKED}Host: evil.example\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n")
    assert only(one)[0] == 200
    assert server.site.seen[-1]["HTTP_HOST"] == "blog.example"
    assert "HTTP_X_FORWARDED_FOR" not in server.site.seen[-1]


@pytest.mark.parametrize("part", [b"a: b\r\n" * 10_000, b"x" * 60_000])
def test_trailers_without_end(part):
    async def test(server):
        one = server.connect()
        one.data_received(f"{CHUNKED}X: ".encode())
        for _ in range(400):
            one.data_received(part)
            if one.transport.is_closed:
                break
        assert one.transport.is_closed
        assert len(one.headers) == 2

    run(test)


@on_loop
async def test_who_goes_while_requests_wait_leaves_no_noise(server):
    errors = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: errors.append(context))
    one = server.connect()
    one.data_received((request("/x") * 20).encode())
    one.transport.close()
    one.connection_lost(None)
    for _ in range(50):
        await asyncio.sleep(0.002)
    assert errors == []


@on_loop
async def test_headers_without_end(server):
    one = server.connect()
    for _ in range(200):
        one.data_received(
            b"GET / HTTP/1.1\r\n" if not one._is_within else b"X: " + b"x" * 990 + b"\r\n"
        )
        if one.transport.is_closed:
            break
    assert one.transport.sent.startswith(b"HTTP/1.1 431 ")


@on_loop
async def test_there_is_room_for_those_who_ask(server):
    idle = [await server.ask(request()) for _ in range(3)]
    idle[1].look_after()
    idle[1].look_after()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "MOST_CONNECTIONS", 3)
        fourth = server.connect()
        assert [one.transport.is_closed for one in idle] == [False, True, False]
        server.state.connections.discard(idle[1])
        for one in (idle[0], idle[2], fourth):
            one.data_received(b"GET / HT")
        idle[2].look_after()
        server.connect()
        assert idle[2].transport.is_closed, "whose headers have taken longest"
        server.state.connections.discard(idle[2])
        for one in server.state.connections:
            one._is_within = one._has_headers = True
        fifth = server.connect()
        assert fifth.transport.sent.startswith(b"HTTP/1.1 503 ")
        assert fifth.transport.is_closed


@on_loop
async def test_room_is_made_by_another_for_each_who_comes(server):
    """Who was closed is there still when the next one comes."""
    idle = [await server.ask(request()) for _ in range(3)]
    for one in idle:
        one.look_after()
        one.look_after()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "MOST_CONNECTIONS", 3)
        new = [server.connect() for _ in range(3)]
    assert all(one.transport.is_closed for one in idle)
    assert not any(one.transport.is_closed for one in new)


@on_loop
async def test_room_is_made_by_nobody_who_takes_an_answer(server):
    reader, idle, leaving, eager = [await server.ask(request()) for _ in range(4)]
    for one in (reader, leaving, eager):
        one.transport.unsent = 70_000
    leaving.transport.close()
    eager.data_received(b"GET / HT")
    for one in (reader, eager):
        one.look_after()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "MOST_CONNECTIONS", 4)
        first = server.connect()
        assert idle.transport.is_closed
        server.state.connections.discard(idle)
        first.data_received(request("/x", "POST", "Content-Length: 3", body="a").encode())
        server.connect().data_received(request("/x", "POST", "Content-Length: 3").encode())
        assert leaving.transport.is_aborted, "which is closed and not gone"
        server.state.connections.discard(leaving)
        late = server.connect()
    assert late.transport.sent.startswith(b"HTTP/1.1 503 ")
    assert not reader.transport.is_closed
    assert not eager.transport.is_closed


class TestStopping:
    def test_a_request_that_is_on_its_way_is_answered(self):
        async def test(server):
            one = await server.ask(request())
            one.shutdown()
            assert not one.transport.is_closed
            await server.ask(request(), on=one)
            assert [status for status, _, _ in answers(one)] == [200, 200]
            assert answers(one)[1][1]["connection"] == "close"
            assert one.transport.is_closed

        run(test)

    def test_who_asks_nothing_more_is_taken_leave_of(self):
        async def test(server):
            one = await server.ask(request())
            one.shutdown()
            await asyncio.sleep(connection.LEAVE_AFTER + 0.1)
            assert one.transport.is_closed

        run(test)

    def test_what_has_begun_is_finished(self):
        async def test(server):
            one = server.connect()
            one.data_received(request("/x", "POST", "Content-Length: 3", body="a").encode())
            one.shutdown()
            await server.ask("bc", on=one)
            assert only(one)[0] == 200
            assert one.transport.is_closed

        run(test)


@on_loop
async def test_an_answer_before_the_end_of_the_request_can_be_read(server):
    """To close at once would have the client's system throw it away (RFC 9112, 9.6)."""
    one = server.connect()
    one.data_received(request("/x", "POST", "Content-Length: 9000000", body="a").encode())
    for _ in range(100):
        await asyncio.sleep(0.001)
    assert one.transport.sent.startswith(b"HTTP/1.1 413 ")
    assert one.transport.has_ended
    assert not one.transport.is_closed
    sent = one.transport.sent
    for _ in range(LINGER + 1):
        one.data_received(b"a" * 1_000)
        one.look_after()
    assert one.transport.is_closed
    assert one.transport.sent == sent
