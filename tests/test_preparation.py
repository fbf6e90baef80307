"""What is done before the site is served, and what is not done twice."""

import re

import pytest
from django.contrib.staticfiles.finders import FileSystemFinder
from django.contrib.staticfiles.management.commands import collectstatic
from django.db.migrations.executor import MigrationExecutor

from articles import derived
from articles.models import Article
from recovery import preparation
from recovery.page_cache import triggers

HASHED = r"site\.[0-9a-f]{12}\.css"


@pytest.fixture
def assets(monkeypatch, settings, tmp_path):
    """A folder with one file, the only static files there are; they are collected beside it."""
    folder = tmp_path / "assets"
    folder.mkdir()
    (folder / "site.css").write_text("a {}")
    settings.STATICFILES_DIRS, settings.DATA_DIR = [folder], tmp_path
    settings.STATIC_ROOT = tmp_path / "static"
    finders = [FileSystemFinder()]
    monkeypatch.setattr(preparation, "get_finders", lambda: finders)
    monkeypatch.setattr(collectstatic, "get_finders", lambda: finders)
    return folder


def collected(folder):
    return {path.name for path in (folder.parent / "static").iterdir()}


class TestStaticFiles:
    def test_are_collected_when_they_changed(self, assets):
        said: list[str] = []
        for content, times in (("a {}", 1), ("a {}", 1), ("b {}", 2)):
            (assets / "site.css").write_text(content)
            preparation.collect_static_files(said.append)
            assert said == ["Collecting the static files …"] * times

    def test_are_collected_again_when_they_are_gone(self, assets):
        preparation.collect_static_files(print)
        (assets.parent / "static" / "staticfiles.json").unlink()
        preparation.collect_static_files(print)
        assert "staticfiles.json" in collected(assets)

    def test_have_names_that_change_with_their_content(self, assets):
        hashed = []
        for content in ("a {}", "b {}"):
            (assets / "site.css").write_text(content)
            preparation.collect_static_files(print)
            hashed += [name for name in collected(assets) if re.fullmatch(HASHED, name)]
        assert len(set(hashed)) == 2

    def test_of_an_earlier_release_do_not_stay(self, assets):
        preparation.collect_static_files(print)
        before = collected(assets)
        (assets / "site.css").rename(assets / "new.css")
        preparation.collect_static_files(print)
        assert collected(assets) & before == {"staticfiles.json"}

    def test_digest_tells_contents_apart(self, assets):
        before = preparation.static_digest()
        assert preparation.static_digest() == before
        (assets / "site.css").write_text("b {}")
        assert preparation.static_digest() != before


@pytest.mark.django_db
def test_the_demo_is_loaded_once_and_named(assets):
    said: list[str] = []
    for _ in range(2):
        preparation.prepare(said.append)
    path = Article.objects.get().get_absolute_url()
    assert said == [
        "Collecting the static files …",
        f"Loaded “Recovery from Disconnection”: {path}",
    ]


def test_nobody_waits_for_a_lock_that_is_free(tmp_path):
    said: list[str] = []
    for _ in range(2):
        with preparation.one_at_a_time(tmp_path / "lock", said.append):
            pass
    assert said == []


@pytest.mark.django_db
class TestTriggers:
    """Migrating takes them away; however it ends, they are there again."""

    @pytest.fixture
    def breaking_off(self, monkeypatch):
        def break_off(*args, **options):
            derived.remove()
            triggers.remove()
            raise RuntimeError("broken off")

        monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_: ["one"])
        monkeypatch.setattr(preparation, "call_command", break_off)

    def test_come_back_when_there_is_nothing_to_migrate(self):
        derived.remove()
        triggers.remove()
        preparation.migrate(print)
        assert derived.missing() == triggers.missing() == set()

    def test_come_back_when_a_migration_fails(self, breaking_off):
        with pytest.raises(RuntimeError, match="broken off"):
            preparation.migrate(print)
        assert derived.missing() == triggers.missing() == set()

    def test_what_failed_first_is_raised(self, breaking_off, monkeypatch, caplog):
        monkeypatch.setattr(derived, "install", lambda: 1 / 0)
        with pytest.raises(RuntimeError, match="broken off"):
            preparation.migrate(print)
        assert triggers.missing() == set()
        assert "could not be put back" in caplog.text
