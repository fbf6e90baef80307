"""The WSGI application that a server runs."""

import os
import sys
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

# The database holds what readers confided: no other user of the machine may read it.
os.umask(0o077)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recovery.settings")


def keep_private() -> None:
    """Take everybody else's rights away from the keys and the database (SQLite) of earlier releases."""
    database = settings.DATABASES["default"]
    files = [settings.DATA_DIR / "secret_key", settings.DATA_DIR / "contact_keys"]
    if database["ENGINE"].endswith("sqlite3"):
        files += [Path(f"{database['NAME']}{end}") for end in ("", "-wal", "-shm")]
    for file in files:
        # Not there, or somebody else's to change.
        with suppress(OSError):
            if (mode := file.stat().st_mode & 0o777) & 0o077:
                file.chmod(mode & 0o700)


try:
    application = get_wsgi_application()
except ImproperlyConfigured as error:
    sys.exit(f"Cannot start: {error}")

keep_private()
