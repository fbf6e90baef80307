"""No reader who comes after a change is answered with the page of before, whatever happens.

Readers in processes of their own hammer one page of a real site while comments are approved by the
admin, edited by another process and thrown away again, one by one. ``STALENESS=full`` makes it long.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from bisect import bisect
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener  # noqa: TID251

import pytest
from django.db import connection

from tests.interop.conftest import DEMO, QUEUE, Blog, database
from tests.test_serve import ROOT

IS_FULL = os.environ.get("STALENESS") == "full"
COMMENTS = 167 if IS_FULL else 20  # each is changed three times
LEAST_READS = 50_000 if IS_FULL else 3_000
READERS = 4
MACHINES_AGREE_WITHIN = 1.0  # seconds

PREPARE = f"""
from articles.models import Article
from comments.models import Comment
article = Article.objects.get()
for number in range({COMMENTS}):
    comment = Comment(article=article, author_name=f"Reader {{number}}")
    comment.set_text(f"token-{{number}}-a")
    comment.save()
    print(comment.pk)
"""
# What a task of the worker does: a change, and word of it to the other processes.
EDIT = """
import sys
from comments.models import Comment
from recovery.page_cache.process import announce
print("ready", flush=True)
for line in sys.stdin:
    pk, text = line.split()
    comment = Comment.objects.get(pk=pk)
    comment.set_text(text)
    comment.save()
    announce()
    print("done", flush=True)
