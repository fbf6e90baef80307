"""Apps add to the lists of ``articles``; none takes away what another added."""

from typing import Any

from django.apps import apps

from articles import derived, views
from articles.feeds import lists
from articles.hooks import hook
from articles.search import sources
from comments.models import ModerationEvent


def test_each_is_added_once_and_the_others_stay():
    listed = ["of another app"]
    hook(listed, "ours")
    hook(listed, "ours")
    assert listed == ["of another app", "ours"]


def test_apps_made_ready_again_change_nothing(monkeypatch):
    def of_another_app(*_):
        return None

    hooked: list[list[Any]] = [
        *(views.guides, views.headers, views.ends, lists.conversations),
        *(derived.derivations, sources.sources, ModerationEvent.followers),
    ]
    before = [list(listed) for listed in hooked]
    assert all(before)
    views.guides.append(of_another_app)
    try:
        for name in ("articles", "comments", "linkbacks"):
            apps.get_app_config(name).ready()
        assert of_another_app in views.guides
    finally:
        views.guides.remove(of_another_app)
    assert [list(listed) for listed in hooked] == before
