"""``manage.py make_sample``: a made-up site of any size, to try and to measure things on."""

import time
from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from articles.models import Article
from recovery.sample import MOST, Sample

WIDTH: Final = 40  # characters of the bar
EVERY: Final = 5.0  # seconds between lines where there is no terminal


class Command(BaseCommand):
    """Writes articles and comments that nobody wrote."""

    help = (
        "Fill an empty site with made-up articles and comments, to see how it does with many. "
        "All of them stay until they are deleted: use a DATA_DIR of its own."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--articles", type=int, default=1_000, metavar="N")
        parser.add_argument("--comments", type=int, default=10_000, metavar="M")
        parser.add_argument(
            "--seed", type=int, default=1, help="another number makes another sample"
        )
        parser.add_argument(
            "--add", action="store_true", help="also where there are articles already"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        articles, comments = options["articles"], options["comments"]
        refuse_nonsense(articles, comments)
        if not options["add"] and Article.objects.exists():
            raise CommandError(
                "There are articles here already. Use a DATA_DIR of its own for the sample, or --add "
                "to put it beside them."
            )
        started, self._told = time.monotonic(), 0.0
        Sample(articles, comments, options["seed"], tell=self._tell).write()
        seconds = time.monotonic() - started
        self.stdout.write(
            f"Wrote {articles:,} articles and {comments:,} comments in {seconds:,.1f} seconds."
        )

    def _tell(self, what: str, done: int, of: int) -> None:
        """Draw the bar on a terminal; elsewhere write a line now and then, and at the end."""
        now = time.monotonic()
        if self.stdout.isatty():
            full = WIDTH * done // of
            bar = "█" * full + "░" * (WIDTH - full)
            self.stdout.write(
                f"\r{bar} {done:,} of {of:,} {what}", ending="\n" if done == of else ""
            )
            self.stdout.flush()
        elif done == of or now - self._told >= EVERY:
            self._told = now
            self.stdout.write(f"{done:,} of {of:,} {what}")


def refuse_nonsense(articles: int, comments: int) -> None:
    """Raise a ``CommandError`` that says what is wrong with the numbers."""
    for option, number in (("--articles", articles), ("--comments", comments)):
        if number < 0:
            raise CommandError(f"{option} {number}: there cannot be fewer than none.")
        if number > MOST:
            raise CommandError(f"{option} {number}: {MOST:,} is the most that can be made at once.")
    if comments and not articles:
        raise CommandError("--articles 0: comments need at least one article to stand below.")
    if not articles:
        raise CommandError("--articles 0: there would be nothing to make.")
