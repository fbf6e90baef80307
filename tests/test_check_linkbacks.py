"""``manage.py check_linkbacks``: it runs, it leaves the site alone, and its rows can fail."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from articles.models import Article
from comments.linkbacks import delivery
from comments.linkbacks.discovery import discover
from comments.linkbacks.fetching import Headers
from recovery import environment, scratch
from recovery.linkback_check import discovery, report, sending, table
from recovery.linkback_check.bench import Bench
from recovery.linkback_check.peer import Page, Peer
from recovery.linkback_check.site import Site
from recovery.linkback_check.table import Result, Row

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def bench(db, settings, monkeypatch):
    """A bench with the other blog, and without a web server."""
    monkeypatch.setattr(
        "django_tasks_db.management.commands.db_worker.close_old_connections", lambda: None
    )
    monkeypatch.setenv("NETWORKS", "127.0.0.0/8")
    settings.LINKBACK_ALLOWED_NETWORKS = environment.networks("NETWORKS")
    settings.LINKBACK_ALLOWED_PORTS = ((1, 65535),)
    settings.LINKBACK_SENDING = True
    with Peer() as peer:
        yield Bench(Site(), peer)


def failed(results):
    return [result.row.name.partition(":")[0] for result in results if not result.passed]


def test_the_command_runs_and_leaves_the_site_alone(tmp_path):
    # Whatever the site's own settings are: nothing is to be written there.
    command = [sys.executable, "manage.py", "check_linkbacks", "--only", "trackback", "--json"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={"DATA_DIR": str(tmp_path / "own"), "PATH": "/usr/bin:/bin", "PORT": "9"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    found = json.loads(done.stdout)
    assert found["passed"] == found["of"] == len(found["rows"]) > 10
    assert {row["protocol"] for row in found["rows"]} == {"trackback"}
    assert done.stderr.count("\n") == found["of"]
    assert not list((tmp_path / "own").glob("*.sqlite3*"))


def test_it_refuses_to_work_on_the_sites_own_data(db, settings, tmp_path):
    for folder in (str(settings.DATA_DIR), str(tmp_path)):
        with pytest.raises(ImproperlyConfigured, match="leave it out"):
            call_command("check_linkbacks", inside=folder)
    assert not Article.objects.exists()


def test_all_discovery_rows_hold(bench):
    assert failed(table.run(discovery.ROWS, bench)) == []


def test_a_sender_that_overlooks_headers_fails_the_rows_about_headers(bench, monkeypatch):
    def blind(*, url, headers, html):
        return discover(url=url, headers=Headers(), html=html)

    monkeypatch.setattr(delivery, "discover", blind)
    wrong = failed(table.run(discovery.ROWS, bench))
    assert wrong == [f"row {number:02}" for number in (1, 2, 7, 8, 10, 11, 18, 19)]


def test_a_sender_that_resolves_against_the_first_address_fails_row_23(bench, monkeypatch):
    asked = discovery.ROWS[22:]

    def stuck(*, url, headers, html):
        return discover(url=url.replace("/moved/", "/"), headers=headers, html=html)

    monkeypatch.setattr(delivery, "discover", stuck)
    assert failed(table.run(asked, bench)) == ["row 23"]


def test_an_endpoint_that_is_not_looked_for_anew_has_a_used_key(bench, monkeypatch):
    known: dict[str, object] = {}

    def remembering(*, url, headers, html):
        return known.setdefault(url, discover(url=url, headers=headers, html=html))

    rows = [row for row in sending.ROWS if row.clause == "3.1.5 update 2"]
    monkeypatch.setattr(sending.Target, "links_seen", lambda *_: [200, 1])
    monkeypatch.setattr(delivery, "discover", remembering)
    [result] = table.run(rows, bench)
    assert not result.passed
    assert "400" in result.remark


@pytest.mark.parametrize(
    ("raises", "remark"),
    [(table.Failed("Not so."), "Not so."), (KeyError("x"), "KeyError('x')"), (None, "")],
)
def test_whatever_a_row_raises_makes_it_fail(bench, raises, remark):
    def run(_):
        if raises:
            raise raises

    [result] = table.run([Row("pingback", "3", "a row", run)], bench)
    assert (result.passed, result.remark) == (raises is None, remark)


def _result(passed):
    return Result(Row("pingback", "3 fault 32", "a row", lambda _: None), passed, 0.5, "why")


def test_the_table_says_what_failed_and_how_many_passed():
    text = report.as_text([_result(True), _result(False)])
    assert text.splitlines()[1] == "Pingback"
    assert "  FAIL  3 fault 32    0.50 s  a row (why)" in text
    assert text.endswith("1 of 2 passed")
    assert json.loads(report.as_json([_result(False)]))["passed"] == 0


def test_progress_is_a_bar_only_where_there_is_a_terminal():
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    for stream, wanted in ((io.StringIO(), "1/2 pass pingback: a row\n"), (Terminal(), "\r[####")):
        report.Progress(stream, 2)(_result(True))
        assert stream.getvalue().startswith(wanted)


def test_a_connection_beyond_loopback_is_refused_and_noted(monkeypatch):
    monkeypatch.setattr(scratch, "strangers", [])
    scratch._refuse_strangers("socket.connect", (None, ("127.0.0.1", 80)))
    scratch._refuse_strangers("open", ("file",))
    for host in ("10.0.0.1", "::1", "a.example"):
        with pytest.raises(OSError, match="leave this machine"):
            scratch._refuse_strangers("socket.connect", (None, (host, 80)))
    assert scratch.strangers == ["10.0.0.1", "::1", "a.example"]


def test_the_environment_keeps_nothing_of_the_sites_own(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgres://owner@db/site")
    monkeypatch.setenv("SITE_URL", "https://blog.example.org")
    variables = scratch.environment(str(tmp_path))
    assert "DATABASE_URL" not in variables
    assert variables["SITE_URL"] == f"http://127.0.0.1:{variables['PORT']}"
    assert variables["DATA_DIR"] == str(tmp_path)


def test_a_key_is_good_once():
    peer = Peer(pages={"/page": Page("{key}")})
    key = peer.page_at("/page").html
    answers = [peer.take(f"/wm?key={key}", "", b"").status for _ in range(2)]
    assert answers == [202, 400]
