"""How PostgreSQL is asked: by words where few rows match, from the newest row on where many do.

Left to itself it guesses how many match, and for a word that is rare goes through the whole table from its
end, which takes longer on a larger site. So it is told: the words' index first, and only as far as is useful.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

# Of more rows that match, some of the newest are soon met on the way from the end.
MANY = 2_500
_AT_ONCE = 500

Row = tuple[Any, ...]
# SQL with its values.
Statement = tuple[str, Sequence[Any]]


@contextmanager
def asking_by_words() -> Iterator[None]:
    """Have the words' index used, whatever seems cheaper; to be held while questions are asked."""
    with transaction.atomic():
        _use(bitmaps=True)
        try:
            yield
        finally:
            if not connection.needs_rollback:
                _reset()


def rows(table: str, where: str, given: Sequence[Any], visible: Statement, most: int) -> list[Row]:
    """Return the newest rows, so many at most, that meet the condition and are visible."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT s.id FROM {table} s WHERE {where} LIMIT {MANY + 1}", list(given))  # noqa: S608
        keys = sorted((key for (key,) in cursor.fetchall()), reverse=True)
    if len(keys) > MANY:
        return _from_the_newest(table, where, given, visible, most)
    found: list[Row] = []
    for start in range(0, len(keys), _AT_ONCE):
        found += _visible(keys[start : start + _AT_ONCE], visible)
        if len(found) >= most:
            break
    return found[:most]


def _visible(keys: list[int], visible: Statement) -> list[Row]:
    sql, values = visible
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT v.hit, v.moment, v.name FROM ({sql}) v WHERE v.hit = ANY(%s) ORDER BY v.hit DESC",  # noqa: S608
            [*values, keys],
        )
        found: list[Row] = cursor.fetchall()
        return found


def _from_the_newest(
    table: str,
    where: str,
    given: Sequence[Any],
    visible: Statement,
    most: int,
) -> list[Row]:
    sql, values = visible
    _use(bitmaps=False)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT s.id, v.moment, v.name FROM {table} s JOIN ({sql}) v ON v.hit = s.id"  # noqa: S608
            f" WHERE {where} ORDER BY s.id DESC LIMIT {most}",
            [*values, *given],
        )
        found: list[Row] = cursor.fetchall()
    _use(bitmaps=True)
    return found


def _use(*, bitmaps: bool) -> None:
    by_words, in_order = ("on", "off") if bitmaps else ("off", "on")
    _set(
        enable_bitmapscan=by_words,
        enable_indexscan=in_order,
        enable_indexonlyscan=in_order,
        enable_seqscan="off",
    )


def _reset() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config(name, reset_val, true) FROM pg_settings WHERE name = ANY(%s)",
            [["enable_bitmapscan", "enable_indexscan", "enable_indexonlyscan", "enable_seqscan"]],
        )


def _set(**settings: str) -> None:
    """Set these until the end of the transaction."""
    calls = ", ".join(["set_config(%s, %s, true)"] * len(settings))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {calls}", [part for setting in settings.items() for part in setting]
        )
