"""Where the site listens, and under which address it can be reached from this machine."""

import errno
import socket
from typing import Final

from django.core.exceptions import ImproperlyConfigured

_LOOPBACK: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def from_here(host: str) -> str:
    """Return the host by which this machine reaches whoever listens at ``host``: not “everywhere”."""
    return _LOOPBACK.get(host, host)


def address(host: str, port: int) -> str:
    """Return the IP address to listen at, once it is sure that this is possible.

    Raises ``ImproperlyConfigured`` with a sentence when the address is not this machine's, may not be
    used, or is taken.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, kind, protocol, _, place = found[0]
        with socket.socket(family, kind, protocol) as probe:
            # Connections of an earlier run that linger are no hindrance; a listener is.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
            probe.listen(1)
    except (OSError, UnicodeError) as error:
        raise ImproperlyConfigured(_refusal(error, host, port)) from error
    return str(place[0])


def _refusal(error: Exception, host: str, port: int) -> str:
    number = getattr(error, "errno", None)
    if number == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken by another program: stop it, or set PORT to another number."
    if isinstance(error, PermissionError):
        return f"Port {port} on {host} needs rights that this user lacks: set PORT to a number from 1024 up."
    return f"HOST is “{host}”, but this machine cannot listen there: set it to one of its own addresses."
