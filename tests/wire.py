"""A server without sockets, and its clients, at the level of bytes."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import uvicorn
from uvicorn.server import ServerState

from recovery.connection import Connection, Together
from recovery.gateway import Gateway
from recovery.page_cache.front import Front
from tests.page_cache.asking import HOSTS, Database, Site

HOST = "Host: blog.example"
THREADS = 2


class Transport(asyncio.Transport):
    """What a client on the other side would see.

    Closed, it goes on with what is ``unsent``, for as long as nobody aborts it.
    """

    def __init__(self, client=("192.0.2.7", 4000)):
        super().__init__()
        self.client = client
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
        self.unsent = 0

    def write_eof(self):
        self.has_ended = True

    def get_write_buffer_size(self):
        return self.unsent

    def pause_reading(self):
        self.is_reading_paused = True

    def resume_reading(self):
        self.is_reading_paused = False

    def get_extra_info(self, name, default=None):
        return {"peername": self.client, "sockname": ("127.0.0.1", 8000)}.get(name, default)


class Server:
    """A server without sockets, for one event loop."""

    def __init__(self):
        self.database = Database()
        self.site = Site(self.database)
        pages = Front(self.database, HOSTS)
        gateway = Gateway(self.site, threads=THREADS, client_of=lambda environ: "", pages=pages)
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

    def connect(self, transport=None):
        one = Connection(
            config=self.config, server_state=self.state, app_state={}, together=self.together
        )
        one.connection_made(transport or Transport())
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
            if one.transport.is_closing() or one.transport.has_ended:
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
