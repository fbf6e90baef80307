"""An article's page: kept, unchanged, and made anew; and what the processes hold afterwards."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

from benchmarks import client, machine
from benchmarks.client import Answer, WrongAnswer
from benchmarks.measuring import OneByOne, Pace, Pair, Reading, Row, Sample, compare
from benchmarks.servers import YARDSTICK, Server, Site, nginx, site

RESPONSES = 50
MOST_MEMORY = 250e6  # bytes, web and worker
# A query that no page knows is not answered by the page cache.
PAST_THE_CACHE = "?past-the-cache=1"
_CODINGS = {"page": "identity", "page.gz": "gzip", "page.br": "br"}
_GZIP = "Accept-Encoding: gzip"
# As a browser sends: the length of a request counts, too.
_BROWSER = "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def rows(folder: Path, pace: Pace) -> Iterator[Row]:
    """Measure the page beside nginx with the same bytes, and beside an empty view."""
    with ExitStack() as stack:
        blog = stack.enter_context(site(folder / "site"))
        path: str = blog.ask("blog", str(RESPONSES))["path"]
        kept = {name: _kept(blog, path, coding) for name, coding in _CODINGS.items()}
        files = {
            name: (page.body, page.headers.get("content-encoding", ""))
            for name, page in kept.items()
        }
        static = stack.enter_context(nginx(folder / "nginx", files))
        for name, page in kept.items():
            yield _cached(blog, path, static, name, page, pace)
        yield _by_different_readers(blog, path, static, kept["page.gz"], pace)
        yield _not_modified(blog, path, static, pace)
        empty = stack.enter_context(site(folder / "empty", "--web-only", module=YARDSTICK))
        yield _past_the_cache(blog, path, empty, pace)
        yield _after_a_change("comment was approved", _APPROVALS, blog, path, empty, pace)
        yield _after_a_change("change of the blog", _NOTED, blog, path, empty, pace)
        yield _memory(blog)


def _kept(blog: Site, path: str, coding: str) -> Answer:
    """Return the page as it is kept, in this coding, and stays; make sure that it is kept."""
    if coding == "br":
        _await_smallest(blog, path)
    answer = client.get(blog.port, path, f"Accept-Encoding: {coding}", _BROWSER)
    if answer.status != 200 or "etag" not in answer.headers:
        raise WrongAnswer(f"{path} is not kept by the page cache.")
    if answer.headers.get("content-encoding", "identity") != coding:
        raise WrongAnswer(f"{path} does not come in {coding}.")
    return answer


def _await_smallest(blog: Site, path: str) -> None:
    """Wait until every process has compressed the page as well as can be, which takes a few readers."""
    best = 0
    for _ in range(1_000):
        answer = client.get(blog.port, path, "Accept-Encoding: br", _BROWSER)
        best = best + 1 if answer.headers.get("etag", "").endswith('-best"') else 0
        if best == 20 * (os.cpu_count() or 1):
            return
        time.sleep(0.02)
    raise WrongAnswer(f"{path} does not get smaller.")


def _cached(blog: Site, path: str, static: Server, name: str, kept: Answer, pace: Pace) -> Row:
    headers = (f"Accept-Encoding: {_CODINGS[name]}", _BROWSER)
    what = f"article page, kept, {_CODINGS[name]}, {len(kept.body):,} bytes"
    return compare(
        Row("page", what, "nginx, the same bytes from disk", "/s", limit=1.0),
        Reading(blog.port, path, headers, 200, kept.text, pace.connections),
        Reading(static.port, f"/{name}", headers, 200, kept.text, pace.connections),
        pace,
    )


def _by_different_readers(blog: Site, path: str, static: Server, kept: Answer, pace: Pace) -> Row:
    """Compare as above, with no two requests alike: each has to be parsed, as nginx does anyway."""
    headers = (_GZIP, _BROWSER)
    return compare(
        Row("page", "article page, kept, gzip, no two requests alike", "nginx, the same", "/s"),
        Reading(blog.port, path, headers, 200, kept.text, pace.connections, differs=True),
        Reading(static.port, "/page.gz", headers, 200, kept.text, pace.connections, differs=True),
        pace,
    )


def _not_modified(blog: Site, path: str, static: Server, pace: Pace) -> Row:
    def unchanged(port: int, path: str, tags: set[str]) -> Reading:
        headers = (_GZIP, _BROWSER, f"If-None-Match: {', '.join(sorted(tags))}")
        return Reading(port, path, headers, 304, b"", pace.connections)

    tags = _tags(blog, path)
    row = Row("page", "article page, not modified (304)", "nginx, not modified (304)", "/s")
    if len(tags) > 1:
        row.note = f"{len(tags)} validators for one page: one in each process"
    return compare(
        row,
        unchanged(blog.port, path, tags),
        unchanged(static.port, "/page.gz", _tags(static, "/page.gz")),
        pace,
    )


def _tags(server: Server, path: str) -> set[str]:
    """Return the page's validators in all of the server's processes, as far as they differ."""
    connections = 20 * (os.cpu_count() or 1)
    answers = (client.get(server.port, path, _GZIP, _BROWSER) for _ in range(connections))
    return {answer.headers["etag"] for answer in answers}


def _past_the_cache(blog: Site, path: str, empty: Site, pace: Pace) -> Row:
    """Compare how many pages Django itself makes; the budget is about times, hence its reciprocal."""
    what = f"article page past the cache, {RESPONSES} responses"
    return compare(
        Row("page", what, "empty Django view", "/s", limit=1 / 20),
        Reading(blog.port, path + PAST_THE_CACHE, (_BROWSER,), 200, None, pace.connections),
        Reading(empty.port, "/empty", (_BROWSER,), 200, b"", pace.connections),
        pace,
    )


# With words that it did not have before, so that nothing of it has been drawn.
_APPROVALS = (
    "UPDATE comments_comment SET status = 'pending' WHERE id = (SELECT max(id) FROM comments_comment)",
    """UPDATE comments_comment SET status = 'approved', text_html = '<p>' || hex(randomblob(100)) || '</p>'
    WHERE id = (SELECT max(id) FROM comments_comment)""",
)
# What the triggers write when the owner changes the blog.
_NOTED = ("INSERT INTO recovery_pagechange (key, at) VALUES ('site', CURRENT_TIMESTAMP)",)


def _after_a_change(
    name: str, statements: tuple[str, ...], blog: Site, path: str, empty: Site, pace: Pace
) -> Row:
    """Compare the time of the first reader after a change: the page is made, compressed and kept."""
    with closing(sqlite3.connect(blog.database, isolation_level=None)) as database:

        def change() -> None:
            for statement in statements:
                database.execute(statement)

        what = f"article page, first reader after a {name}, {RESPONSES} responses"
        accept = ("Accept-Encoding: gzip, br", _BROWSER)
        return compare(
            Row("page", what, "empty Django view", "ms", limit=20),
            OneByOne(blog.port, path, pace.samples, accept, before_each=change),
            OneByOne(empty.port, "/empty", pace.samples, accept),
            pace,
        )


def _memory(blog: Site) -> Row:
    held = machine.memory(blog.pid)
    # What they share the machine holds once.
    note = f"{held.rss / 1e6:.0f} MB if what processes share is counted for each (RSS)"
    row = Row(
        "page", "memory (PSS), web and worker, after all this", "250 MB", "MB", limit=1.0, note=note
    )
    measured = Sample(held.pss / 1e6), Sample(MOST_MEMORY / 1e6)
    row.pairs.append(Pair(*measured, load=machine.Watch().load, others=0.0))
    return row
