"""The same pages on a small and on a large blog."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import client
from benchmarks.measuring import OneByOne, Pace, Row, compare, say
from benchmarks.parts import queue
from benchmarks.parts.pages import PAST_THE_CACHE
from benchmarks.servers import Site, can, site


@dataclass(frozen=True)
class Sizes:
    """Articles of the two blogs, and comments for each article."""

    small: int = 1_000
    large: int = 100_000
    comments_each: int = 10


def rows(folder: Path, pace: Pace, sizes: Sizes) -> Iterator[Row]:
    """Measure what readers and moderators open, past the page cache."""
    what = f"{sizes.large:,} articles and {sizes.large * sizes.comments_each:,} comments"
    if not can("make_sample"):
        yield Row("growth", what, f"{sizes.small:,} articles", "ms", 2.0, note="no make_sample yet")
        return
    say(f"growth: making {what}")
    with (
        site(folder / "small", "--web-only", make=_sample(sizes.small, sizes)) as small,
        site(folder / "large", "--web-only", make=_sample(sizes.large, sizes)) as large,
    ):
        for name, (ours, theirs) in _pages(large, small, sizes).items():
            yield _row(name, large, ours, small, theirs, pace, sizes)


def _sample(articles: int, sizes: Sizes) -> tuple[str, ...]:
    comments = str(articles * sizes.comments_each)
    return ("make_sample", "--articles", str(articles), "--comments", comments)


Asked = tuple[str, tuple[str, ...]]


def _pages(large: Site, small: Site, sizes: Sizes) -> dict[str, tuple[Asked, Asked]]:
    """Return by name what to ask of the large blog, and of the small one."""
    past = PAST_THE_CACHE.removeprefix("?")
    same = {
        "first page of articles": f"/?{past}",
        "tenth page of articles": f"/?page=10&{past}",
        "search": f"/search/?q=letter&{past}",
        "search for a word that is nearly everywhere": f"/search/?q=the&{past}",
        "search for a phrase": f"/search/?q=%22fixed+hour%22+sister&{past}",
        "search that finds nothing": f"/search/?q=sistr&{past}",
        "all tags": f"/tags/?{past}",
        "a tag": f"/tags/rest/?{past}",
        "archive": f"/archive/?{past}",
        "a month of the archive": f"{_month()}?{past}",
        "feed": f"/feed/?{past}",
        "feed of comments": f"/comments/feed/?{past}",
        "sitemap": f"/sitemap.xml?{past}",
    }
    pages: dict[str, tuple[Asked, Asked]] = {
        name: ((path, ()), (path, ())) for name, path in same.items()
    }
    pages["a page of articles in the middle"] = (_middle(large), _middle(small))
    each = str(sizes.comments_each)
    pages["an article"] = (_article(large, each), _article(small, each))
    pages["feed of an article"] = (_article(large, each, "feed/"), _article(small, each, "feed/"))
    for name, query in (("queue", ""), ("queue, approved", "?status=approved")):
        pages[name] = (_queue(large, query), _queue(small, query))
    return pages


def _month() -> str:
    """Return the path of a month five years ago: samples reach back ten years from today."""
    today = datetime.datetime.now(datetime.UTC)
    return f"/archive/{today.year - 5}/{today:%m}/"


def _middle(blog: Site) -> Asked:
    return f"/?before={blog.ask('in_the_middle')}&{PAST_THE_CACHE.removeprefix('?')}", ()


def _article(blog: Site, responses: str, below: str = "") -> Asked:
    return f"{blog.ask('an_article', responses)}{below}{PAST_THE_CACHE}", ()


def _queue(blog: Site, query: str) -> Asked:
    return f"{queue.PATH}{query}", (f"Cookie: sessionid={blog.ask('moderator')}",)


def _row(
    name: str, large: Site, ours: Asked, small: Site, theirs: Asked, pace: Pace, sizes: Sizes
) -> Row:
    row = Row(
        "growth", f"{name} at {sizes.large:,} articles", f"at {sizes.small:,}", "ms", limit=2.0
    )
    both = ((large, ours), (small, theirs))
    for blog, (path, headers) in both:
        status = client.get(blog.port, path, *headers).status
        if status != 200:
            row.note = "no such page yet" if status == 404 else f"answered {status}"
            return row
    candidate, yardstick = (
        OneByOne(blog.port, path, pace.samples, headers) for blog, (path, headers) in both
    )
    return compare(row, candidate, yardstick, pace)
