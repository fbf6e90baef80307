"""``manage.py serve`` as its owner meets it: the real process tree, and the supervisor by itself."""

import contextlib
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import uuid
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from recovery import listening, preparation, supervision
from recovery.supervision import Plan

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 90  # seconds: for a slow machine, not for what should be quick


def eventually(condition, seconds=PATIENCE):
    """Return the condition's value as soon as it is true; fail when it does not become so."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
    return value


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def processes_with(mark):
    """Return the numbers of living processes that have this in their environment."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            # A zombie has no environment any more.
            if mark.encode() in (entry / "environ").read_bytes():
                found.add(int(entry.name))
    return found


def command_lines(mark):
    """Return the command line of each of these processes, by number."""
    lines = {}
    for number in processes_with(mark):
        with contextlib.suppress(OSError):
            lines[number] = (
                Path(f"/proc/{number}/cmdline").read_text(encoding="utf-8").replace("\0", " ")
            )
    return lines


def get(port, path="/healthz"):
    """Return the whole answer to a GET request, empty when there is none."""
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall(request.encode())
            return b"".join(iter(lambda: client.recv(65536), b"")).decode()
    except OSError:
        return ""


class Site:
    """A site of its own, in a scratch folder."""

    def __init__(self, folder, database_url):
        self.mark = f"RECOVERY_TEST={uuid.uuid4()}"
        self.port = free_port()
        self.environment = {
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(folder / "data"),
            "DATABASE_URL": database_url,
            "PORT": str(self.port),
            "WEB_WORKERS": "1",
            "PYTHONWARNINGS": "ignore",
            **dict([self.mark.split("=")]),
        }
        self.log = folder / "log"

    def start(self, *arguments, command=(sys.executable, "manage.py", "serve")):
        with self.log.open("w") as log:
            return subprocess.Popen(
                [*command, *arguments], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )

    def wait_until_up(self, process):
        eventually(lambda: "Stop with" in self.said() or process.poll() is not None)
        assert process.poll() is None, self.said()

    def said(self):
        return self.log.read_text()

    def processes(self):
        return processes_with(self.mark)

    def find(self, words):
        """Return the processes that run this; the supervisor is never one of them."""
        lines = command_lines(self.mark).items()
        return {number for number, line in lines if words in line and "{" not in line}

    def kill_all(self):
        for number in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)


