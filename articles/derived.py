"""What the database derives by itself from what is written: lists of a tag's articles, the search index, counts.

Triggers do it in the transaction of each change, so that it is exact whatever made the change: a view, a
bulk update, an import, a hand in a database shell. Other apps add what they want derived to ``derivations``.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection, transaction

from articles import trigger_catalogue
from articles.trigger_catalogue import Trigger

PREFIX = "derived_"


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
    # What the names of its triggers began with in earlier releases, if with something else.
    formerly: str = ""

    @property
    def prefixes(self) -> tuple[str, ...]:
        """What the names of its triggers begin with, those of earlier releases included."""
        return tuple(filter(None, (f"{PREFIX}{self.name}_", self.formerly)))


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
    triggers = list(derivation.triggers())
    _hold([trigger.table for trigger in triggers])
    for prefix in derivation.prefixes:
        trigger_catalogue.drop(prefix)
    with connection.cursor() as cursor:
        for statement in derivation.rebuild():
            cursor.execute(statement)
    trigger_catalogue.create(PREFIX, triggers)


def _hold(tables: list[str]) -> None:
    """Have nobody write there before the triggers are in place: what is written meanwhile would be missed."""
    # SQLite has one writer. The lock is the one that making a trigger takes, taken before things are read.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            named = ", ".join(dict.fromkeys(tables))
            cursor.execute(f"LOCK TABLE {named} IN SHARE ROW EXCLUSIVE MODE")


def remove() -> None:
    """Take away the triggers that are in place, those of other releases as well."""
    trigger_catalogue.drop(PREFIX)
    for derivation in derivations:
        for prefix in derivation.prefixes:
            trigger_catalogue.drop(prefix)


def missing() -> set[str]:
    """Return the names of triggers that are not in place as they should be."""
    return set().union(*(_missing(derivation) for derivation in derivations))


def _missing(derivation: Derivation) -> set[str]:
    lacking = trigger_catalogue.missing(PREFIX, derivation.triggers())
    # Beside those of today they would do everything twice.
    former = trigger_catalogue.installed(derivation.formerly) if derivation.formerly else {}
    return lacking | set(former)


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
