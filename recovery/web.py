"""A web worker: ``python -m recovery.web --sockets 4 --ready 5``.

It listens at sockets that it is given: they stay open when it is replaced, and no connection that waits
there is lost. To ``--ready`` it writes a byte once it can answer. Each worker is a process of its own,
which ``recovery.supervision`` starts again should it end.
"""

import asyncio
import gc
import os
import resource
import socket
from argparse import ArgumentParser
from contextlib import suppress
from functools import partial
from wsgiref.types import WSGIEnvironment

import uvicorn

from recovery.connection import MOST_CONNECTIONS, Connection, Together
from recovery.gateway import Gateway
from recovery.sockets import BACKLOG

# Requests at work in one worker: each may hold a database connection, and waits little.
THREADS = 8
STOP_WITHIN = 8  # seconds: less than the supervisor's patience
# Beside connections: databases, files, the event loop.
OTHER_FILES = 200


class Server(uvicorn.Server):
    """Uvicorn, which says when it is ready and looks after its connections."""

    def __init__(self, config: uvicorn.Config, ready: int) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # Nobody waits for those that take the place of one that died.
        with suppress(OSError):
            os.write(self._ready, b".")
        asyncio.get_running_loop().call_later(1, self._look_after)

    def _look_after(self) -> None:
        asyncio.get_running_loop().call_later(1, self._look_after)
        for connection in list(self.server_state.connections):
            if isinstance(connection, Connection):
                connection.look_after()


def serve(sockets: list[socket.socket], ready: int) -> None:
    """Serve the site until SIGTERM. HTTP/1.1 only: whoever ends TLS in front speaks the rest."""
    gateway = load()
    # What is there by now stays: no search for garbage need look at it again.
    gc.collect()
    gc.freeze()
    together = None if gateway.pages is None else Together(gateway.pages)
    config = uvicorn.Config(
        gateway,
        http=partial(Connection, together=together),  # type: ignore[arg-type]
        loop="uvloop",
        ws="none",
        lifespan="off",
        interface="asgi3",
        backlog=BACKLOG,
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_WITHIN,
    )
    Server(config, ready).run(sockets)


def load() -> Gateway:
    """Return the application."""
    from recovery.wsgi import application  # first: it sets Django up
    from django.conf import settings  # isort: skip
    from recovery import error_pages  # isort: skip
    from recovery.page_cache import process  # isort: skip

    return Gateway(
        application,
        threads=THREADS,
        client_of=_client,
        pages=process.front(),
        scheme=settings.SITE_URL.partition(":")[0],
        refusals=error_pages.refusals,
    )


def _client(environ: WSGIEnvironment) -> str:
    """Return the network that a request comes from, as far as the proxies in front are trusted."""
    from django.http import HttpRequest

    from comments.pace import client_network

    request = HttpRequest()
    request.META = environ
    return client_network(request)


def _allow_connections() -> None:
    """Have the system allow as many open files as connections need: often it starts with 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _sockets(text: str) -> list[socket.socket]:
    return [socket.socket(fileno=int(part)) for part in text.split(",")]


def main() -> None:
    """Serve as the command line says."""
    parser = ArgumentParser()
    parser.add_argument("--sockets", required=True, type=_sockets)
    parser.add_argument("--ready", required=True, type=int)
    given = parser.parse_args()
    _allow_connections()
    serve(given.sockets, given.ready)


if __name__ == "__main__":
    os.umask(0o077)
    main()
