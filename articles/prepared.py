"""Queries that are put together once and asked many times, with other values; and rows written so.

Django builds the SQL of a query anew each time it is asked, and a model instance for each row: for the responses
of a page that takes several times as long as the database does. Here the query set is built once, with
marks where the values belong; what it means stays written in query sets.
"""

import datetime
import threading
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from django.db import connection, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet
from django.db.models.constants import OnConflict
from django.db.models.sql import InsertQuery
from django.db.transaction import get_connection

Row = tuple[Any, ...]
Model = TypeVar("Model", bound=models.Model)
# What stands for a value while the query is put together: nothing that anybody would ask for.
NUMBER, MOMENT, TEXT = (
    9_007_199_254_740_992,
    datetime.datetime(1, 2, 3, tzinfo=datetime.UTC),
    "\x02",
)


class Prepared:
    """A query of ``values_list()`` made by ``build`` from so many arguments, each of the kind of its mark.

    Nothing else may change from one time to the next: neither a moment that ``build`` takes from the
    clock nor the parts of the query.
    """

    def __init__(self, build: Callable[..., "QuerySet[Any, Any]"], *marks: object) -> None:
        self._build, self._marks = build, [_another(mark, nth) for nth, mark in enumerate(marks)]
        # For each thread by itself, for so are connections.
        self._made = threading.local()

    def __call__(self, *values: object) -> list[Row]:
        """Return the rows for these values."""
        return self.converted(self.raw(*values))

    def raw(self, *values: object) -> list[Row]:
        """Return the rows for these values as the database has them, moments and truths unread."""
        # Asked for it each time, the proxy would take as long as the database does.
        actual = get_connection()
        return _fetched(self._made, self._given(values, actual), actual)

    def sql(self, *values: object) -> tuple[str, list[Any]]:
        """Return the statement for these values, and its parameters: to be a part of another."""
        given = self._given(values, get_connection())
        return self._made.sql, given

    def _given(self, values: Sequence[object], actual: BaseDatabaseWrapper) -> list[Any]:
        if not hasattr(self._made, "sql"):
            self._make()
        prepared = [_prepared(value, actual) for value in values]
        return [prepared[place] if is_mark else place for is_mark, place in self._made.parameters]

    def converted(self, rows: list[Row]) -> list[Row]:
        """Return rows of ``raw``, or what these begin with, with all values read."""
        if not hasattr(self._made, "sql"):
            self._make()
        converters = self._made.converters
        return _converted(rows, converters, get_connection()) if converters and rows else rows

    def _make(self) -> None:
        compiler = self._build(*self._marks).query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        marks = [_prepared(mark, get_connection()) for mark in self._marks]
        self._made.parameters = [
            (True, marks.index(one)) if one in marks else (False, one) for one in parameters
        ]
        expressions = [expression for expression, _, _ in compiler.select]
        self._made.converters = compiler.get_converters(expressions)
        self._made.sqlite = None
        if connection.vendor == "sqlite":
            # As the driver takes it: Django would look through all of it each time.
            self._made.sqlite = sql % tuple("?" for _ in parameters)
        self._made.sql = sql

    @property
    def columns(self) -> list[tuple[type[models.Model], str]]:
        """The columns of instances, each as a model and its field's name."""
        if not hasattr(self._made, "columns"):
            compiler = self._build(*self._marks).query.get_compiler(connection=connection)
            compiler.pre_sql_setup()
            fields = [column.target for column, _, _ in compiler.select]
            self._made.columns = [(field.model, field.attname) for field in fields]
        columns: list[tuple[type[models.Model], str]] = self._made.columns
        return columns


class PreparedModels(Generic[Model]):
    """A query for instances of a model, with one companion (``select_related``) at most."""

    def __init__(
        self, build: Callable[..., "QuerySet[Model]"], *marks: object, companion: str = ""
    ) -> None:
        self._prepared, self._companion = Prepared(build, *marks), companion

    def __call__(self, model: type[Model], *values: object) -> list[Model]:
        """Return the instances for these values."""
        rows, columns, alias = self._prepared(*values), self._prepared.columns, connection.alias
        own = [name for owner, name in columns if owner is model]
        found = [model.from_db(alias, own, row[: len(own)]) for row in rows]
        if self._companion:
            other, theirs = columns[-1][0], [name for owner, name in columns if owner is not model]
            for instance, row in zip(found, rows, strict=True):
                is_there = row[len(own)] is not None
                beside = other.from_db(alias, theirs, row[len(own) :]) if is_there else None
                setattr(instance, self._companion, beside)
        return found


