"""Has the database itself note every change that readers can see.

A trigger writes a row of ``PageChange`` in the transaction of the change. So nothing can be changed
behind the page cache's back: not by a bulk update, not by a command, not by hand in a database shell;
and a change that is rolled back was never noted.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection, transaction

from articles import trigger_catalogue
from articles.trigger_catalogue import Trigger
from recovery.page_cache.requests import BESIDE, LISTS, SAID, SHELF, SITE, frame_keys

PREFIX = "page_change_"
# The page of an article, whatever of it changed; and its frame (``articles.frames``): all but the conversation.
_ARTICLE = "'article:' || (SELECT slug FROM articles_article WHERE id = {row}.article_id)"
_FRAME = "'frame:' || (SELECT slug FROM articles_article WHERE id = {row}.article_id)"
_ALWAYS = ("insert", "update", "delete")


@dataclass(frozen=True)
class Watch:
    """What of a table readers can see, and which pages show it.

    ``keys`` and ``seen`` are SQL about ``{row}``; ``columns``, if any, are those that matter: a row
    that is written again as it was has not changed.
    """

    name: str
    table: str
    keys: tuple[str, ...]
    columns: tuple[str, ...] = ()
    seen: str = ""
    events: tuple[str, ...] = _ALWAYS


def _quoted(*names: str) -> tuple[str, ...]:
    return tuple(f"'{name}'" for name in names)


_OF_A_COMMENT = (
    "'article:' || (SELECT a.slug FROM articles_article a"
    " JOIN comments_comment c ON c.article_id = a.id WHERE c.id = {row}.comment_id)"
)
WATCHES = (
    Watch("blog", "articles_blog", _quoted(SITE)),
    Watch(
        "discussion",
        "comments_discussionsettings",
        _quoted(SITE),
        (
            "close_after_days",
            "pingbacks_enabled",
            "trackbacks_enabled",
            "webmentions_enabled",
            "reply_notices_enabled",
            "erase_contacts_after_days",
            "erase_declined_contacts_after_days",
            "purge_trash_after_days",
            "purge_spam_after_days",
        ),
    ),
    Watch("author", "auth_user", _quoted(SITE), ("first_name", "last_name"), events=("update",)),
    Watch(
        "article",
        "articles_article",
        (*_quoted(LISTS), "'article:' || {row}.slug", "'frame:' || {row}.slug"),
        seen="{row}.status = 'published'",
    ),
    Watch(
        "shelf",
        "articles_article",
        _quoted(SHELF),
        ("title", "slug", "language", "status", "published_at", "series_id", "part"),
        seen="{row}.status = 'published'",
    ),
    Watch("card", "articles_card", (_ARTICLE, _FRAME), ("article_id", "name", "png")),
    Watch("faq", "articles_faqentry", (_ARTICLE, _FRAME, *_quoted(BESIDE))),
    Watch("tagged", "articles_article_tags", (_ARTICLE, _FRAME)),
    # What is related to an article, and how long its series is, changes with other articles.
    Watch("taglisting", "articles_taglisting", _quoted(LISTS, SHELF)),
    Watch(
        "tag",
        "articles_tag",
        _quoted(LISTS, SHELF),
        ("name", "slug", "description_html", "listed"),
        seen="{row}.listed > 0",
    ),
    Watch(
        "series",
        "articles_series",
        _quoted(LISTS, SHELF),
        ("name", "slug", "description_html"),
        events=("update",),
    ),
    Watch(
        "comment",
        "comments_comment",
        (_ARTICLE, *_quoted(SAID)),
        (
            "article_id",
            "kind",
            "response_type",
            "status",
            "parent_id",
            "user_id",
            "author_name",
            "author_url",
            "text",
            "text_html",
            "created_at",
            "edited_at",
            "head_id",
            "is_late",
        ),
        seen="{row}.status = 'approved'",
    ),
    Watch("tally", "comments_tally", (_ARTICLE,), ("responses", "threads", "likes", "reposts")),
    Watch("responses", "comments_tally", _quoted(BESIDE), ("responses",)),
    Watch("thread", "comments_thread", (_ARTICLE,), ("article_id", "began_at", "shown")),
    # Below a hidden comment its shown replies hang where it hangs.
    Watch(
        "hidden",
        "comments_comment",
        (_ARTICLE, *_quoted(SAID)),
        ("parent_id", "head_id"),
        events=("update",),
    ),
    Watch(
        "linkback",
        "linkbacks_linkback",
        (_OF_A_COMMENT,),
        ("comment_id", "verified_at"),
        seen="{row}.comment_id IS NOT NULL",
    ),
    Watch("faqorigin", "comments_faqorigin", (_OF_A_COMMENT,)),
)
_ROWS = {"insert": ("NEW",), "update": ("OLD", "NEW"), "delete": ("OLD",)}


def tables_of_frames() -> frozenset[str]:
    """Return the tables whose changes are noted for the frames of articles' pages."""
    shared = set(_quoted(*frame_keys("any")))
    return frozenset(
        watch.table
        for watch in WATCHES
        if any(key in shared or key.startswith("'frame:'") for key in watch.keys)
    )


def install() -> None:
    """Put the triggers in place, anew, unless the database is not complete yet.

    What was changed while there were none is not known: so everything counts as changed.
    """
    tables = {watch.table for watch in WATCHES} | {"recovery_pagechange"}
    if not tables <= set(connection.introspection.table_names()):
        return
    with transaction.atomic(), connection.cursor() as cursor:
        remove()
        trigger_catalogue.create(PREFIX, _triggers())
        cursor.execute(_note(f"'{SITE}'"))


def remove() -> None:
    """Take away the triggers that are in place, those of earlier releases as well."""
    trigger_catalogue.drop(PREFIX)


def missing() -> set[str]:
    """Return the names of triggers that are not in place as they should be."""
    return trigger_catalogue.missing(PREFIX, _triggers())


def _triggers() -> Iterator[Trigger]:
    for watch in WATCHES:
        for event in watch.events:
            is_partial = bool(watch.columns) and event == "update"
            columns = f" OF {', '.join(watch.columns)}" if is_partial else ""
            yield Trigger(
                f"{watch.name}_{event}",
                watch.table,
                f"{event.upper()}{columns}",
                tuple(_notes(watch, event)),
                _when(watch, event, is_partial),
            )


def _when(watch: Watch, event: str, is_partial: bool) -> str:
    seen = " OR ".join(watch.seen.format(row=row) for row in _ROWS[event])
    changed = " OR ".join(f"OLD.{one} IS DISTINCT FROM NEW.{one}" for one in watch.columns)
    conditions = [f"({seen})" if watch.seen else "", f"({changed})" if is_partial else ""]
    return " AND ".join(filter(None, conditions))


def _notes(watch: Watch, event: str) -> Iterator[str]:
    for key in watch.keys:
        yield _note(*dict.fromkeys(key.format(row=row) for row in _ROWS[event]))


def _note(*keys: str) -> str:
    """Return the statement that notes these keys, given as SQL, each once."""
    listed = " UNION ".join(f"SELECT {key} AS k" for key in keys)
    changed = f"({listed}) AS noted WHERE k IS NOT NULL"
    return f"INSERT INTO recovery_pagechange (key, at) SELECT k, CURRENT_TIMESTAMP FROM {changed}"  # noqa: S608
