"""Pages as they are drawn with marks around each translation."""

import pytest
from django.utils import translation
from django.utils.translation import trans_real

from comments import patterns, stored_words
from comments.models import (
    ModeratorPreferences,
)
from tests.builders import make_article, make_user


@pytest.fixture
def marked(monkeypatch, db):
    """Have everything that gettext returns in marks."""
    for name in ("gettext", "ngettext", "pgettext", "npgettext"):
        # Looked up there once, and kept: first, so that it is the real one that comes back.
        marking = _marking(getattr(trans_real, name))
        monkeypatch.setattr(translation._trans, name, marking)  # type: ignore[attr-defined]
        monkeypatch.setattr(trans_real, name, marking)
    _forget_what_was_drawn()
    with translation.override("de"):
        yield
    _forget_what_was_drawn()


def _forget_what_was_drawn():
    stored_words._said.cache_clear()
    patterns._kept.cache_clear()


def _marking(real):
    def marking(*arguments):
        said = real(*arguments)
        return f"⟦{said}⟧" if said.strip() else said

    return marking


@pytest.fixture
def quux():
    return make_article(title="Quux", body="Quux")


@pytest.fixture
def admin_client(client):
    user = make_user(is_superuser=True)
    ModeratorPreferences.objects.create(user=user, keys_enabled=True)
    client.force_login(user)
    return client
