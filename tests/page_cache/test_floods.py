"""Crowds, floods, and a database that is slow to answer."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from recovery.gateway import Gateway
from recovery.page_cache import front
from recovery.page_cache.front import Front
from recovery.page_cache.store import Store
from tests.page_cache.asking import HOSTS, Database, ask, crowd_of, get


def test_a_crowd_at_an_address_of_nothing_is_answered_by_two_looks(gateway, site):
    site.status = "404 Not Found"
    assert {status for status, _, _ in crowd_of(gateway, 50, "/articles/none/")} == {404}
    assert site.made <= 2


def test_a_crowd_while_everything_changes_is_answered(gateway, site, database):
    site.while_making = lambda: database.change("site")
    assert {status for status, _, _ in crowd_of(gateway, 50)} == {200}
    assert site.made <= 3


def test_one_who_goes_leaves_nothing_behind(gateway, site):
    async def impatient():
        for number in range(20):
            asking = asyncio.ensure_future(ask(gateway, f"/articles/{number}/"))
            await asyncio.sleep(0)
            asking.cancel()
        while gateway.pages._jobs:
            await asyncio.sleep(0.01)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, asyncio.wait_for(impatient(), 10)).result()
    assert gateway.pages._jobs == {}


def test_a_flood_of_made_up_addresses_neither_evicts_nor_grows(site, database):
    store = Store(most=200_000)
    gateway = Gateway(
        site, threads=4, client_of=lambda environ: "", pages=Front(database, HOSTS, store)
    )
    get(gateway, "/articles/real/")
    site.status, size = "404 Not Found", store.size

    async def flood():
        for number in range(500):
            await ask(gateway, f"/articles/{number}/")
            await ask(gateway, query=f"page={number + 2}")
            await ask(gateway, f"/static/{number}.0123456789ab.css")
            await ask(gateway, "/articles/real/", query=f"utm_source={number}&fbclid={number}")
            await ask(gateway, "/articles/real/", host=f"{number}.example")
            await ask(gateway, "/articles/real/", query=f"made_up={number}")

    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, flood()).result()
    assert (len(store), store.size) == (1, size)
    site.made = 0
    get(gateway, "/articles/real/")
    assert site.made == 0


def test_files_that_never_change_ask_no_database(gateway, site, database):
    site.headers = [("Cache-Control", "max-age=315360000, public, immutable")]
    path = "/static/css/site.0123456789ab.css"
    get(gateway, path)
    database.change("site")
    database.state = database.mark = None
    assert get(gateway, path)[0] == 200
    assert site.made == 1
    get(gateway, path, query="v=2")
    assert site.made == 2


def test_other_files_are_not_kept(gateway, site):
    site.headers = [("Cache-Control", "max-age=0, public")]
    get(gateway, "/static/css/site.0123456789ab.css")
    get(gateway, "/static/css/site.0123456789ab.css")
    assert site.made == 2


class FarDatabase(Database):
    """One over a network, which is asked in a thread."""

    is_quick = False

    def __init__(self):
        super().__init__()
        self.askers = set()
        self.answers = threading.Event()
        self.answers.set()

    def mark(self, keys):
        self.askers.add(threading.current_thread())
        self.answers.wait(10)
        return super().mark(keys)


class TestFarDatabase:
    @pytest.fixture
    def database(self):
        return FarDatabase()

    def test_is_asked_once_beside_the_event_loop(self, gateway, site, database):
        get(gateway)
        database.change("article:another")
        assert len(crowd_of(gateway, 50)) == 50
        assert site.made == 1
        assert database.asked == 2
        assert len(database.askers) == 1
        database.change("lists")
        assert get(gateway)[2] == b"commit 2 of /"

    def test_that_is_silent_holds_up_nobody_for_long(self, gateway, site, database, monkeypatch):
        monkeypatch.setattr(front, "PATIENCE", 0.05)
        get(gateway)
        database.answers.clear()
        database.change("lists")

        async def meanwhile():
            slow = asyncio.ensure_future(ask(gateway))
            await asyncio.sleep(0)
            began = time.monotonic()
            await ask(gateway, "/admin/")
            return time.monotonic() - began, await slow

        with ThreadPoolExecutor(1) as pool:
            took, answer = pool.submit(asyncio.run, meanwhile()).result()
        database.answers.set()
        assert answer[2] == b"commit 1 of /"
        assert took < 1
