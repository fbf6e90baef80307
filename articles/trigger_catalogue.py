"""Which triggers the database has, whoever put them there."""

from django.db import connection

_SQLITE = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
_POSTGRES = "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"


def installed(prefix: str) -> dict[str, str]:
    """Return the tables of the triggers whose names begin so, by these names."""
    with connection.cursor() as cursor:
        cursor.execute(_POSTGRES if connection.vendor == "postgresql" else _SQLITE)
        return {name: table for name, table in cursor.fetchall() if name.startswith(prefix)}


def drop(prefix: str) -> None:
    """Take these triggers away; on PostgreSQL with their functions, which have the same names."""
    is_postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        for name, table in installed(prefix).items():
            cursor.execute(f"DROP TRIGGER {name}{f' ON {table}' if is_postgres else ''}")
            if is_postgres:
                cursor.execute(f"DROP FUNCTION IF EXISTS {name}()")
