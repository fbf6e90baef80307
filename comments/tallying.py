"""Has the database itself count what readers see of each conversation.

Triggers write ``Tally`` and ``Thread`` in the transaction of each change, so that the numbers are exact
whatever changed them: an act of a moderator, a bulk update, a purge, a hand in a database shell. A page
then shows “20,000 responses” and fifty of their threads without looking at the others.
"""

from collections.abc import Iterator

from django.db import connection, transaction

from articles import trigger_catalogue

PREFIX = "tally_"
_COUNTED = ("response_type", "like", "likes"), ("response_type", "repost", "reposts")
_SHOWN = "{row}.status = 'approved' AND {row}.response_type NOT IN ('like', 'repost')"
_CHANGED = " OR ".join(
    f"OLD.{column} IS DISTINCT FROM NEW.{column}"
    for column in ("status", "response_type", "head_id", "article_id")
)

_MORE = (
    """INSERT INTO comments_tally (article_id, responses, threads, likes, reposts)
    VALUES ({row}.article_id, 0, 0, 0, 0) ON CONFLICT DO NOTHING""",
    # First, for it locks the row (PostgreSQL): the statements after it see what others committed.
    "UPDATE comments_tally SET {columns} WHERE article_id = {row}.article_id",
)
_LESS = ("UPDATE comments_tally SET {columns} WHERE article_id = {row}.article_id",)
_THREAD_MORE = (
    "INSERT INTO comments_thread (head_id, article_id, began_at, shown)"
    " SELECT id, article_id, created_at, 1 FROM comments_comment"
    " WHERE id = COALESCE({row}.head_id, {row}.id)"
    " ON CONFLICT (head_id) DO UPDATE SET shown = comments_thread.shown + 1"
)
_THREAD_LESS = (
    "UPDATE comments_thread SET shown = shown - 1 WHERE head_id = COALESCE({row}.head_id, {row}.id)",
    "DELETE FROM comments_thread WHERE head_id = COALESCE({row}.head_id, {row}.id) AND shown <= 0",
)

# Name: table, event, condition, statements.
Trigger = tuple[str, str, str, str, list[str]]


def _triggers() -> Iterator[Trigger]:
    yield from _of_comments("shown", _SHOWN, "responses", _THREAD_MORE, _THREAD_LESS)
    for column, value, counter in _COUNTED:
        condition = f"{{row}}.status = 'approved' AND {{row}}.{column} = '{value}'"
        yield from _of_comments(counter, condition, counter)
    for event, row, sign in (("INSERT", "NEW", "+"), ("DELETE", "OLD", "-")):
        counted = _LESS[0].format(columns=f"threads = threads {sign} 1", row=row)
        yield f"tally_threads_{event.lower()}", "comments_thread", event, "", [counted]
    # Whatever Django deletes first of an article and all that hangs on it, nothing of this is left.
    for table, column in (("comments_comment", "head_id"), ("articles_article", "article_id")):
        sql = [f"DELETE FROM comments_thread WHERE {column} = OLD.id"]  # noqa: S608
        sql += ["DELETE FROM comments_tally WHERE article_id = OLD.id"] * (column == "article_id")
        yield f"tally_gone_with_{column}", table, "DELETE", "", sql
    moved = "UPDATE comments_thread SET began_at = NEW.created_at WHERE head_id = NEW.id"
    later = "OLD.created_at IS DISTINCT FROM NEW.created_at"
    yield "tally_thread_moved", "comments_comment", "UPDATE OF created_at", later, [moved]


def _of_comments(
    name: str, condition: str, counter: str, more: str = "", less: tuple[str, ...] = ()
) -> Iterator[Trigger]:
    """Yield the triggers that keep one counter right, and with it what else is counted."""
    update = "UPDATE OF status, response_type, head_id, article_id"
    for event, row, sign in (
        ("INSERT", "NEW", "+"),
        ("DELETE", "OLD", "-"),
        (update, "NEW", "+"),
        (update, "OLD", "-"),
    ):
        which = f"tally_{name}_{event.split()[0].lower()}_{row.lower()}"
        when = condition.format(row=row)
        when = f"({when}) AND ({_CHANGED})" if event == update else when
        columns = f"{counter} = {counter} {sign} 1"
        parts = [*_MORE, *filter(None, [more])] if sign == "+" else [*_LESS, *less]
        statements = [part.format(row=row, columns=columns) for part in parts]
        yield which, "comments_comment", event, when, statements


def install() -> None:
    """Put the triggers in place, anew, unless the tables are not there yet; count if any were missing."""
    if "comments_thread" not in connection.introspection.table_names():
        return
    is_new = bool(missing())
    make = _postgres if connection.vendor == "postgresql" else _sqlite
    with transaction.atomic(), connection.cursor() as cursor:
        remove()
        for trigger in _triggers():
            for statement in make(trigger):
                cursor.execute(statement)
        if is_new:
            recount()


def remove() -> None:
    """Take away the triggers that are in place, those of other releases as well."""
    trigger_catalogue.drop(PREFIX)


def missing() -> set[str]:
    """Return the names of triggers that are not in place."""
    return {name for name, *_ in _triggers()} - set(trigger_catalogue.installed(PREFIX))


def _sqlite(trigger: Trigger) -> Iterator[str]:
    name, table, event, when, statements = trigger
    condition = f"WHEN {when}" if when else ""
    # The older word for it, which SQLite has always known (“IS DISTINCT FROM” came with 3.39).
    body = "; ".join(statements)
    sql = (
        f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW {condition} BEGIN {body}; END"
    )
    yield sql.replace("IS DISTINCT FROM", "IS NOT")


def _postgres(trigger: Trigger) -> Iterator[str]:
    name, table, event, when, statements = trigger
    condition = f"WHEN ({when})" if when else ""
    body = "; ".join(statements)
    yield (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {body}; RETURN NULL; END $$"
    )
    yield (
        f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW {condition}"
        f" EXECUTE FUNCTION {name}()"
    )


def recount() -> None:
    """Count everything from the comments themselves: a second or two for each million."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in _RECOUNT:
            cursor.execute(statement)


_RECOUNT = (
    "DELETE FROM comments_thread",
    "DELETE FROM comments_tally",
    """INSERT INTO comments_tally (article_id, responses, threads, likes, reposts)
    SELECT article_id, SUM(CASE WHEN response_type NOT IN ('like', 'repost') THEN 1 ELSE 0 END), 0,
    SUM(CASE WHEN response_type = 'like' THEN 1 ELSE 0 END),
    SUM(CASE WHEN response_type = 'repost' THEN 1 ELSE 0 END)
    FROM comments_comment WHERE status = 'approved' GROUP BY article_id""",
    # Each row it writes is counted by its trigger.
    """INSERT INTO comments_thread (head_id, article_id, began_at, shown)
    SELECT h.id, h.article_id, h.created_at, c.shown
    FROM (
        SELECT COALESCE(head_id, id) AS head, COUNT(*) AS shown FROM comments_comment
        WHERE status = 'approved' AND response_type NOT IN ('like', 'repost')
        GROUP BY COALESCE(head_id, id)
    ) AS c JOIN comments_comment h ON h.id = c.head""",
)