"""


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


@dataclass
class Change:
    """What readers are to see from the moment at which it was answered."""

    shown: str
    began: float
    done: float


@dataclass
class Changing:
    """Approves, edits and throws away, one comment after the other, and takes down when."""

    blog: Blog
    numbers: list[str]
    changes: list[Change] = field(default_factory=list)

    def __post_init__(self):
        self.changes.append(Change("", 0.0, 0.0))
        self.editor = subprocess.Popen(
            [sys.executable, "manage.py", "shell", "-v0", "-c", EDIT],
            cwd=ROOT, env=self.blog.environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self.editor.stdout.readline() == "ready\n"
        handlers = vars(self.blog.owner.opener)["handlers"]
        cookies = next(handler for handler in handlers if hasattr(handler, "cookiejar"))
        self.token = next(c.value for c in cookies.cookiejar if c.name == "csrftoken")
        self.opener = build_opener(_Stay, cookies)

    def close(self):
        self.editor.stdin.close()
        self.editor.stdout.close()
        self.editor.wait(30)

    def run(self, after_each=lambda number: None):
        for number, pk in enumerate(self.numbers):
            self.note(f"token-{number}-a", lambda pk=pk: self.decide("approve", pk))
            self.note(f"token-{number}-b", lambda pk=pk, n=number: self.edit(pk, f"token-{n}-b"))
            self.note("", lambda pk=pk: self.decide("trash", pk))
            after_each(number)
        self.close()

    def note(self, shown, act):
        began = time.monotonic()
        # Before it is made, so that what is seen while it is under way is known, too.
        self.changes.append(Change(shown, began, float("inf")))
        act()
        self.changes[-1].done = time.monotonic()

    def decide(self, verb, pk):
        data = {"csrfmiddlewaretoken": self.token, "_moderate": f"{verb}:{pk}"}
        request = Request(f"{self.blog.origin}{QUEUE}?status=all", urlencode(data).encode())
        for _ in range(300):
            try:
                self.opener.open(request, timeout=20)
            except HTTPError as answer:
                if answer.status == 302:
                    return
                raise
            except OSError:
                # Its worker was killed.
                time.sleep(0.1)
        raise AssertionError("the admin does not answer")

    def edit(self, pk, text):
        self.editor.stdin.write(f"{pk} {text}\n")
        self.editor.stdin.flush()
        assert self.editor.stdout.readline() == "done\n"


@contextlib.contextmanager
def reading(folder, *sites):
    """Have four readers hammer the page of the sites, and give the list that will hold what they saw."""
    stop, found = folder / "stop", list[tuple[int, float, float, str]]()
    ports = [site.port for site in sites] * READERS
    logs = [folder / f"reads-{number}" for number in range(READERS)]
    readers = [
        subprocess.Popen([sys.executable, str(Path(__file__).parent / "reading.py"), str(port), DEMO, str(stop), str(log), str(LEAST_READS // READERS)])
        for port, log in zip(ports, logs, strict=False)
    ]  # fmt: skip
    try:
        yield found
    finally:
        stop.touch()
        assert [reader.wait(120) for reader in readers] == [0] * READERS
        for port, log in zip(ports, logs, strict=False):
            found += [(port, *read_of(line)) for line in log.read_text().splitlines()]


def read_of(line):
    began, ended, shown = line.split("\t")
    return float(began), float(ended), shown


def stale(reads, changes, allowed=0.0):
    """Return the reads that showed what was no more: older than the last change done before they began."""
    return [
        (began, ended, shown)
        for began, ended, shown in reads
        if not any(
            change.shown == shown
            for change in changes[_latest(changes, began - allowed) :]
            if change.began <= ended
        )
    ]


def _latest(changes, moment):
    return bisect(changes, moment, key=lambda change: change.done) - 1


@contextlib.contextmanager
def running(folder, database_url, **variables):
    blog = Blog(folder, database_url)
    blog.environment |= {"WEB_WORKERS": "2", **variables}
    process = blog.start()
    try:
        blog.wait_until_up(process)
        yield blog
    finally:
        process.terminate()
        process.wait(30)
        blog.kill_all()


def ready(blog):
    blog.open()
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", PREPARE],
        cwd=ROOT, env=blog.environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return Changing(blog, done.stdout.split())


def tell(capsys, what, reads, changes, lags=()):
    with capsys.disabled():
        seconds = changes[-1].done - changes[1].began
        print(f"\n{what}: {len(changes) - 1} changes in {seconds:.1f} s, {len(reads)} reads", *lags)


def test_nobody_on_the_machine_sees_an_old_page(tmp_path, capsys):
    with database() as url, running(tmp_path / "a", url) as blog:
        changing = ready(blog)
        with reading(tmp_path, blog) as found:
            changing.run()
        reads = [read[1:] for read in found]
        tell(capsys, "0 stale wanted", reads, changing.changes)
        assert stale(reads, changing.changes) == []
        assert len(reads) >= LEAST_READS
        # Nor was it so only because nothing was kept.
        assert len({shown for _, _, shown in reads}) > COMMENTS


def web_workers(blog):
    """Return the process numbers of those who answer."""
    return sorted(blog.find("recovery.web"))


def test_nor_when_a_worker_is_killed_in_between(tmp_path, capsys):
    with database() as url, running(tmp_path / "a", url) as blog:
        changing, killed = ready(blog), []

        def kill(number):
            if number % 40 == 10:
                killed.append(web_workers(blog)[0])
                os.kill(killed[-1], signal.SIGKILL)

        with reading(tmp_path, blog) as found:
            changing.run(after_each=kill)
        reads = [read[1:] for read in found]
        tell(capsys, f"{len(killed)} workers killed", reads, changing.changes)
        assert killed
        assert stale(reads, changing.changes) == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is for one machine")
def test_two_machines_agree_within_a_second(tmp_path, capsys):
    keys = {"SECRET_KEY": "the same on both machines, and long enough for it"}
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(database())
        here = stack.enter_context(running(tmp_path / "a", url, **keys))
        there = stack.enter_context(running(tmp_path / "b", url, **keys))
        changing = ready(here)
        with reading(tmp_path, here, there) as found:
            changing.run()
        mine, others = ([r[1:] for r in found if r[0] == site.port] for site in (here, there))
        late = len(stale(others, changing.changes))
        tell(
            capsys,
            "two machines",
            found,
            changing.changes,
            [f"{late} reads elsewhere within a second"],
        )
        assert stale(mine, changing.changes) == []
        assert stale(others, changing.changes, MACHINES_AGREE_WITHIN) == []


def test_the_judgement_finds_stale_reads():
    changes = [Change("", 0, 0), Change("x", 1, 2), Change("y", 3, 4), Change("", 5, 6)]
    good = [(0.5, 1.5, ""), (0.5, 1.5, "x"), (2.1, 2.2, "x"), (2.1, 3.5, "y"), (4.1, 9, "")]
    assert stale(good, changes) == []
    bad = [(2.1, 2.2, ""), (4.1, 4.2, "x"), (6.1, 6.2, "y"), (2.1, 2.9, "y")]
    assert stale(bad, changes) == bad
    assert stale(bad[1:3], changes, 2.5) == []
