"""What tests of linkbacks share: a made-up web, and a sender."""

import pytest
import time_machine

from comments.linkbacks import checking
from comments.linkbacks.models import Linkback
from tests.linkbacks.fake_web import SOURCE, Web, mention, target_of
from tests.linkbacks.sites import follower, reached


@pytest.fixture
def web(monkeypatch):
    web = Web()
    monkeypatch.setattr(checking, "fetch", web.fetch)
    return web


@pytest.fixture
def send(client, article, run_tasks):
    """Return a function that sends a webmention and works off the queue; returns the row."""

    def announce(source=SOURCE, later=None):
        with time_machine.travel(later or article.published_at, tick=False):
            response = mention(client, {"source": source, "target": target_of(article)})
            assert response.status_code == 201
            run_tasks()
        return Linkback.objects.order_by("pk").last()

    return announce


@pytest.fixture
def sites(monkeypatch, settings):
    """Other sites, which this one may tell of its links."""
    return reached(monkeypatch, settings)


@pytest.fixture
def publish(run_tasks):
    """Return a function that does what follows from saving an article, and all the work of it."""
    return follower(run_tasks)
