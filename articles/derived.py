"""What the database derives by itself from what is written: lists of a tag's articles, the search index.

Triggers do it in the transaction of each change, so that it is exact whatever made the change: a view, a
bulk update, an import, a hand in a database shell. Other apps add what they want derived to ``derivations``.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection, transaction

from articles import trigger_catalogue

PREFIX = "derived_"


@dataclass(frozen=True)
class Trigger:
    """Statements that are carried out after an event of a table's row, where ``when`` holds."""

    name: str
    table: str
    event: str
    statements: tuple[str, ...]
    when: str = ""

    @property
    def full_name(self) -> str:
        """Its name, which is another one for another definition: so an upgrade is noticed."""
        said = "\n".join((self.table, self.event, self.when, *self.statements))
        return f"{PREFIX}{self.name}_{hashlib.sha256(said.encode()).hexdigest()[:8]}"

    @property
    def sql(self) -> list[str]:
        name, body = self.full_name, " ".join(f"{one};" for one in self.statements)
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


@dataclass(frozen=True)
class Derivation:
    """Something that is derived: its triggers in this database, and the statements that make it from scratch."""

    name: str
    # Columns without which it cannot be yet, by table.
    needs: dict[str, set[str]]
    triggers: Callable[[], Iterator[Trigger]]
    rebuild: Callable[[], Iterator[str]]
    # What Python does once it was made from scratch; the same is done once for several.
    after: Callable[[], None] | None = None


derivations: list[Derivation] = []


def install() -> None:
    """Put in place what is missing, and make anew what it should have kept."""
    wanted = [one for one in derivations if _missing(one) and _can_be(one)]
    for derivation in wanted:
        _install(derivation)
    for follow in dict.fromkeys(derivation.after for derivation in wanted if derivation.after):
        follow()


@transaction.atomic
def _install(derivation: Derivation) -> None:
    trigger_catalogue.drop(f"{PREFIX}{derivation.name}_")
    with connection.cursor() as cursor:
        for statement in derivation.rebuild():
            cursor.execute(statement)
        for trigger in derivation.triggers():
            for statement in trigger.sql:
                cursor.execute(statement)


def remove() -> None:
    """Take away the triggers that are in place, those of other releases as well."""
    trigger_catalogue.drop(PREFIX)


def missing() -> set[str]:
    """Return the names of triggers that are not in place as they should be."""
    return set().union(*(_missing(derivation) for derivation in derivations))


def _missing(derivation: Derivation) -> set[str]:
    return {trigger.full_name for trigger in derivation.triggers()} - set(
        trigger_catalogue.installed(PREFIX)
    )


def _can_be(derivation: Derivation) -> bool:
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        return all(
            table in tables
            and columns
            <= {
                column.name
                for column in connection.introspection.get_table_description(cursor, table)
            }
            for table, columns in derivation.needs.items()
        )
