"""One connection, at the level of bytes: kept pages, and everything else."""

import asyncio
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recovery.page_cache import front
from tests.wire import HOST, answers, on_loop, only, request, run


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
async def test_trouble_with_one_is_none_of_the_others(server):
    """One has gone before the round ended, and for another's page the database cannot be asked."""
    for path in ("/", "/articles/a/"):
        await server.ask(request(path))
        await server.ask(request(path))
    server.database.change("another")
    mark = server.database.mark

    def fail(keys):
        if "lists" not in keys:
            raise OSError("disk gone")
        return mark(keys)

    server.database.mark = fail
    gone, troubled, fine = server.connect(), server.connect(), server.connect()
    gone.data_received(request().encode())
    troubled.data_received(request("/articles/a/").encode())
    fine.data_received(request().encode())
    gone.transport.close()
    for one in (troubled, fine):
        await server.settled(one)
    assert gone.transport.sent == b""
    assert [only(one)[0] for one in (troubled, fine)] == [200, 200]


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
async def test_what_cannot_be_smaller_stays_as_it_is(server):
    server.site.body = random.Random(1).randbytes(5_000)
    asked = request("/", "GET", "Accept-Encoding: br")
    first = only(await server.ask(asked))
    for _ in range(5):
        assert only(await server.ask(asked)) == first
        while server.pages._compressing is not None:
            await asyncio.sleep(0.001)
    assert only(await server.ask(asked)) == first


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
    for _ in range(30):
        one.data_received(request().encode())
        await asyncio.sleep(0)
    assert one.transport.sent == b""
    assert one.transport.is_reading_paused
    one.resume_writing()
    await server.settled(one)
    assert len(answers(one)) == 30


@on_loop
async def test_nonsense_is_refused(server):
    one = await server.ask("NONSENSE\r\n\r\n")
    assert one.transport.sent.startswith(b"HTTP/1.1 400 ")
    assert one.transport.is_closed
