"""The servers under test: real processes in scratch folders, on free ports of loopback."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from benchmarks import machine
from benchmarks.client import WrongAnswer
from recovery import scratch
from recovery.sockets import answers

YARDSTICK: Final = "benchmarks.yardstick.settings"
PATIENCE = 120  # seconds until a server answers


@dataclass(frozen=True)
class Server:
    """A running server: the process that all its others descend from."""

    port: int
    pid: int

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@dataclass(frozen=True)
class Site(Server):
    """``manage.py serve`` on a folder of its own."""

    folder: Path
    environment: dict[str, str]

    @property
    def database(self) -> Path:
        return self.folder / "recovery.sqlite3"

    def run(self, *arguments: str) -> None:
        """Run a command of ``manage.py`` on this site."""
        _run(["manage.py", *arguments], self.environment)

    def ask(self, what: str, *arguments: str) -> Any:
        """Have a function of ``benchmarks.inside`` work on this site; return what it returns."""
        printed = _run(["-m", "benchmarks.inside", what, *arguments], self.environment)
        return json.loads(printed.splitlines()[-1])


def can(command: str) -> bool:
    """Say whether ``manage.py`` knows this command."""
    from django.core.management import get_commands

    return command in get_commands()


def _run(arguments: list[str], environment: dict[str, str]) -> str:
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, env=environment, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise WrongAnswer(f"{' '.join(arguments)}:\n{done.stdout[-1000:]}{done.stderr[-3000:]}")
    return done.stdout


def _environment(folder: Path, module: str) -> dict[str, str]:
    folder.mkdir(mode=0o700)
    return {
        **scratch.environment(str(folder)),
        "DJANGO_SETTINGS_MODULE": module,
        "WEB_WORKERS": "0",  # one a core, as without any setting
        "LINKBACK_SENDING": "off",
    }


@contextmanager
def site(
    folder: Path, *options: str, module: str = "recovery.settings", make: tuple[str, ...] = ()
) -> Iterator[Site]:
    """Serve a new site from this folder, with these options of ``manage.py serve``.

    ``make``: a command of ``manage.py`` that fills the site before it is served.
    """
    environment = _environment(folder, module)
    if make:
        _run(["manage.py", "migrate", "--verbosity", "0"], environment)
        _run(["manage.py", *make], environment)
    command = [sys.executable, "manage.py", "serve", "--with-parent", *options]
    port = int(environment["PORT"])
    with _running(command, port, folder / "serve.log", environment) as pid:
        yield Site(port, pid, folder, environment)


@contextmanager
def nginx(folder: Path, files: dict[str, tuple[bytes, str]]) -> Iterator[Server]:
    """Serve these files (body and Content-Encoding by name) as nginx does with nothing to hinder it."""
    folder.mkdir(mode=0o700)
    port = int(scratch.environment(str(folder))["PORT"])
    locations = []
    for name, (body, coding) in files.items():
        (folder / name).write_bytes(body)
        coded = f"add_header Content-Encoding {coding};" if coding else ""
        locations.append(f"location = /{name} {{ {coded} }}")
    configuration = _NGINX.format(
        folder=folder,
        port=port,
        user="user root;" if os.geteuid() == 0 else "",
        workers=os.cpu_count() or 1,
        locations="\n".join(locations),
    )
    (folder / "nginx.conf").write_text(configuration)
    command = [machine.program("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with _running([*command, "-e", "stderr"], port, folder / "log") as pid:
        yield Server(port, pid)


# One worker a core; the file is opened for each request, as with Debian's own configuration.
_NGINX = """
{user}
daemon off;
pid {folder}/pid;
error_log stderr error;
worker_processes {workers};
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_timeout 60s;
    keepalive_requests 1000000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    default_type "text/html; charset=utf-8";
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        root {folder};
        {locations}
    }}
}}
"""


@contextmanager
def _running(
    command: list[str], port: int, log: Path, environment: dict[str, str] | None = None
) -> Iterator[int]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _await(process, port, log)
            yield process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not answers("127.0.0.1", port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise WrongAnswer(
                f"A server does not answer:\n{log.read_text(encoding='utf-8', errors='replace')[-3000:]}"
            )
        time.sleep(0.1)