@pytest.fixture
def database_url():
    """Return nothing for SQLite; where the tests run on PostgreSQL, a database of its own."""
    if connection.vendor != "postgresql":
        yield ""
        return
    config, name = connection.settings_dict, f"recovery_serve_{uuid.uuid4().hex[:8]}"
    place = f"{config['USER']}:{config['PASSWORD']}@{config['HOST']}:{config['PORT'] or 5432}"
    with psycopg.connect(f"postgres://{place}/postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        yield f"postgres://{place}/{name}"
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def site(tmp_path, database_url):
    site = Site(tmp_path, database_url)
    yield site
    site.kill_all()


def end(process):
    """Return the exit code of a process that should be ending."""
    return process.wait(timeout=30)


def assert_whole(site):
    """The database file holds everything by itself, for those who copy just that."""
    if site.environment.get("DATABASE_URL"):
        return
    folder = Path(site.environment["DATA_DIR"])
    log = folder / "recovery.sqlite3-wal"
    assert not log.exists() or log.stat().st_size == 0
    copy = folder / "copy.sqlite3"
    copy.write_bytes((folder / "recovery.sqlite3").read_bytes())
    with contextlib.closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT count(*) FROM articles_article").fetchone() == (1,)


def test_one_life_of_a_site(site):
    # A first start prepares everything, and says what to do next.
    process = site.start()
    site.wait_until_up(process)
    assert f"Recovery is running: open http://127.0.0.1:{site.port}/" in site.said()
    assert f"The admin is at http://127.0.0.1:{site.port}/admin/" in site.said()
    assert "make admin" in site.said()
    # The worker may be a moment later than the web.
    eventually(lambda: get(site.port).startswith("HTTP/1.1 200 "))
    assert ".css" in get(site.port, "/admin/login/")

    # The port is taken now.
    second = subprocess.run(
        [sys.executable, "manage.py", "serve"],
        cwd=ROOT, env=site.environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert second.returncode == 1
    taken = f"Port {site.port} on 127.0.0.1 is taken by another program: stop it, or set PORT"
    assert taken in second.stderr
    assert second.stderr.count("\n") == 1

    # What dies is started again: a web worker, the web server with its workers, the worker.
    for words in ("recovery.web", "db_worker"):
        before = site.find(words)
        for number in before:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        eventually(lambda words=words, before=before: site.find(words) - before)
    eventually(lambda: get(site.port).startswith("HTTP/1.1 200 "))

    # SIGTERM ends the whole tree.
    process.send_signal(signal.SIGTERM)
    assert end(process) == 0
    assert site.processes() == set()
    assert listening.address("127.0.0.1", site.port) == "127.0.0.1"
    assert_whole(site)

    # A second start repeats nothing; Ctrl-C ends it as well.
    process = site.start()
    site.wait_until_up(process)
    assert "Preparing" not in site.said()
    assert "Loaded" not in site.said()
    process.send_signal(signal.SIGINT)
    assert end(process) == 0
    assert site.processes() == set()


def test_nothing_outlives_a_killed_supervisor(site):
    process = site.start("--web-only")
    site.wait_until_up(process)
    assert site.find("recovery.web")
    assert not site.find("db_worker")
    process.kill()
    end(process)
    eventually(lambda: not site.processes(), 20)


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGKILL])
def test_make_run_leaves_nothing_behind(site, signum, tmp_path):
    # The environment at hand stands in for the one that make would make.
    makefile = (ROOT / "Makefile").read_text()
    recipe = tmp_path / "Makefile"
    recipe.write_text(
        makefile.replace("run: $(RUNNING)", "run:").replace(".venv/bin/python", sys.executable)
    )
    process = site.start(command=("make", "-f", str(recipe), "run"))
    site.wait_until_up(process)
    process.send_signal(signum)
    assert end(process) != 0
    eventually(lambda: not site.processes(), 20)


def test_ctrl_c_while_preparing_ends_it_quietly(site, tmp_path):
    (tmp_path / "data").mkdir()
    with preparation.one_at_a_time(tmp_path / "data" / "serve.lock", print):
        process = site.start()
        eventually(lambda: "Waiting for another start to finish …" in site.said())
        process.send_signal(signal.SIGINT)
        assert end(process) == 130
    assert site.said() == "Waiting for another start to finish …\n"


def test_only_what_serves_takes_the_collected_files(site):
    process = site.start("--web-only")
    site.wait_until_up(process)
    page = get(site.port, "/admin/login/")
    [name] = re.findall(r'/static/(admin/css/base\.[0-9a-f]{12}\.css)"', page)
    assert "max-age=315360000" in get(site.port, f"/static/{name}")
    plain = "from django.templatetags.static import static; print(static('admin/css/base.css'))"
    shell = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", plain],
        cwd=ROOT, env=site.environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert shell.stdout == "/static/admin/css/base.css\n", shell.stderr
    process.terminate()
    assert end(process) == 0


def supervised(tmp_path, port=9, preparation="", server="", **commands):
    """Start a supervisor of these Python programs; return it with the file that it writes to."""
    plan = Plan(
        {name: [sys.executable, "-c", code] for name, code in commands.items()},
        "127.0.0.1",
        port,
        "Hello",
        address="127.0.0.1",
        server=server,
        preparation=[sys.executable, "-c", preparation] if preparation else [],
    )
    log = tmp_path / "log"
    command = [sys.executable, "-m", "recovery.supervision", plan.to_json()]
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output)
    return process, log


