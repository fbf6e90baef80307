"""Kept pages are served only while they are true, and made once for all who ask."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from recovery.page_cache import store
from recovery.page_cache.front import LONGEST_KEPT, WORTH_IT, Front
from recovery.page_cache.store import Page, drafted
from tests.page_cache.asking import HOSTS, ask, get


def test_a_page_is_made_once(gateway, site):
    first, second = get(gateway), get(gateway)
    assert first == second == (200, first[1], b"commit 0 of /")
    assert site.made == 1


def test_a_change_is_seen_at_once(gateway, site, database):
    get(gateway)
    database.change("lists")
    assert get(gateway)[2] == b"commit 1 of /"
    assert site.made == 2


def test_other_changes_leave_it(gateway, site, database):
    get(gateway)
    database.change("article:another")
    assert get(gateway)[2] == b"commit 0 of /"
    assert site.made == 1


def test_marks_are_compared_once_for_each_change(gateway, database):
    get(gateway)
    database.change("article:another")
    before = database.asked
    for _ in range(5):
        get(gateway)
    assert database.asked == before + 1


def test_a_change_while_it_is_made_makes_it_an_old_one(gateway, site, database):
    def change_once():
        site.while_making = lambda: None
        database.change("lists")

    site.while_making = change_once
    assert get(gateway)[2] == b"commit 0 of /"
    assert get(gateway)[2] == b"commit 1 of /"


def test_a_crowd_has_it_made_once(gateway, site):
    async def crowd():
        return await asyncio.gather(*(ask(gateway) for _ in range(50)))

    with ThreadPoolExecutor(1) as pool:
        answers = pool.submit(asyncio.run, crowd()).result()
    assert {body for _, _, body in answers} == {b"commit 0 of /"}
    assert site.made == 1


def test_who_comes_after_a_change_never_gets_the_page_that_was_begun_before(
    gateway, site, database
):
    """The second asks while the first page is being made, and after a change."""

    async def crossing():
        begun = asyncio.Event()
        loop = asyncio.get_running_loop()
        may_go_on = asyncio.Event()

        def wait():
            site.while_making = lambda: None
            loop.call_soon_threadsafe(begun.set)
            asyncio.run_coroutine_threadsafe(may_go_on.wait(), loop).result()

        site.while_making = wait
        early = asyncio.ensure_future(ask(gateway))
        await begun.wait()
        database.change("lists")
        late = asyncio.ensure_future(ask(gateway))
        await asyncio.sleep(0)
        may_go_on.set()
        return await early, await late

    with ThreadPoolExecutor(1) as pool:
        early, late = pool.submit(asyncio.run, crossing()).result()
    assert late[2] == b"commit 1 of /"
    assert early[2] in (b"commit 0 of /", b"commit 1 of /")


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        ("200 OK", [("Content-Type", "text/html")]),
        ("404 Not Found", [("Surrogate-Key", "site")]),
        ("500 Oh", [("Surrogate-Key", "site")]),
        ("301 Moved", [("Surrogate-Key", "site"), ("Location", "/x/")]),
        ("200 OK", [("Surrogate-Key", "site"), ("Set-Cookie", "a=b")]),
    ],
)
def test_what_is_not_a_public_page_is_never_kept(gateway, site, status, headers):
    site.status, site.headers = status, headers
    get(gateway)
    made = site.made
    answer = get(gateway)
    assert site.made == made + 1
    assert answer[0] == int(status[:3])
    assert answer[2] == b"commit 0 of /"


def test_it_ends_when_its_time_has_come(gateway, site, time_machine):
    time_machine.move_to("2026-11-22 12:00:00+00:00", tick=False)
    site.until = time.time() + 60
    get(gateway)
    get(gateway)
    assert site.made == 1
    time_machine.shift(61)
    get(gateway)
    assert site.made == 2


def test_no_page_is_kept_for_longer_than_its_form_is_good(gateway, site, time_machine):
    time_machine.move_to("2026-11-22 12:00:00+00:00", tick=False)
    get(gateway)
    time_machine.shift(LONGEST_KEPT - 1)
    get(gateway)
    assert site.made == 1
    time_machine.shift(2)
    get(gateway)
    assert site.made == 2


def test_the_application_learns_nothing_of_the_visitor(gateway, site):
    get(
        gateway, query="utm_source=x", cookie="theme=dark", user_agent="Me", x_forwarded_host="evil"
    )
    environ = site.seen[0]
    assert {name for name in environ if name.startswith("HTTP_")} == {"HTTP_HOST"}
    assert environ["QUERY_STRING"] == ""


def test_head_and_304(gateway, site):
    _, headers, body = get(gateway)
    status, head, nothing = get(gateway, method="HEAD")
    assert (status, head, nothing) == (200, headers, b"")
    assert int(head[b"content-length"]) == len(body)
    status, less, nothing = get(gateway, if_none_match=headers[b"etag"].decode())
    assert (status, nothing) == (304, b"")
    assert less[b"etag"] == headers[b"etag"]
    assert site.made == 1


def test_a_session_goes_past_it(gateway, site):
    get(gateway)
    get(gateway, cookie="sessionid=abc")
    assert site.made == 2
    assert site.seen[1]["HTTP_COOKIE"] == "sessionid=abc"


def test_a_page_that_is_no_more_is_forgotten(gateway, site, database):
    get(gateway)
    database.change("site")
    site.status = "404 Not Found"
    assert get(gateway)[0] == 404
    site.status = "200 OK"
    assert get(gateway)[2] == b"commit 1 of /"


def test_without_the_database_the_application_is_asked(gateway, site, database):
    get(gateway)

    def fail():
        raise OSError("disk gone")

    database.state = fail
    assert get(gateway)[0] == 200
    assert site.made == 2


def test_what_there_is_no_room_for_is_not_compressed(gateway, site, monkeypatch):
    coded = []

    def code(body, *args):
        coded.append(len(body))
        return body

    monkeypatch.setattr(store, "_coded", code)
    largest = gateway.pages._store.largest
    for size, times in ((largest, 1), (largest + 1, 2)):
        site.made, site.body = 0, b"x" * size
        for _ in range(2):
            status, _, body = get(gateway, f"/articles/{times}/")
            assert (status, len(body)) == (200, size)
        assert site.made == times
    assert set(coded) == {largest}


@pytest.mark.parametrize("others", [0, 3, 10])
def test_browsers_get_it_smaller_however_many_others_came_first(database, others):
    front = Front(database, HOSTS)
    page = Page(drafted(Path("README.md").read_bytes(), []), (), (), time.time() + 60)

    async def readers(coding: str, number: int) -> None:
        for _ in range(number):
            page.form(coding)
            front.note_use(page)
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})

    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, readers("gzip", others)).result()
        quick = page.form("br")
        pool.submit(asyncio.run, readers("br", WORTH_IT - 1)).result()
        assert page.form("br") is quick
        pool.submit(asyncio.run, readers("br", 1)).result()
    assert len(page.form("br").body) < len(quick.body)
