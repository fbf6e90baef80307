"""Brings the site's data up to date before it is served: each step only when there is something to do."""

import fcntl
import hashlib
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.management.commands import collectstatic
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from whitenoise.storage import CompressedManifestStaticFilesStorage

from articles import derived
from recovery import demo
from recovery.page_cache import triggers

Say = Callable[[str], None]
logger = logging.getLogger(__name__)


def prepare(say: Say, *, beside_running: bool = False) -> None:
    """Migrate, collect the static files and load the demo, as far as needed.

    Beside a site that runs, the files that its pages name are left where they are.

    Two processes that start on the same folder prepare one after the other. Raises ``django.db.Error``
    when the database does not answer.
    """
    with one_at_a_time(settings.DATA_DIR / "serve.lock", say):
        migrate(say)
        collect_static_files(say, clear=not beside_running)
        if article := demo.load():
            say(f"Loaded “{article}”: {article.get_absolute_url()}")


@contextmanager
def one_at_a_time(path: Path, say: Say) -> Iterator[None]:
    """Hold an exclusive lock on this file, which goes with the process; say so when it must be waited for."""
    with path.open("w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another start to finish …")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def migrate(say: Say) -> None:
    """Apply the migrations that the database lacks.

    Whatever they raise is raised, with the triggers back in place: the site may be running.
    """
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        say("Preparing the database …")
        try:
            call_command("migrate", interactive=False, verbosity=0)
        except BaseException:
            _put_back_if_possible()
            raise
    put_back_triggers()


def _put_back_if_possible() -> None:
    try:
        put_back_triggers()
    except Exception:
        logger.exception("The triggers could not be put back")


def put_back_triggers() -> None:
    """Install what a migration that was broken off has left away.

    Without them numbers would be wrong and pages grow stale.
    """
    try:
        # First: or each row that it counts would be noted as a change.
        if derived.missing():
            derived.install()
    finally:
        if triggers.missing():
            triggers.install()


def collect_static_files(say: Say, *, clear: bool = True) -> None:
    """Collect the static files under names that change with their content, unless that is done.

    What an earlier release collected goes, with ``clear``.
    """
    done = settings.DATA_DIR / "static.sha256"
    digest = static_digest()
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if manifest.exists() and done.exists() and done.read_text() == digest:
        return
    say("Collecting the static files …")
    command = collectstatic.Command()
    # This process itself reads the files where they are written (see STATIC_COLLECTED in the settings).
    command.storage = CompressedManifestStaticFilesStorage()
    call_command(command, interactive=False, clear=clear, verbosity=0)
    done.write_text(digest)


def static_digest() -> str:
    """Return SHA-256 (hex) of the names and contents of all static files."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda found: str(found[0])):
            content = Path(storage.path(name)).read_bytes()
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
