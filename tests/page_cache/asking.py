"""A database, a site and those who ask for its pages, as small as can be."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from recovery.page_cache.requests import UNTIL

HOSTS = frozenset({"blog.example"})


class Database:
    """What a real one says of its state; ``change()`` is a commit that touches these keys."""

    is_quick = True

    def __init__(self):
        self.commits = 0
        self.marks: dict[str, int] = {}
        self.asked = 0

    def change(self, *keys):
        self.commits += 1
        for key in keys:
            self.marks[key] = self.commits

    def state(self):
        return self.commits

    def mark(self, keys):
        self.asked += 1
        return (max(self.marks.get(key, 0) for key in keys),)


class Site:
    """A WSGI application that shows what is in its database."""

    def __init__(self, database):
        self.database = database
        self.made = 0
        self.seen: list[dict[str, str]] = []
        self.status = "200 OK"
        self.headers = [("Surrogate-Key", "site"), ("Content-Type", "text/html")]
        self.while_making = lambda: None
        self.until = None
        self.body = b""

    def __call__(self, environ, start_response):
        self.made += 1
        if UNTIL in environ:
            environ[UNTIL] = self.until
        self.seen.append(environ)
        body = f"commit {self.database.commits} of {environ['PATH_INFO']}".encode()
        self.while_making()
        start_response(self.status, self.headers)
        return [self.body or body]


def scope(path="/", method="GET", query="", **headers):
    named = {"host": "blog.example", **headers}
    return {
        "type": "http",
        "method": method,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "client": ("192.0.2.7", "40000"),
        "server": ("127.0.0.1", "8000"),
        "scheme": "http",
        "http_version": "1.1",
        "headers": [(n.replace("_", "-").encode(), v.encode()) for n, v in named.items()],
    }


async def ask(gateway, *args, **kwargs):
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return await asyncio.Event().wait()

    await gateway(scope(*args, **kwargs), receive, send)
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], dict(sent[0]["headers"]), body


def get(gateway, *args, **kwargs):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, ask(gateway, *args, **kwargs)).result()


def crowd_of(gateway, number, path="/"):
    async def crowd():
        return await asyncio.gather(*(ask(gateway, path) for _ in range(number)))

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, crowd()).result()
