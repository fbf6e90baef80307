"""Replies, pingbacks and webmentions, beside a view that inserts one row as durably."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks import client
from benchmarks.client import WrongAnswer
from benchmarks.measuring import Pace, Posting, Row, compare
from benchmarks.servers import YARDSTICK, Site, site

_INSERT = "Django view that inserts one row"


def rows(folder: Path, pace: Pace, wanted: frozenset[str]) -> Iterator[Row]:
    """Measure those of ``reply``, ``pingback`` and ``webmention`` that are wanted."""
    with ExitStack() as stack:
        yardstick = stack.enter_context(site(folder / "insert", "--web-only", module=YARDSTICK))
        yardstick.ask("yardstick_table")
        insert = Posting(yardstick.port, "/insert", "text", "", pace.connections)
        if "reply" in wanted:
            yield _reply(stack.enter_context(site(folder / "replies")), insert, pace)
        linkbacks = [what for what in ("pingback", "webmention") if what in wanted]
        if linkbacks:
            # Its worker would go looking for the made-up pages.
            blog = stack.enter_context(site(folder / "linkbacks", "--web-only"))
            blog.ask("quick_worker")
            target = blog.url(blog.ask("blog", "0")["path"])
            for what in linkbacks:
                yield _linkback(what, blog, target, insert, pace)


def _reply(blog: Site, insert: Posting, pace: Pace) -> Row:
    path: str = blog.ask("blog", "50")["path"]
    token = client.token(client.get(blog.port, path).body)
    replies = Posting(blog.port, f"{path}comments/", "reply", token, pace.connections)
    before = blog.ask("counted", "comments.Comment")
    row = compare(
        Row("reply", "taking a reply (the worker runs)", _INSERT, "/s", limit=0.15),
        replies,
        insert,
        pace,
    )
    row.note = _grown(blog, "comments.Comment", before)
    return row


def _linkback(what: str, blog: Site, target: str, insert: Posting, pace: Pace) -> Row:
    path = {"pingback": "/xmlrpc", "webmention": "/webmention"}[what]
    before = blog.ask("counted", "linkbacks.Linkback")
    row = compare(
        Row(what, f"taking a {what}", _INSERT, "/s", limit=0.2),
        Posting(blog.port, path, what, target, pace.connections),
        insert,
        pace,
    )
    row.note = _grown(blog, "linkbacks.Linkback", before)
    return row


def _grown(blog: Site, model: str, before: int) -> str:
    """Make sure that what was accepted is there."""
    rows: int = blog.ask("counted", model) - before
    if not rows:
        raise WrongAnswer("What was accepted is not in the database.")
    return f"{rows:,} rows"
