"""``manage.py import_markdown PATH…``: articles from Markdown files with front matter."""

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from articles.front_matter import Remark
from articles.importing import MarkdownImport, Report, Result


class Command(BaseCommand):
    help = (
        "Add or update articles from Markdown files with YAML front matter. The same file again "
        "updates its article: the one with the file's slug, or with the file's name for a slug."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "paths",
            nargs="+",
            type=Path,
            metavar="PATH",
            help="a file, or a folder with *.md and *.markdown",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import what can be imported, name what cannot, and say so by the exit code."""
        counts: Counter[Result] = Counter()
        for report in MarkdownImport().run(options["paths"]):
            counts[report.result] += 1
            self._tell(report)
        self.stdout.write(_summary(counts))
        if broken := counts[Result.BROKEN]:
            raise CommandError(f"{_count(broken, 'file')} could not be imported; see above.")

    def _tell(self, report: Report) -> None:
        for remark in report.remarks:
            self.stderr.write(_located(report.path, remark, "warning: "))
        if report.problem:
            self.stderr.write(_located(report.path, report.problem))


def _located(path: Path, remark: Remark, kind: str = "") -> str:
    """Return ``path:line: text``; file names that are no UTF-8 can be printed too."""
    name = str(path).encode("utf-8", "replace").decode()
    place = name if remark.line is None else f"{name}:{remark.line}"
    return f"{place}: {kind}{remark.text}"


def _summary(counts: Counter[Result]) -> str:
    others = (Result.UPDATED, Result.UNCHANGED, Result.BROKEN)
    parts = [f"{_count(counts[Result.ADDED], 'article')} added"]
    return ", ".join([*parts, *(f"{counts[result]} {result.value}" for result in others)]) + "."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
