"""Has the database itself count what readers see of each conversation.

Triggers write ``Tally`` and ``Thread`` in the transaction of each change, so that the numbers are exact
whatever changed them: an act of a moderator, a bulk update, a purge, a hand in a database shell. A page
then shows “20,000 responses” and fifty of their threads without looking at the others.
"""

from collections.abc import Iterator

from articles.derived import Derivation
from articles.trigger_catalogue import Trigger

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


def _triggers() -> Iterator[Trigger]:
    yield from _of_comments("shown", _SHOWN, "responses", _THREAD_MORE, _THREAD_LESS)
    for column, value, counter in _COUNTED:
        condition = f"{{row}}.status = 'approved' AND {{row}}.{column} = '{value}'"
        yield from _of_comments(counter, condition, counter)
    for event, row, sign in (("INSERT", "NEW", "+"), ("DELETE", "OLD", "-")):
        counted = _LESS[0].format(columns=f"threads = threads {sign} 1", row=row)
        yield Trigger(f"tally_threads_{event.lower()}", "comments_thread", event, (counted,))
    # Whatever Django deletes first of an article and all that hangs on it, nothing of this is left.
    for table, column in (("comments_comment", "head_id"), ("articles_article", "article_id")):
        sql = [f"DELETE FROM comments_thread WHERE {column} = OLD.id"]  # noqa: S608
        sql += ["DELETE FROM comments_tally WHERE article_id = OLD.id"] * (column == "article_id")
        yield Trigger(f"tally_gone_with_{column}", table, "DELETE", tuple(sql))
    moved = "UPDATE comments_thread SET began_at = NEW.created_at WHERE head_id = NEW.id"
    later = "OLD.created_at IS DISTINCT FROM NEW.created_at"
    yield Trigger("tally_thread_moved", "comments_comment", "UPDATE OF created_at", (moved,), later)


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
        statements = tuple(part.format(row=row, columns=columns) for part in parts)
        yield Trigger(which, "comments_comment", event, statements, when)


# From the comments themselves: a second or two for each million.
_RECOUNT = (
    "DELETE FROM comments_thread",
    "DELETE FROM comments_tally",
    """INSERT INTO comments_tally (article_id, responses, threads, likes, reposts)
    SELECT article_id, SUM(CASE WHEN response_type NOT IN ('like', 'repost') THEN 1 ELSE 0 END), 0,
    SUM(CASE WHEN response_type = 'like' THEN 1 ELSE 0 END),
    SUM(CASE WHEN response_type = 'repost' THEN 1 ELSE 0 END)
    FROM comments_comment WHERE status = 'approved' GROUP BY article_id""",
    """INSERT INTO comments_thread (head_id, article_id, began_at, shown)
    SELECT h.id, h.article_id, h.created_at, c.shown
    FROM (
        SELECT COALESCE(head_id, id) AS head, COUNT(*) AS shown FROM comments_comment
        WHERE status = 'approved' AND response_type NOT IN ('like', 'repost')
        GROUP BY COALESCE(head_id, id)
    ) AS c JOIN comments_comment h ON h.id = c.head""",
    """UPDATE comments_tally SET threads =
    (SELECT COUNT(*) FROM comments_thread t WHERE t.article_id = comments_tally.article_id)""",
)

DERIVATION = Derivation(
    "tally",
    {
        "comments_comment": {
            *("id", "article_id", "head_id", "status", "response_type", "created_at"),
        },
        "comments_tally": {"article_id", "responses", "threads", "likes", "reposts"},
        "comments_thread": {"head_id", "article_id", "began_at", "shown"},
        "articles_article": {"id"},
    },
    _triggers,
    lambda: iter(_RECOUNT),
    formerly="tally_",
)
