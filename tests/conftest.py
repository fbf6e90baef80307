"""Fixtures are nouns; how they are made is in builders.py."""

import pytest
from django.contrib.auth.models import User
from django_tasks_db.management.commands.db_worker import Worker

from articles.models import Article
from comments.models import Comment, Status
from tests.builders import make_article, make_comment, make_user


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

    def run() -> None:
        Worker(
            queue_names=["*"],
            interval=0,
            batch=True,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id="tests",
            excluded_queue_names=[],
        ).run()

    return run
