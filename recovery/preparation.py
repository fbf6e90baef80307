"""Brings the site's data up to date before it is served: each step only when there is something to do."""

import errno
import fcntl
import hashlib
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command, get_commands
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

Say = Callable[[str], None]


def prepare(say: Say) -> None:
    """Migrate, collect the static files and load the demo, as far as needed.

    Two processes that start on the same folder prepare one after the other. Raises ``django.db.Error``
    when the database does not answer.
    """
    with one_at_a_time(settings.DATA_DIR / "serve.lock"):
        migrate(say)
        collect_static_files(say)
        if "load_demo" in get_commands():
            call_command("load_demo")


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on this file, which goes with the process."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def migrate(say: Say) -> None:
    """Apply the migrations that the database lacks."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        say("Preparing the database …")
        call_command("migrate", interactive=False, verbosity=0)


def collect_static_files(say: Say) -> None:
    """Collect the static files under names that change with their content, unless that is done."""
    done = settings.DATA_DIR / "static.sha256"
    digest = static_digest()
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if manifest.exists() and done.exists() and done.read_text() == digest:
        return
    say("Collecting the static files …")
    call_command("collectstatic", interactive=False, verbosity=0)
    done.write_text(digest)


def static_digest() -> str:
    """Return SHA-256 (hex) of the names and contents of all static files."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda found: str(found[0])):
            content = Path(storage.path(name)).read_bytes()
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def has_administrator() -> bool:
    return get_user_model()._default_manager.filter(is_superuser=True, is_active=True).exists()


def listening_address(host: str, port: int) -> str:
    """Return the IP address to listen at, once it is sure that this is possible.

    Raises ``ImproperlyConfigured`` with a sentence when the address is not this machine's, may not be
    used, or is taken.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            # Connections of an earlier run that linger are no hindrance; a listener is.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except (OSError, UnicodeError) as error:
        raise ImproperlyConfigured(_refusal(error, host, port)) from error
    return str(address[0])


def _refusal(error: Exception, host: str, port: int) -> str:
    number = getattr(error, "errno", None)
    if number == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken by another program: stop it, or set PORT to another number."
    if isinstance(error, PermissionError):
        return f"Port {port} on {host} needs rights that this user lacks: set PORT to a number from 1024 up."
    return f"HOST is “{host}”, but this machine cannot listen there: set it to one of its own addresses."
