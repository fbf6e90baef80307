"""The site's settings (database, server, logging) with nothing in front of two tiny views."""

from recovery.settings import *  # noqa: F403
from recovery.settings import INSTALLED_APPS as _SITES_APPS
from recovery.settings import SILENCED_SYSTEM_CHECKS as _SILENCED

INSTALLED_APPS = [*_SITES_APPS, "benchmarks.yardstick"]
ROOT_URLCONF = "benchmarks.yardstick.urls"
# No sessions, no CSRF, no policy: nothing that would make the yardstick easier to reach.
MIDDLEWARE = []
# The admin is installed, as on the site, and not served.
SILENCED_SYSTEM_CHECKS = [*_SILENCED, "admin.E408", "admin.E409", "admin.E410"]
