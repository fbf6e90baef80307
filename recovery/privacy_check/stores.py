"""What is kept: every row, the files, what is dumped and what is exported."""

import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management import call_command, get_commands
from django.db import connection

from recovery.privacy_check.ledger import Ledger

#: Commands of our own that give out nothing of what readers confided, and why.
HARMLESS: Final = {
    "check_linkbacks": "works on scratch data",
    "check_privacy": "this one",
    "compile_catalogues": "reads and writes translations only",
    "db_worker": "what it does and logs is looked at here",
    "import_markdown": "reads articles only",
    "load_demo": "writes a demo into an empty site",
    "make_sample": "writes made-up readers into an empty site",
    "rotate_contact_keys": "counts rows",
    "serve": "what it serves is looked at here",
}
_OWN_APPS: Final = ("recovery", "articles", "comments")
_ROWS_AT_ONCE: Final = 200


def look(ledger: Ledger) -> None:
    """Look at everything that the site keeps."""
    _look_at_tables(ledger)
    _look_at_files(ledger)
    dump = StringIO()
    call_command("dumpdata", stdout=dump)
    ledger.look("What commands give out", "dumpdata", dump.getvalue())
    _look_for_commands(ledger)


def _look_at_tables(ledger: Ledger) -> None:
    for table in connection.introspection.table_names():
        ledger.place("Tables", table)
    for table, column, values in columns():
        ledger.look("Tables", table, values, f"column {column}")


def columns() -> Iterator[tuple[str, str, bytes]]:
    """Return the table, the column and the values, a line each, of every column of every table."""
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            names = [column[0] for column in cursor.description or ()]
            while rows := cursor.fetchmany(_ROWS_AT_ONCE):
                for name, values in zip(names, zip(*rows, strict=True), strict=True):
                    yield table, name, b"\n".join(map(_bytes, values))


def _bytes(value: Any) -> bytes:
    if isinstance(value, bytes | memoryview):
        return bytes(value)
    return str(value).encode("utf-8", "surrogateescape")


def _look_at_files(ledger: Ledger) -> None:
    database = set(_database_files())
    for path in sorted(database.union(_other_files())):
        read = _read_elsewhere if path in database else Path.read_bytes
        ledger.look("Files", path.name, read(path))


def _read_elsewhere(path: Path) -> bytes:
    """Return what another process reads in the file.

    When a process closes a file, it loses all its locks on it (fcntl(2)): those by which SQLite holds the
    database open, too, and others would take it for closed.
    """
    command = [sys.executable, "-c", _READ, str(path)]
    return subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603


_READ = "import shutil, sys; shutil.copyfileobj(open(sys.argv[1], 'rb'), sys.stdout.buffer)"


def _database_files() -> Iterator[Path]:
    if connection.vendor == "sqlite":
        # With the write-ahead log, where the newest rows still are.
        name = Path(connection.settings_dict["NAME"])
        yield from name.parent.glob(f"{name.name}*")


def _other_files() -> Iterator[Path]:
    data, static = Path(settings.DATA_DIR), Path(settings.STATIC_ROOT)
    for path in data.rglob("*"):
        if path.is_file() and static not in path.parents:
            yield path


def _look_for_commands(ledger: Ledger) -> None:
    """Fail for a command that came since: what it gives out has to be looked at."""
    own = {name for name, app in get_commands().items() if str(app).startswith(_OWN_APPS)}
    for name in sorted(own - set(HARMLESS)):
        ledger.fault("What commands give out", name, "It is not looked at: add it to stores.py")
