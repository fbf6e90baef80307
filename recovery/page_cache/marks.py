"""How far the changes have come of what the frame of an article's page shows (``articles.frames``).

Asked of Django's own connection, each time: what that reads afterwards is at least as new.
"""

import os
import re
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from recovery.page_cache.requests import frame_keys
from recovery.page_cache.triggers import tables_of_frames

# In SQLite whoever writes is alone: a later change has a larger number. PostgreSQL gives out numbers
# before the commit: a smaller one may come later.
_LAST = "(SELECT MAX(id) FROM recovery_pagechange WHERE key = %s)"
_FIGURES = "COUNT(*), SUM(id), MAX(id) FROM recovery_pagechange WHERE key IN"
_TABLE = re.compile(r"\b(?:FROM|JOIN)\s+\"?(\w+)", re.IGNORECASE)


class FrameWatch:
    """Knows of the changes of what frames show, as ``triggers`` have the database note them."""

    def mark(self, slug: str) -> tuple[object, ...]:
        keys = frame_keys(slug)
        with connection.cursor() as cursor:
            cursor.execute(_query(connection.vendor, len(keys)), keys)
            return getattr(connection, _FILE, None), *cursor.fetchone()

    def covers(self, sql: str) -> bool:
        return _covers(sql)


@lru_cache(maxsize=200)
def _covers(sql: str) -> bool:
    return tables_of_frames().issuperset(_TABLE.findall(sql))


@lru_cache
def _query(vendor: str, keys: int) -> str:
    if vendor == "sqlite":
        return f"SELECT {', '.join([_LAST] * keys)}"
    return f"SELECT {_FIGURES} ({', '.join(['%s'] * keys)})"


_FILE = "recovery_file"


def note_file(*, connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Note which file this new connection reads (SQLite).

    Another one, like an older one that was put back, may have come as far by other changes.
    """
    if connection.vendor == "sqlite":
        try:
            found = os.stat(connection.settings_dict["NAME"])
        except OSError:
            return
        setattr(connection, _FILE, (found.st_dev, found.st_ino))
