"""The moderators' queue, beside an empty view."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.measuring import OneByOne, Pace, Row, compare
from benchmarks.servers import YARDSTICK, site

PATH = "/admin/comments/comment/"


def rows(folder: Path, pace: Pace) -> Iterator[Row]:
    """Measure a page of the queue for a moderator who is signed in."""
    with (
        site(folder / "queue", "--web-only") as blog,
        site(folder / "empty", "--web-only", module=YARDSTICK) as empty,
    ):
        blog.ask("blog", "50")
        session = f"Cookie: sessionid={blog.ask('moderator')}"
        # All of them: the queue itself is empty, since everything here is approved.
        path = f"{PATH}?status=approved"
        yield compare(
            Row("queue", "50 comments in the moderators' list", "empty Django view", "ms"),
            OneByOne(blog.port, path, pace.samples, (session,)),
            OneByOne(empty.port, "/empty", pace.samples),
            pace,
        )
