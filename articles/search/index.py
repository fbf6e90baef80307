"""The index, kept by the database in the transaction of each change (see ``articles.derived``).

A table for each field of a source, with the keys of its rows: FTS5 without a copy of the text on SQLite; a
``tsvector`` with a GIN index on PostgreSQL, folded by a function of our own, as extensions may not be there.
"""

from collections.abc import Iterator

from django.db import connection

from articles.derived import Derivation, derivations
from articles.search import words
from articles.search.sources import Field, Source, sources
from articles.trigger_catalogue import Trigger

# Letters, digits and the signs that vowels are written with; accents count for nothing.
TOKENS = "unicode61 remove_diacritics 2 categories 'L* N* M* Co'"
# A ``tsvector`` holds a megabyte.
_MOST_CHARACTERS = 150_000
# ASCII punctuation, which PostgreSQL would read as parts of addresses and paths, and what is like it.
_APART = r"[\x01-/:-@\[-`{-\x7f\u00a0-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u2000-\u206f\u3000-\u303f]+"
_FOLD = f"""CREATE OR REPLACE FUNCTION derived_search_fold(said text) RETURNS text IMMUTABLE LANGUAGE sql AS $fold$
SELECT regexp_replace(
    regexp_replace(normalize(lower(left(said, {_MOST_CHARACTERS})), NFKD), '[\\u0300-\\u036f]+', '', 'g'),
    '{_APART}', ' ', 'g')
$fold$"""


def is_postgres() -> bool:
    return connection.vendor == "postgresql"


def register(source: Source) -> None:
    """Have this source searched, and its index kept. To be called when the apps are ready."""
    if source not in sources:
        sources.append(source)
        derivations.append(derivation(source))


def derivation(source: Source) -> Derivation:
    """Return how the index of this source is kept."""
    columns = {"id", *source.decisive, *source.whole.columns}
    return Derivation(
        f"search_{source.name}",
        {source.table: columns, "articles_word": {"word", "uses"}},
        lambda: _triggers(source),
        lambda: _rebuild(source),
        words.refresh,
    )


def _text(field: Field, row: str) -> str:
    text = " || ' ' || ".join(f"{row}.{column}" for column in field.columns)
    return f"to_tsvector('simple', derived_search_fold({text}))" if is_postgres() else text


def _add(source: Source, field: Field, row: str, where: str = "") -> str:
    """Return the statement that puts a row into the index, if it belongs there."""
    condition = source.indexed.format(row=row)
    key = "id" if is_postgres() else "rowid"
    said = f"INSERT INTO {field.table} ({key}, words) SELECT {row}.id, {_text(field, row)}"
    end = " ON CONFLICT (id) DO UPDATE SET words = EXCLUDED.words" if is_postgres() else ""
    return f"{said}{where} WHERE {condition}{end}"


def _take(source: Source, field: Field) -> str:
    """Return the statement that takes a row, as it was, out of the index."""
    if is_postgres():
        return f"DELETE FROM {field.table} WHERE id = OLD.id"  # noqa: S608
    return (
        f"INSERT INTO {field.table} ({field.table}, rowid, words)"
        f" SELECT 'delete', OLD.id, {_text(field, 'OLD')} WHERE {source.indexed.format(row='OLD')}"
    )


def _triggers(source: Source) -> Iterator[Trigger]:
    name, table = f"search_{source.name}", source.table
    columns = (*source.decisive, *source.whole.columns)
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
    added = tuple(_add(source, field, "NEW") for field in source.fields)
    taken = tuple(_take(source, field) for field in source.fields)
    is_in = {row: source.indexed.format(row=row) for row in ("OLD", "NEW")}
    yield Trigger(f"{name}_written", table, "INSERT", added, is_in["NEW"])
    yield Trigger(f"{name}_deleted", table, "DELETE", taken, is_in["OLD"])
    yield Trigger(
        f"{name}_changed",
        table,
        f"UPDATE OF {', '.join(columns)}",
        (*taken, *added),
        f"({' OR '.join(is_in.values())}) AND ({changed})",
    )
    if is_postgres():
        emptied = tuple(f"DELETE FROM {field.table}" for field in source.fields)  # noqa: S608
        yield Trigger(f"{name}_emptied", table, "TRUNCATE", emptied)


def _rebuild(source: Source) -> Iterator[str]:
    if is_postgres():
        yield _FOLD
    for field in source.fields:
        yield f"DROP TABLE IF EXISTS {field.table}"
        yield from _postgres_table(field) if is_postgres() else _sqlite_table(field)
        yield _add(source, field, "r", f" FROM {source.table} r")
        if is_postgres():
            yield f"CREATE INDEX {field.table}_words ON {field.table} USING gin (words)"
    if not is_postgres():
        whole = source.whole.table
        yield f"DROP TABLE IF EXISTS {whole}_words"
        yield f"CREATE VIRTUAL TABLE {whole}_words USING fts5vocab({whole}, row)"


def _postgres_table(field: Field) -> Iterator[str]:
    yield f"CREATE TABLE {field.table} (id bigint PRIMARY KEY, words tsvector NOT NULL)"


def _sqlite_table(field: Field) -> Iterator[str]:
    yield (
        f"CREATE VIRTUAL TABLE {field.table} USING fts5"
        f"(words, content='', tokenize=\"{TOKENS}\", prefix='2 3')"
    )
