"""The web server's process: ``python -m recovery.web HOST PORT WORKERS --sockets 4,5 --ready 6``.

It listens at sockets that it is given, one for each worker: they stay open when it is replaced, and no
connection that waits there is lost. To ``--ready`` each worker writes a byte once it can answer.

Granian's own command cannot tie its workers' life to that of their parent; this does, and sets
the limits that fit a blog. Between Granian and the application stands the gateway: Granian's own WSGI
interface would give each body that is still on its way a thread.
"""

import os
import signal
from argparse import ArgumentParser
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any
from wsgiref.types import WSGIEnvironment

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.net import SocketHolder  # type: ignore[attr-defined]

from recovery.supervision import BACKLOG, follow_parent

if TYPE_CHECKING:
    from recovery.gateway import Gateway

# Requests at work in one worker: each may hold a database connection, and waits little.
THREADS = 8
HEADERS_WITHIN = 10_000  # milliseconds
STOP_WITHIN = 8  # seconds: less than the supervisor's patience
RESTART_AFTER = 0.5  # seconds


def load(parent: int, ready: int, target: str) -> "Gateway":
    """Return the application that the server runs, inside a worker.

    A worker is forked: until its server runs it would answer SIGTERM with its parent's handlers.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    follow_parent(parent, signal.SIGKILL)
    from recovery.gateway import Gateway
    from recovery.wsgi import application  # first: it sets Django up
    from django.conf import settings  # isort: skip
    from recovery.page_cache import process  # isort: skip

    gateway = Gateway(
        application,
        threads=THREADS,
        client_of=_client,
        pages=process.front(),
        scheme=settings.SITE_URL.partition(":")[0],
    )
    # Nobody waits for those that take the place of one that died.
    with suppress(OSError):
        os.write(ready, b".")
    return gateway


def _client(environ: WSGIEnvironment) -> str:
    """Return the network that a request comes from, as far as the proxies in front are trusted."""
    from django.http import HttpRequest

    from comments.pace import client_network

    request = HttpRequest()
    request.META = environ
    return client_network(request)


class Server(Granian):  # type: ignore[misc,valid-type]
    """Granian on sockets that are listening already: by itself it would close its own when it ends."""

    sockets: list[int]
    _shd: Any

    def _init_shared_socket(self) -> None:
        self._ssp = self._shd = self._sso = None

    def _spawn_worker(self, idx: int, *args: Any, **options: Any) -> Any:
        # Granian takes what it is given for its own, and closes it.
        handle = os.dup(self.sockets[idx % len(self.sockets)])
        self._shd = SocketHolder(handle, False, BACKLOG)  # type: ignore[call-arg]
        return super()._spawn_worker(idx, *args, **options)


def serve(host: str, port: int, workers: int, sockets: list[int], ready: int) -> None:
    """Serve the site until SIGTERM. HTTP/1.1 only: whoever ends TLS in front speaks the rest."""
    server = Server(
        "recovery.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        workers=workers,
        blocking_threads=1,
        runtime_blocking_threads=1,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADERS_WITHIN),
        websockets=False,
        backlog=BACKLOG,
        backpressure=1024,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        respawn_interval=RESTART_AFTER,
        workers_kill_timeout=STOP_WITHIN,
    )
    server.sockets = sockets
    server.serve(target_loader=partial(load, os.getpid(), ready))


def main() -> None:
    """Serve as the command line says."""
    parser = ArgumentParser()
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("workers", type=int)
    parser.add_argument(
        "--sockets", required=True, type=lambda text: [int(part) for part in text.split(",")]
    )
    parser.add_argument("--ready", required=True, type=int)
    given = parser.parse_args()
    serve(given.host, given.port, given.workers, given.sockets, given.ready)


if __name__ == "__main__":
    os.umask(0o077)
    main()
