"""The web server's process: ``python -m recovery.web HOST PORT WORKERS``.

Granian's own command cannot tie its workers' life to that of their parent; this does, and sets
the limits that fit a blog. Between Granian and the application stands the gateway: Granian's own WSGI
interface would give each body that is still on its way a thread.
"""

import os
import signal
import sys
from functools import partial
from typing import TYPE_CHECKING
from wsgiref.types import WSGIEnvironment

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from recovery.supervision import follow_parent

if TYPE_CHECKING:
    from recovery.gateway import Gateway

# Requests at work in one worker: each may hold a database connection, and waits little.
THREADS = 8
HEADERS_WITHIN = 10_000  # milliseconds
STOP_WITHIN = 8  # seconds: less than the supervisor's patience
RESTART_AFTER = 0.5  # seconds


def load(parent: int, target: str) -> "Gateway":
    """Return the application that the server runs, inside a worker.

    A worker is forked: until its server runs it would answer SIGTERM with its parent's handlers.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    follow_parent(parent, signal.SIGKILL)
    from recovery.gateway import Gateway
    from recovery.wsgi import application

    return Gateway(application, threads=THREADS, client_of=_client)


def _client(environ: WSGIEnvironment) -> str:
    """Return the network that a request comes from, as far as the proxies in front are trusted."""
    from django.http import HttpRequest

    from comments.pace import client_network

    request = HttpRequest()
    request.META = environ
    return client_network(request)


def serve(host: str, port: int, workers: int) -> None:
    """Serve the site until SIGTERM. HTTP/1.1 only: whoever ends TLS in front speaks the rest."""
    server = Granian(
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
        backlog=1024,
        backpressure=1024,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        respawn_interval=RESTART_AFTER,
        workers_kill_timeout=STOP_WITHIN,
    )
    server.serve(target_loader=partial(load, os.getpid()))


if __name__ == "__main__":
    os.umask(0o077)
    serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
