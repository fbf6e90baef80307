"""``manage.py check_privacy``: does anything of a commenter's address or network come out or stay?"""

import os
import sys
from argparse import SUPPRESS, ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from recovery import scratch
from recovery.privacy_check import checking, report
from recovery.supervision import follow_parent

INTERRUPTED = 130  # as a shell says of what Ctrl-C ended


class Command(BaseCommand):
    """Runs the check against a scratch copy of this site; exit code 1 if anything is found."""

    help = (
        "Let a reader with a known address comment on a scratch copy of this site, and look for the "
        "address, its hashes and the reader's network in everything the site shows, sends, logs and "
        "keeps. Nothing of the site itself is touched, nothing leaves the machine."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--inside", help=SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["inside"] is None:
            sys.exit(scratch.run_again("check_privacy", []))
        scratch.make_sure(options["inside"])
        follow_parent(os.getppid())
        try:
            sys.exit(self._check())
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)

    def _check(self) -> int:
        call_command("migrate", interactive=False, verbosity=0)
        scratch.stay_on_loopback()
        ledger = checking.run()
        self.stdout.write(report.as_text(ledger))
        return 1 if ledger.faulty else 0
