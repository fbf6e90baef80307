"""Fixtures are nouns; how they are made is in builders.py."""

import signal
from pathlib import Path

import hypothesis
import pytest
from django.contrib.auth.models import User
from django.db import connection

from articles import frames
from articles.models import Article
from comments.models import Comment, Status
from recovery import scratch
from tests.builders import make_article, make_comment, make_user

# How long something takes is a matter of the machine, and of who else uses it.
hypothesis.settings.register_profile("no deadlines", deadline=None)
hypothesis.settings.load_profile("no deadlines")

# These run whole sites, or wait for what takes its time: nothing else may run beside them.
_TESTS = Path(__file__).parent
_APART = {
    *map(_TESTS.joinpath, ("interop", "test_benchmarks.py", "test_restart.py", "test_serve.py")),
    *map(_TESTS.joinpath, ("test_slow_clients.py", "test_check_linkbacks.py")),
    _TESTS / "browser/test_byte_budget.py",
}


def pytest_configure() -> None:
    # A shell has what it starts in the background ignore it, and so would every server that a test starts.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _APART & {item.path, *item.path.parents}:
            item.add_marker("apart")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Have a database for the tests, which goes at the end whoever is still connected with it.

    A server's threads keep their connections for as long as they live, which is longer than its test.
    """
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(autouse=True)
def _no_frames():
    """What was drawn of the database of another test is none of this one's."""
    frames.forget()


@pytest.fixture
def article(db) -> Article:
    return make_article(title="Recovery from Disconnection")


@pytest.fixture
def pending_comment(article: Article) -> Comment:
    return make_comment(article)


@pytest.fixture
def approved_comment(article: Article) -> Comment:
    return make_comment(article, status=Status.APPROVED)


@pytest.fixture
def moderator(db) -> User:
    return make_user(
        "comments.view_comment", "comments.change_comment", "comments.moderate_comment"
    )


@pytest.fixture
def run_tasks(db, monkeypatch):
    """Return a function that works off everything in the queue, as the worker does."""
    # The connection belongs to the test, whose transaction the worker would take for a stale one.
    monkeypatch.setattr(
        "django_tasks_db.management.commands.db_worker.close_old_connections", lambda: None
    )

    return scratch.work_off
