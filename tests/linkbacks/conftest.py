"""What tests of linkbacks share: a made-up web, and a sender."""

import pytest
import time_machine

from comments.linkbacks import checking
from comments.linkbacks.models import Linkback
from tests.linkbacks.fake_web import SOURCE, Web, mention, target_of


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
