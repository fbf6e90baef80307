"""Having words leave the index for good.

FTS5 only notes of what was taken out that it is gone: the words themselves stay in the file until parts of the index
are merged, which with little change may be never.
"""

from django.db import connection

from articles.search import words
from articles.search.sources import sources

_PAGES = 500  # that are merged at once: nobody else waits for long


def forget_what_is_gone() -> None:
    """Leave no word in the index, or among the suggestions, that stands in no text any more."""
    if connection.vendor == "sqlite":
        for source in sources:
            for field in source.fields:
                _merge(field.table)
    words.refresh()


def _merge(table: str) -> None:
    """Merge all parts of the index into one, step by step (FTS5, 6.8 and 6.9: “merge”)."""
    step = f"INSERT INTO {table} ({table}, rank) VALUES ('merge', %s)"  # noqa: S608 - a name of ours
    with connection.cursor() as cursor:
        cursor.execute(step, [-_PAGES])
        done = connection.connection.total_changes
        while True:
            cursor.execute(step, [_PAGES])
            before, done = done, connection.connection.total_changes
            # As the documentation has it: fewer than two changes, and there was nothing to do.
            if done - before < 2:
                return
