#!/usr/bin/env python3
"""Runs Django's commands for this site."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import Error


def main() -> None:
    """Run the command named on the command line.

    A wrong setting or a database that does not answer ends it with one sentence;
    ``--traceback`` shows where. What it writes is its owner's alone.
    """
    os.umask(0o077)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recovery.settings")
    try:
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, Error) as error:
        from recovery import faults

        if "--traceback" in sys.argv or not faults.is_from_outside(error):
            raise
        sys.exit(faults.sentence(error))


if __name__ == "__main__":
    main()
