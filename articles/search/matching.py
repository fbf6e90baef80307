"""What the index has for what is asked: of each field the newest, and never more than can be shown.

To rank everything that holds a common word would take longer on a larger site. So the fields are asked
one after another, those that count most first, each for the newest rows alone, until there is enough.
"""

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db import connection

from articles.search import postgres, words
from articles.search.asked import Asked, Term, fold, words_of
from articles.search.index import is_postgres
from articles.search.sources import COMMENT, TITLE, Field, Source, sources

MOST = 100  # that are shown; one more says that there are more


@dataclass(frozen=True)
class Hit:
    """A row that was found, by its key."""

    source: Source
    key: int
    # As the database has it: to compare with others.
    moment: Any
    name: str


def find(asked: Asked) -> list[Hit]:
    """Return what was found, the best first: 101 at most."""
    if not asked.wanted:
        return []
    wanted = [words.widened(term) for term in asked.wanted]
    with postgres.asking_by_words() if is_postgres() else nullcontext():
        return _find(asked, wanted)


def _find(asked: Asked, wanted: list[tuple[Term, ...]]) -> list[Hit]:
    found: dict[tuple[str, int], Hit] = {}
    for rank, fields in _by_rank():
        hits = [
            hit for source, field in fields for hit in _ask(source, field, wanted, asked.excluded)
        ]
        for hit in sorted(_newest_first(hits), key=lambda hit: -_likeness(hit, asked, rank)):
            found.setdefault((hit.source.name, hit.key), hit)
        if len(found) > MOST:
            break
    return list(found.values())[: MOST + 1]


def _by_rank() -> Iterator[tuple[int, list[tuple[Source, Field]]]]:
    fields = [(source, field) for source in sources for field in source.fields]
    ranked = sorted(fields, key=lambda pair: pair[1].rank)
    for rank, group in groupby(ranked, key=lambda pair: pair[1].rank):
        yield rank, list(group)


def _newest_first(hits: Iterable[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda hit: (hit.moment, hit.key), reverse=True)


def _likeness(hit: Hit, asked: Asked, rank: int) -> float:
    """Say how much of the title was asked for, where that may decide."""
    if rank == COMMENT:
        return 0
    named = [fold(word) for word in words_of(hit.name)]
    if rank == TITLE:
        return float(named == asked.words)
    return len(set(named) & set(asked.words))


def _ask(
    source: Source, field: Field, wanted: list[tuple[Term, ...]], excluded: tuple[Term, ...]
) -> list[Hit]:
    visible = source.visible().query.sql_with_params()
    key = "id" if is_postgres() else "rowid"
    conditions, given = [_match(field, "s")], [_expression(wanted, excluded)]
    if excluded and field != source.whole:
        # What must not be there must not be anywhere else either.
        whole = source.whole
        conditions.append(
            f"NOT EXISTS (SELECT 1 FROM {whole.table} w WHERE {_match(whole, 'w')} AND w.{key} = s.{key})"  # noqa: S608
        )
        given.append(_any(excluded))
    where = " AND ".join(conditions)
    if is_postgres():
        rows = postgres.rows(field.table, where, given, visible, MOST + 1)
    else:
        rows = _sqlite_rows(field.table, where, given, visible)
    return [Hit(source, *row) for row in rows]


def _sqlite_rows(
    table: str, where: str, given: list[str], visible: postgres.Statement
) -> list[postgres.Row]:
    shown, values = visible
    sql = (
        # CROSS JOIN: in this order.
        f"SELECT s.rowid, v.moment, v.name FROM {table} s CROSS JOIN ({shown}) v ON v.hit = s.rowid"  # noqa: S608
        f" WHERE {where} ORDER BY s.rowid DESC LIMIT {MOST + 1}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, *given])
        rows: list[postgres.Row] = cursor.fetchall()
        return rows


def _match(field: Field, alias: str) -> str:
    if is_postgres():
        return f"{alias}.words @@ to_tsquery('simple', %s)"
    # An FTS5 table is asked by its own name, which is a column of it.
    return f"{alias}.{field.table} MATCH %s"


def _expression(wanted: list[tuple[Term, ...]], excluded: tuple[Term, ...]) -> str:
    """Return the query in the index's own language: all of these, by one of their alternatives each."""
    said = (" & " if is_postgres() else " AND ").join(_any(alternatives) for alternatives in wanted)
    if not excluded:
        return said
    return f"({said}) {'& !' if is_postgres() else 'NOT '}{_any(excluded)}"


def _any(terms: tuple[Term, ...]) -> str:
    write, between = (_tsquery, " | ") if is_postgres() else (_fts5, " OR ")
    return f"({between.join(map(write, terms))})"


def _fts5(term: Term) -> str:
    # Words hold letters, digits and marks only: there is nothing to escape.
    return f'"{" ".join(term.words)}"{" *" if term.is_beginning else ""}'


def _tsquery(term: Term) -> str:
    parts = [f"'{fold(word)}'{':*' if term.is_beginning else ''}" for word in term.words]
    return f"({' <-> '.join(parts)})"
