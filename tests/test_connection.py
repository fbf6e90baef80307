"""One connection, at the level of bytes: kept pages, everything else, and those who take too long."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
import uvicorn
from hypothesis import given, settings
from hypothesis import strategies as st
from uvicorn.server import ServerState

from recovery import connection
from recovery.connection import HEADERS_WITHIN, IDLE, LINGER, STUCK, Connection, Together
from recovery.gateway import Gateway
from recovery.page_cache import front
from recovery.page_cache.front import Front
from tests.page_cache.asking import HOSTS, Database, Site

HOST = "Host: blog.example"


class Transport(asyncio.Transport):
    """What a client on the other side would see."""

    def __init__(self):
        super().__init__()
        self.sent = b""
        self.unsent = 0
        self.is_closed = self.is_aborted = self.has_ended = self.is_reading_paused = False

    def write(self, data):
        assert not self.has_ended
        self.sent += data

    def is_closing(self):
        return self.is_closed

    def close(self):
        self.is_closed = True

    def abort(self):
        self.is_closed = self.is_aborted = True

    def write_eof(self):
        self.has_ended = True

    def get_write_buffer_size(self):
        return self.unsent

    def pause_reading(self):
        self.is_reading_paused = True

    def resume_reading(self):
        self.is_reading_paused = False

    def get_extra_info(self, name, default=None):
        return {"peername": ("192.0.2.7", 4000), "sockname": ("127.0.0.1", 8000)}.get(name, default)


class Server:
    """A server without sockets, for one event loop."""

    def __init__(self):
        self.database = Database()
        self.site = Site(self.database)
        pages = Front(self.database, HOSTS)
        gateway = Gateway(self.site, threads=2, client_of=lambda environ: "", pages=pages)
        self.pages, self.together = pages, Together(pages)
        self.config = uvicorn.Config(
            gateway,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            proxy_headers=False,
            access_log=False,
        )
        self.config.load()
        self.state = ServerState()
        self.state.default_headers = [(b"date", b"Sun, 22 Nov 2026 12:00:00 GMT")]

    def connect(self):
        one = Connection(
            config=self.config, server_state=self.state, app_state={}, together=self.together
        )
        one.connection_made(Transport())
        return one

    async def ask(self, *parts, on=None):
        """Send these parts, each in a round of its own, and return the connection when all is answered."""
        one = on or self.connect()
        for part in parts:
            one.data_received(part if isinstance(part, bytes) else part.encode())
            await asyncio.sleep(0)
        await self.settled(one)
        return one

    async def settled(self, one):
        for _ in range(2_000):
            if one._is_at_rest and not one._is_waiting and not one.pipeline:
                return
            if one.transport.is_closing():
                return
            await asyncio.sleep(0.001)
        raise AssertionError("never answered")


def run(test):
    """Call it with a server in a loop of its own, in a thread of its own."""

    async def whole():
        await test(Server())

    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, asyncio.wait_for(whole(), 30)).result()


def on_loop(test):
    """Run an asynchronous test with a server."""

    def runs():
        run(test)

    runs.__name__, runs.__doc__ = test.__name__, test.__doc__
    return runs


def request(path="/", method="GET", *headers, body="", version="1.1"):
    return "\r\n".join([f"{method} {path} HTTP/{version}", HOST, *headers, "", body])


def answers(one):
    """Return the answers on this connection: status, headers without the date, body."""
    rest, found = one.transport.sent, []
    while rest:
        head, _, rest = rest.partition(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in lines)
        }
        headers.pop("date", None)
        size = int(headers.get("content-length", 0))
        if headers.get("transfer-encoding") == "chunked":
            size = rest.index(b"0\r\n\r\n") + 5
        found.append((int(status.split()[1]), headers, rest[:size]))
        rest = rest[size:]
    return found


def only(one):
    [found] = answers(one)
    return found


@on_loop
async def test_a_kept_page_is_the_same_by_every_way(server):
    first = only(await server.ask(request()))
    parsed = only(await server.ask(request()))
    recalled = only(await server.ask(request()))
    assert first == parsed == recalled
    assert first[0] == 200
    assert first[2] == b"commit 0 of /"
    assert server.site.made == 1
    assert server.pages.recall(request().encode()) is not None


@on_loop
async def test_every_answer_has_its_date(server):
    for number in range(6):
        if number == 3:
            server.state.default_headers = []  # as before the first round
        one = await server.ask(request("/", "GET", f"X-Number: {number // 2}"))
        assert re.search(rb"\r\ndate: \w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT\r\n", one.transport.sent)


@on_loop
async def test_what_came_in_together_takes_one_look_at_the_database(server):
    await server.ask(request())
    await server.ask(request())
    looks, state = [], server.database.state

    def look():
        looks.append(1)
        return state()

    server.database.state = look
    crowd = [server.connect() for _ in range(20)]
    for one in crowd:
        one.data_received(request().encode())
    assert looks == []
    for one in crowd:
        await server.settled(one)
    assert looks == [1]
    assert len({only(one)[2] for one in crowd}) == 1


@on_loop
async def test_the_look_comes_after_what_it_answers(server):
    """A change that was answered before a request came in is in what that request gets."""
    await server.ask(request())
    early, late = server.connect(), server.connect()
    early.data_received(request().encode())
    server.database.change("lists")
    late.data_received(request().encode())
    for one in (early, late):
        await server.settled(one)
    assert only(late)[2] == b"commit 1 of /"


@on_loop
async def test_a_change_is_seen_by_those_who_are_recalled(server):
    for commits in range(5):
        assert only(await server.ask(request()))[2] == f"commit {commits} of /".encode()
        server.database.change("site")


@on_loop
async def test_without_the_database_the_application_is_asked(server):
    await server.ask(request())
    await server.ask(request())

    def fail():
        raise OSError("disk gone")

    server.database.state = fail
    assert only(await server.ask(request()))[0] == 200
    assert server.site.made == 2


@on_loop
async def test_what_is_wanted_often_is_made_smaller(server):
    """Once, in the background; what nobody wants twice is left as it is."""
    server.site.body = bytes(range(256)) * 40
    asked = request("/", "GET", "Accept-Encoding: br")
    rare = request("/articles/rare/", "GET", "Accept-Encoding: br")
    first, seldom = only(await server.ask(asked)), only(await server.ask(rare))
    for _ in range(100):
        tag = only(await server.ask(asked))[1]["etag"]
        if tag != first[1]["etag"]:
            break
        await asyncio.sleep(0.01)
    assert tag == first[1]["etag"].replace("-br", "-br-best")
    assert server.site.made == 2
    assert only(await server.ask(rare))[1]["etag"] == seldom[1]["etag"]
    server.database.change("site")
    assert only(await server.ask(asked))[1]["etag"] == first[1]["etag"]


@on_loop
async def test_not_modified(server):
    _, headers, _ = only(await server.ask(request()))
    tag = f"If-None-Match: {headers['etag']}"
    for _ in range(3):
        status, less, nothing = only(await server.ask(request("/", "GET", tag)))
        assert (status, nothing) == (304, b"")
        assert less["etag"] == headers["etag"]
        assert "content-length" not in less


@on_loop
async def test_head_has_the_headers_alone(server):
    whole = (await server.ask(request())).transport.sent
    for _ in range(3):
        sent = (await server.ask(request("/", "HEAD"))).transport.sent
        assert sent.endswith(b"\r\n\r\n")
        undated = [re.sub(rb"date: [^\r]*\r\n", b"", text) for text in (sent, whole)]
        assert undated[0] == undated[1].partition(b"commit")[0]


@pytest.mark.parametrize(
    "sent",
    [
        request("/", "GET", "Connection: close"),
        request("/", version="1.0"),
        request("/", "GET", "Cookie: sessionid=abc"),
        request("/", "GET", "Content-Length: 5", body="hello"),
        request("/", "GET", "Transfer-Encoding: chunked", body="0\r\n\r\n"),
        request("/", "POST", "Content-Length: 0"),
        request("/admin/"),
        request("/", "GET", "Host: blog.example"),
        request("/", "GET", f"X-Long: {'x' * 3_000}"),
        request() + request(),
        request() + request()[:20],
        request()[:20],
    ],
)
def test_what_is_not_one_plain_request_is_not_remembered(sent):
    async def test(server):
        await server.ask(request())
        heads = dict(server.pages._heads)
        one = server.connect()
        one.data_received(sent.encode())
        await asyncio.sleep(0.05)
        assert set(server.pages._heads) == set(heads)

    run(test)


@on_loop
async def test_the_rest_of_a_request_is_no_request(server):
    """Bytes that were a request of their own before, in the middle of another."""
    await server.ask(request())
    await server.ask(request())
    inner = request()
    one = await server.ask(
        f"POST /x HTTP/1.1\r\n{HOST}\r\nContent-Length: {len(inner)}\r\n\r\n", inner
    )
    assert len(answers(one)) == 1
    assert server.site.seen[-1]["REQUEST_METHOD"] == "POST"
    split = await server.ask("GET / HTTP/1.1\r\nX: ", inner.replace("\r\n\r\n", "\r\nY: 1\r\n\r\n"))
    assert len(answers(split)) == 1


@on_loop
async def test_it_answers_in_the_order_of_asking(server):
    await server.ask(request())
    await server.ask(request())
    slow = request("/articles/slow/", "GET", "Cookie: sessionid=1")
    one = await server.ask(request(), slow, request(), slow + request() + request(), request())
    bodies = [body.partition(b" of ")[2][:10] for _, _, body in answers(one)]
    slowly = b"/articles/"
    assert bodies[:3] == [b"/", slowly, b"/"]
    assert [body.startswith(slowly) for body in bodies].count(True) == 2
    assert len(bodies) == 7


MIX = [
    request(),
    request("/articles/a/", "GET", "Accept-Encoding: gzip"),
    request("/x", "POST", "Content-Length: 3", body="abc"),
    request("/admin/"),
    request("/", "GET", "If-None-Match: *"),
]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(MIX), min_size=1, max_size=6), st.data())
def test_however_the_bytes_arrive_the_answers_are_the_same(asked, data):
    stream = "".join(asked).encode()
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=8)))
    parts = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True) if a < b]

    async def test(server):
        for one in MIX:
            await server.ask(one)
            await server.ask(one)
        at_once = [only(await server.ask(one)) for one in asked]
        assert answers(await server.ask(*parts)) == at_once

    run(test)


@on_loop
async def test_heads_are_remembered_within_bounds(server):
    for number in range(front.MOST_HEADS + 50):
        await server.ask(request("/", "GET", f"X-Number: {number}"))
    assert len(server.pages._heads) == front.MOST_HEADS
    assert server.pages.recall(request("/", "GET", "X-Number: 0").encode()) is None
    assert server.site.made == 1


@on_loop
async def test_who_takes_no_answers_is_sent_no_more(server):
    await server.ask(request())
    await server.ask(request())
    one = server.connect()
    one.pause_writing()
    for _ in range(50):
        one.data_received(request().encode())
        await asyncio.sleep(0)
    assert one.transport.sent == b""
    assert one.transport.is_reading_paused
    one.resume_writing()
    await server.settled(one)
    assert len(answers(one)) == 50


@on_loop
async def test_nonsense_is_refused(server):
    one = await server.ask("NONSENSE\r\n\r\n")
    assert one.transport.sent.startswith(b"HTTP/1.1 400 ")
    assert one.transport.is_closed


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
        fifth = server.connect()
        assert fifth.transport.sent.startswith(b"HTTP/1.1 503 ")
        assert fifth.transport.is_closed


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
