"""``manage.py serve``: the site, web and worker in one process tree."""

import os
import shlex
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand

from recovery import listening, preparation
from recovery.supervision import Plan, follow_parent

INTERRUPTED = 130  # as a shell says of what Ctrl-C ended

# What the same site is found by from another command line; a database URL may hold a password.
_SHOWN = ("DATA_DIR",)
_OPTIONS = {"host": "HOST", "port": "PORT", "workers": "WEB_WORKERS"}


class Command(BaseCommand):
    """Prepares what is missing, then runs the web server and the worker until Ctrl-C or SIGTERM."""

    help = "Serve the site: web server and background worker, until Ctrl-C or SIGTERM."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", help="address to listen at (default: HOST)")
        parser.add_argument("--port", help="port to listen at (default: PORT)")
        parser.add_argument(
            "--workers", help="web workers, 0 for one a core (default: WEB_WORKERS)"
        )
        parser.add_argument(
            "--web-only",
            action="store_true",
            help="no worker: “manage.py db_worker” runs elsewhere",
        )
        parser.add_argument(
            "--prepare-only",
            action="store_true",
            help="migrate and collect the static files beside a site that runs, and end",
        )
        parser.add_argument(
            "--with-parent", action="store_true", help="end when the calling process ends"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        _start_over_with(options)
        if options["prepare_only"]:
            preparation.prepare(self._say, beside_running=True)
            return
        if options["with_parent"]:
            follow_parent(os.getppid())
        try:
            address = listening.address(settings.HOST, settings.PORT)
            preparation.prepare(self._say)
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)
        _become_supervisor(plan(address, web_only=options["web_only"]))

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()


def _start_over_with(options: dict[str, Any]) -> None:
    """Start again with the options in the environment, where every setting comes from."""
    given = {name: options[key] for key, name in _OPTIONS.items() if options[key] is not None}
    if any(os.environ.get(name) != value for name, value in given.items()):
        os.environ.update(given)
        os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606


def plan(address: str, *, web_only: bool) -> Plan:
    """Return what to run at this IP address, and what to say once it runs."""
    python, workers = [sys.executable, "-P"], settings.WEB_WORKERS or os.cpu_count() or 1
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    commands = {"web server": [*python, "-m", "recovery.web"]}
    if not web_only:
        commands["worker"] = [*manage, "db_worker"]
    database = settings.DATABASES["default"]
    file = str(database["NAME"]) if database["ENGINE"].endswith("sqlite3") else ""
    return Plan(
        commands,
        listening.from_here(address),
        settings.PORT,
        greeting(),
        address,
        server="web server",
        workers=workers,
        preparation=[*manage, "serve", "--prepare-only"],
        database=file,
    )


def greeting() -> str:
    """Return the last lines: what to open, and how to become administrator."""
    lines = [
        f"Recovery is running: open {settings.SITE_URL}/",
        f"The admin is at {settings.SITE_URL}/admin/",
    ]
    if not User.objects.filter(is_superuser=True, is_active=True).exists():
        same = "".join(
            f"{name}={shlex.quote(os.environ[name])} " for name in _SHOWN if name in os.environ
        )
        lines.append(f"There is no administrator yet. Make one with: {same}make admin")
        if "DATABASE_URL" in os.environ:
            lines.append("(with DATABASE_URL set as it is now)")
    return "\n".join([*lines, "Stop with Ctrl-C."])


def _become_supervisor(what: Plan) -> None:
    """Turn this process into the supervisor, a small one without Django."""
    modules = [str(settings.BASE_DIR), os.environ.get("PYTHONPATH", "")]
    variables = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, modules)),
        "STATIC_COLLECTED": "on",
    }
    # Threads that come and go would each keep a heap of their own (glibc).
    variables.setdefault("MALLOC_ARENA_MAX", "2")
    command = [sys.executable, "-P", "-m", "recovery.supervision", what.to_json()]
    sys.stdout.flush()
    os.execve(sys.executable, command, variables)  # noqa: S606
