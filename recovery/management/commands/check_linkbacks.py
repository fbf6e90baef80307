"""``manage.py check_linkbacks``: does this installation keep the linkback standards, and stand abuse?"""

import logging
import os
import sys
from argparse import SUPPRESS, ArgumentParser
from itertools import groupby
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from recovery import scratch
from recovery.linkback_check import (
    attacks,
    discovery,
    endpoints,
    pingback,
    report,
    sending,
    site,
    table,
    trackback,
    webmention,
)
from recovery.linkback_check.bench import Bench
from recovery.linkback_check.peer import Peer
from recovery.supervision import follow_parent

ROWS = [
    *discovery.ROWS,
    *sending.ROWS,
    *webmention.ROWS,
    *pingback.ROWS,
    *trackback.ROWS,
    *attacks.ROWS,
    *endpoints.ROWS,
]
# Sends, and fetches from the other blog, which is on loopback too.
VARIABLES = {
    "LINKBACK_SENDING": "on",
    "LINKBACK_ALLOWED_NETWORKS": "127.0.0.0/8",
    "LINKBACK_ALLOWED_PORTS": "1-65535",
}
INTERRUPTED = 130  # as a shell says of what Ctrl-C ended
PROTOCOLS = [protocol for protocol, _ in groupby(row.protocol for row in ROWS)]


class Command(BaseCommand):
    """Runs the tables against a scratch copy of this site on loopback; exit code 1 if a row fails."""

    help = (
        "Try this installation against the linkback standards and against abuse, on loopback and "
        "with scratch data: nothing of the site is touched, nothing leaves the machine."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--only", choices=PROTOCOLS, help="one part of the table")
        parser.add_argument(
            "--flood",
            type=int,
            default=1000,
            metavar="N",
            help="pings of the flood (default: 1000)",
        )
        parser.add_argument("--json", action="store_true", help="the table for programs")
        parser.add_argument("--inside", help=SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["inside"] is None:
            sys.exit(scratch.run_again("check_linkbacks", _arguments(options), **VARIABLES))
        scratch.make_sure(options["inside"])
        follow_parent(os.getppid())
        rows = [row for row in ROWS if options["only"] in (None, row.protocol)]
        try:
            results = self._run(rows, max(options["flood"], 1))
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)
        self.stdout.write(report.as_json(results) if options["json"] else report.as_text(results))
        sys.exit(report.passed(results) < len(results))

    def _run(self, rows: list[table.Row], flood: int) -> list[table.Result]:
        logging.disable(logging.CRITICAL)  # refusals are what is wanted here
        call_command("migrate", interactive=False, verbosity=0)
        scratch.stay_on_loopback()
        with Peer() as peer:
            # Before the site starts, which would load its demo into an empty one.
            Bench(site.Site(), peer).article()
            with site.running() as web:
                progress = report.Progress(sys.stderr, len(rows))
                return table.run(rows, Bench(web, peer, flood=flood), progress)


def _arguments(options: dict[str, Any]) -> list[str]:
    """Return the options as they stand on a command line."""
    only = ["--only", options["only"]] if options["only"] else []
    flags = ["--json"] if options["json"] else []
    return [*only, *flags, "--flood", str(options["flood"])]
