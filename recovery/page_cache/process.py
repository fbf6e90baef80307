"""The page cache of this process, by the site's settings."""

import logging
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection

from recovery.page_cache.freshness import Freshness, SqliteFreshness
from recovery.page_cache.front import Front

if TYPE_CHECKING:
    from recovery.page_cache.postgres import Beacon

logger = logging.getLogger(__name__)
# What Django adds for itself.
_NOT_LIBPQ = {"cursor_factory", "context", "prepare_threshold"}


def front() -> Front | None:
    """Return the cache for the web server's process; None while ``DEBUG`` shows every edited template."""
    if settings.DEBUG:
        return None
    return Front(_freshness(), frozenset(host.lower() for host in settings.ALLOWED_HOSTS))


def _freshness() -> Freshness:
    if connection.vendor == "postgresql":
        from recovery.page_cache.postgres import PostgresFreshness

        parameters = connection.get_connection_params()
        conninfo = {name: value for name, value in parameters.items() if name not in _NOT_LIBPQ}
        return PostgresFreshness(conninfo, _beacon())
    return SqliteFreshness(str(settings.DATABASES["default"]["NAME"]))


def announce() -> None:
    """Have the other processes of this machine look again before they answer with a kept page.

    To be called when something may have been written, before that is answered. SQLite needs none of it.
    """
    if connection.vendor != "postgresql":
        return
    try:
        _beacon().change()
    except OSError:
        # They find out by themselves within a second; what was written is not undone for that.
        logger.exception("The other processes could not be told of a change")


@lru_cache(maxsize=1)
def _beacon() -> "Beacon":
    from recovery.page_cache.postgres import Beacon

    return Beacon(settings.DATA_DIR / "pages.beacon")
