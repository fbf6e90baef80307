"""A place where nothing of the owner's can be touched: other data, other settings, loopback only."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from comments import following

#: Of the caller's environment, only this is kept.
_KEPT: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "PYTHONWARNINGS", "TERM")

#: Addresses beyond loopback that this process tried to connect to.
strangers: list[str] = []


def run_again(name: str, arguments: Sequence[str], **variables: str) -> int:
    """Run the command of this name in a scratch folder; return its exit code.

    It gets ``--inside FOLDER`` before these arguments, and these variables beside its environment. The
    owner's templates come along: what the site shows is theirs to decide.
    """
    with tempfile.TemporaryDirectory(prefix="recovery-check-") as folder:
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), name]
        command += ["--inside", folder, *arguments]
        if (templates := settings.DATA_DIR / "templates").is_dir():
            shutil.copytree(templates, Path(folder) / "templates")
        own = {**environment(folder), **variables}
        child = subprocess.Popen(command, env=own)  # noqa: S603
        while True:
            try:
                return child.wait()
            except KeyboardInterrupt:
                continue  # the child has got it too, and ends


def environment(folder: str) -> dict[str, str]:
    """Return the variables of a site in this folder that talks to loopback."""
    port = _free_port()
    kept = {name: value for name, value in os.environ.items() if name in _KEPT}
    return {
        **kept,
        "DATA_DIR": folder,
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "WEB_WORKERS": "1",
        "EMAIL_URL": "memorymail://",
        "TRUSTED_PROXIES": "127.0.0.1",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def make_sure(folder: str) -> None:
    """Raise ``ImproperlyConfigured`` unless the site's data are in this folder, and nothing else is."""
    is_here = Path(folder).resolve() == Path(settings.DATA_DIR).resolve()
    database = settings.DATABASES["default"]
    inside = database["ENGINE"].endswith("sqlite3") and Path(database["NAME"]).parent.samefile(
        folder
    )
    if not is_here or not inside or Path(database["NAME"]).exists():
        raise ImproperlyConfigured("--inside is for the check itself: leave it out.")


def stay_on_loopback() -> None:
    """Refuse every connection of this process that would leave the machine, and note it."""
    sys.addaudithook(_refuse_strangers)


def _refuse_strangers(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "socket.connect" or not isinstance(arguments[1], tuple):
        return
    host = str(arguments[1][0])
    if host != "localhost" and not _is_loopback(host):
        strangers.append(host)
        raise OSError(f"No connection may leave this machine; this one was to {host}.")


def _is_loopback(host: str) -> bool:
    try:
        # 127.0.0.0/8 is what this run excepts; ::1 is refused like any internal address.
        return ip_address(host).version == 4 and ip_address(host).is_loopback
    except ValueError:
        return False


def work_off(name: str = "check") -> None:
    """Work off everything that is due, or will be in a moment, as a worker of this name does."""
    _work_off(name)
    while _bring_forward():
        _work_off(name)


def _bring_forward() -> int:
    """Have run now what waits only for others to join it; return how many tasks that are."""
    soon = timezone.now() + following.GATHERED_FOR
    tasks = DBTaskResult.objects.filter(
        status=TaskResultStatus.READY,
        run_after__lte=soon,
        task_path=following.follow_decisions.module_path,
    )
    return tasks.update(run_after=timezone.now())


def _work_off(name: str) -> None:
    Worker(
        queue_names=["*"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=name,
        excluded_queue_names=[],
    ).run()