class TestSupervisor:
    def test_gives_up_on_what_cannot_run(self, tmp_path, monkeypatch):
        said: list[str] = []
        monkeypatch.setattr(supervision, "FIRST_DELAY", 0.01)
        plan = Plan({"worker": [sys.executable, "-c", "raise SystemExit(3)"]}, "127.0.0.1", 9, "")
        before = {number: signal.getsignal(number) for number in _HANDLED}
        try:
            assert supervision.Supervisor(plan, said.append).run() == 1
        finally:
            signal.set_wakeup_fd(-1)
            for number, handler in before.items():
                signal.signal(number, handler)
        assert "The worker ended unexpectedly (exit code 3); it starts again in 0.01 s." in said[0]
        assert said[-1].startswith("Giving up: the worker ended 5 times right after its start.")

    def test_waits_for_work_to_be_finished(self, tmp_path):
        done = tmp_path / "done"
        code = (
            "import pathlib, signal, sys, time\n"
            f"pathlib.Path({str(tmp_path / 'ready')!r}).touch()\n"
            f"signal.signal(15, lambda *_: (time.sleep(0.5), pathlib.Path({str(done)!r}).touch(), sys.exit()))\n"
            "signal.pause()\n"
        )
        process, _ = supervised(tmp_path, worker=code)
        eventually((tmp_path / "ready").exists)
        eventually(lambda: _catches_sigterm(process.pid))
        process.terminate()
        assert end(process) == 0
        assert done.exists()

    def test_a_second_request_to_stop_is_in_a_hurry(self, tmp_path):
        code = (
            "import pathlib, signal, time\n"
            "signal.signal(15, signal.SIG_IGN)\n"
            f"pathlib.Path({str(tmp_path / 'ready')!r}).touch()\n"
            "time.sleep(600)\n"
        )
        process, _ = supervised(tmp_path, stubborn=code)
        eventually((tmp_path / "ready").exists)
        started = time.monotonic()
        process.terminate()
        # Sooner it would count as the same request; more than one could meet Python on its way out.
        eventually(lambda: time.monotonic() - started > supervision.AGAIN + 0.2)
        process.terminate()
        process.wait(timeout=supervision.PATIENCE)
        assert time.monotonic() - started < supervision.PATIENCE
        assert end(process) == 0

    @pytest.mark.parametrize("slow", ["preparation", "server"])
    def test_looks_after_the_others_during_a_restart(self, tmp_path, slow):
        """Which may take a minute: that long a part of the site would be away."""
        place = f"import os, pathlib, sys, time; here = pathlib.Path({str(tmp_path)!r})\n"
        wait = (
            "(here / 'restarting').touch()\n"
            "while not (here / 'go').exists(): time.sleep(0.05)\n"
        )  # fmt: skip
        answer = "(here / 'begun').touch(); os.write(int(sys.argv[-1]), b'.'); time.sleep(600)"
        second = f"(here / 'begun').exists() and exec({wait!r})\n"
        programs = {"worker": f"{place}(here / str(os.getpid())).touch(); time.sleep(600)"}
        if slow == "preparation":
            programs["preparation"] = place + wait
        else:
            programs["web"] = place + second + answer
        server = "web" if slow == "server" else ""
        process, log = supervised(tmp_path, port=0, server=server, **programs)
        try:
            first = eventually(lambda: list(tmp_path.glob("[0-9]*")))
            if server:
                eventually((tmp_path / "begun").exists)
            process.send_signal(signal.SIGUSR1)
            eventually((tmp_path / "restarting").exists)
            os.kill(int(first[0].name), signal.SIGKILL)
            eventually(lambda: len(list(tmp_path.glob("[0-9]*"))) == 2)
            (tmp_path / "go").touch()
            eventually(lambda: "Restarted." in log.read_text())
        finally:
            process.terminate()
            assert end(process) == 0

    def test_greets_once_something_answers(self, tmp_path):
        with socket.create_server(("127.0.0.1", 0)) as server:
            process, log = supervised(
                tmp_path, server.getsockname()[1], sleeper="import time; time.sleep(600)"
            )
            client, _ = server.accept()
            with client:
                client.recv(1000)
                assert log.read_text() == ""
                client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            eventually(lambda: log.read_text() == "Hello\n")
        process.terminate()
        assert end(process) == 0


_HANDLED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)


def _catches_sigterm(supervisor):
    """Say whether the supervisor's child has installed its handler (/proc/PID/status, SigCgt)."""
    children = (
        Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text(encoding="utf-8").split()
    )
    status = Path(f"/proc/{children[0]}/status").read_text(encoding="utf-8")
    caught = int(status.split("SigCgt:")[1].split()[0], 16)
    return bool(caught & 1 << signal.SIGTERM - 1)
