"""The web server's process: ``python -m recovery.web HOST PORT WORKERS``.

Granian's own command cannot tie its workers' life to that of their parent; this does, and sets
the limits that fit a blog.
"""

import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from recovery.supervision import follow_parent

# Requests at work in one worker: each may hold a database connection, and waits little.
THREADS = 8
HEADERS_WITHIN = 10_000  # milliseconds
STOP_WITHIN = 8  # seconds: less than the supervisor's patience
RESTART_AFTER = 0.5  # seconds


def load(parent: int, target: str) -> Callable[..., Any]:
    """Return the WSGI application, inside a worker.

    A worker is forked: until its server runs it would answer SIGTERM with its parent's handlers.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    follow_parent(parent, signal.SIGKILL)
    from recovery.wsgi import application

    return application


def serve(host: str, port: int, workers: int) -> None:
    """Serve the site until SIGTERM. HTTP/1.1 only: whoever ends TLS in front speaks the rest."""
    server = Granian(
        "recovery.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
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
    serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
