"""Triggers: what one is, which the database has, and how they are put in place and taken away."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

_SQLITE = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
_POSTGRES = "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"


@dataclass(frozen=True)
class Trigger:
    """Statements that are carried out after an event of a table's row, where ``when`` holds.

    Both are written as PostgreSQL has them; ``prefix`` says whose trigger it is.
    """

    name: str
    table: str
    event: str
    statements: tuple[str, ...]
    when: str = ""

    def full_name(self, prefix: str) -> str:
        """Return its name, which is another one for another definition: so an upgrade is noticed."""
        said = "\n".join((self.table, self.event, self.when, *self.statements))
        return f"{prefix}{self.name}_{hashlib.sha256(said.encode()).hexdigest()[:8]}"

    def sql(self, prefix: str) -> list[str]:
        """Return the statements that put it in place."""
        name, body = self.full_name(prefix), " ".join(f"{one};" for one in self.statements)
        when = f"WHEN ({self.when})" if self.when else ""
        head = f"CREATE TRIGGER {name} AFTER {self.event} ON {self.table}"
        if connection.vendor != "postgresql":
            # The older word for it, which SQLite has always known.
            body, when = (part.replace("IS DISTINCT FROM", "IS NOT") for part in (body, when))
            return [f"{head} FOR EACH ROW {when} BEGIN {body} END"]
        each = "STATEMENT" if self.event == "TRUNCATE" else "ROW"
        function = f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
        return [
            f"{function} $$ BEGIN {body} RETURN NULL; END $$",
            f"{head} FOR EACH {each} {when} EXECUTE FUNCTION {name}()",
        ]


def create(prefix: str, triggers: Iterable[Trigger]) -> None:
    """Put these triggers in place; none of them may be there."""
    with connection.cursor() as cursor:
        for trigger in triggers:
            for statement in trigger.sql(prefix):
                cursor.execute(statement)


def missing(prefix: str, triggers: Iterable[Trigger]) -> set[str]:
    """Return the names of those that are not in place, or not as they are defined here."""
    return {trigger.full_name(prefix) for trigger in triggers} - set(installed(prefix))


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