class PreparedInsert(Generic[Model]):
    """Writes new instances of a model, whose key the database gives (or the instance has, if it is no number).

    As ``save()`` does for one, without its signals, of which nothing here listens to any. ``skips_known``:
    what a unique constraint speaks against is not written, and no error.
    """

    def __init__(self, model: type[Model], *, skips_known: bool = False) -> None:
        self._model = model
        self._on_conflict = OnConflict.IGNORE if skips_known else None
        self._made = threading.local()

    def __call__(self, instance: Model) -> bool:
        """Write it, and say whether that was done."""
        if not hasattr(self._made, "sql"):
            self._make(instance)
        made, actual = self._made, get_connection()
        values = [
            getattr(instance, name)
            if field is None
            else field.get_db_prep_save(field.pre_save(instance, True), actual)
            for name, field in made.columns
        ]
        with actual.cursor() as cursor:
            cursor.execute(made.sql, values)
            row = self._returned(cursor)
        if row is None:
            return False
        if made.gives_key:
            instance.pk = row[0]
        instance._state.adding, instance._state.db = False, actual.alias
        return True

    def _returned(self, cursor: Any) -> Row | None:
        if connection.features.can_return_columns_from_insert:
            row: Row | None = cursor.fetchone()
            return row
        return (cursor.lastrowid,) if cursor.rowcount else None  # SQLite before 3.35

    def _make(self, instance: Model) -> None:
        meta = self._model._meta
        self._made.gives_key = isinstance(meta.pk, models.AutoField)
        fields = [
            field
            for field in meta.local_concrete_fields
            if not field.primary_key or not self._made.gives_key
        ]
        self._made.columns = [
            (field.attname, None if type(field) in _AS_THEY_ARE else field) for field in fields
        ]
        query = InsertQuery(self._model, on_conflict=self._on_conflict)
        query.insert_values(fields, [instance])
        compiler: Any = query.get_compiler(connection=connection)
        compiler.returning_fields = [meta.pk]
        ((self._made.sql, _),) = compiler.as_sql()


# Fields whose values databases take as they are.
_AS_THEY_ARE = {
    *(models.CharField, models.TextField, models.BooleanField, models.FloatField),
    *(models.ForeignKey, models.OneToOneField),
}


def _fetched(made: threading.local, given: list[Any], actual: BaseDatabaseWrapper) -> list[Row]:
    """Ask the database; past Django's cursors where nobody looks on."""
    is_watched = actual.execute_wrappers or actual.queries_logged
    if made.sqlite is None or is_watched:
        with actual.cursor() as cursor:
            cursor.execute(made.sql, given)
            rows: list[Row] = cursor.fetchall()
        return rows
    actual.ensure_connection()
    with actual.wrap_database_errors:
        fetched: list[Row] = actual.connection.execute(made.sqlite, given).fetchall()
    return fetched


def _another(mark: object, nth: int) -> object:
    """Return the mark for the nth argument, so that each has its own."""
    if isinstance(mark, datetime.datetime):
        return mark + datetime.timedelta(days=nth)
    return f"{mark}{nth}" if isinstance(mark, str) else NUMBER + nth


def _prepared(value: object, connection: BaseDatabaseWrapper) -> object:
    if isinstance(value, datetime.datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value


def _converted(
    rows: Sequence[Row], converters: dict[int, Any], connection: BaseDatabaseWrapper
) -> list[Row]:
    """Return the rows with moments and truths in place of what the database has for them."""
    made = [list(row) for row in rows]
    for place, (converts, expression) in converters.items():
        if place >= len(made[0]):
            continue
        for row in made:
            for convert in converts:
                row[place] = convert(row[place], expression, connection)
    return [tuple(row) for row in made]
