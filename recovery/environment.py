"""Reads the environment. Nonsense stops the start with one sentence, never a traceback.

Every function takes the variable's name and its default, and raises ``ImproperlyConfigured``
with a sentence that names the variable, what it holds and what it should hold.
"""

import os
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

Network = IPv4Network | IPv6Network

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}
_DATABASE_SCHEMES = {"sqlite", "postgres", "postgresql"}
_EMAIL_SCHEMES = {"smtp", "smtp+tls", "smtps", "smtp+ssl", "consolemail", "filemail", "memorymail"}


def _refuse(name: str, value: str, wanted: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name} is “{value}”, but it should be {wanted}.")


def text(name: str, default: str = "") -> str:
    """Return the variable without surrounding blanks; an empty one counts as not set."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool) -> bool:
    """Return a yes or no: on/off, true/false, yes/no, 1/0."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value.strip().lower() in _TRUE:
        return True
    if value.strip().lower() in _FALSE:
        return False
    raise _refuse(name, value, "on or off")


def whole_number(name: str, default: int, *, low: int, high: int) -> int:
    """Return an integer from ``low`` to ``high``."""
    value = text(name, str(default))
    if value.isascii() and value.isdigit() and low <= int(value) <= high:
        return int(value)
    raise _refuse(name, value, f"a whole number from {low} to {high}")


def one_of(name: str, default: str, choices: tuple[str, ...]) -> str:
    """Return one of the given words."""
    value = text(name, default).lower()
    if value in choices:
        return value
    raise _refuse(name, value, "one of " + ", ".join(choices))


def words(name: str) -> list[str]:
    """Return the non-empty parts of a list separated by commas."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def networks(name: str) -> tuple[Network, ...]:
    """Return IP networks, such as ``127.0.0.0/8,::1``."""
    return tuple(_parsed(name, part, ip_network, "networks such as 10.0.0.0/8") for part in words(name))


def _parsed(name: str, value: str, parse: Callable[[str], Any], wanted: str) -> Any:
    try:
        return parse(value)
    except ValueError as error:
        raise _refuse(name, value, wanted) from error


def port_ranges(name: str, default: str) -> tuple[tuple[int, int], ...]:
    """Return ranges of ports, such as ``80,443,1024-65535``, as (low, high) pairs."""
    wanted = "ports or ranges of ports such as 80,443,1024-65535"
    parts = words(name) or default.split(",")
    return tuple(_parsed(name, part, _port_range, wanted) for part in parts)


def _port_range(value: str) -> tuple[int, int]:
    low, _, high = value.partition("-")
    bounds = int(low), int(high or low)
    if not 0 < bounds[0] <= bounds[1] < 65536:
        raise ValueError(value)
    return bounds


def site_url(name: str, default: str) -> str:
    """Return the public address of the site: http or https, a host, no path, no trailing slash."""
    value = text(name, default).rstrip("/")
    parts = _parsed(name, value, urlsplit, "an address such as https://blog.example.org")
    valid = parts.scheme in ("http", "https") and parts.hostname and value == f"{parts.scheme}://{parts.netloc}"
    if not valid or "@" in parts.netloc or any(blank in value for blank in " \t\\"):
        raise _refuse(name, value, "an address such as https://blog.example.org, without a path")
    return value


def database(name: str, default_file: Path) -> dict[str, Any]:
    """Return Django's settings for the database named by a URL (SQLite or PostgreSQL)."""
    value = text(name)
    if not value:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(default_file)}
    scheme = value.partition(":")[0].lower()
    if scheme not in _DATABASE_SCHEMES:
        # The value may hold a password: name the scheme only.
        raise _refuse(name, f"{scheme}:…", "postgres://user:password@host/name or sqlite:///path")
    wanted = "postgres://user:password@host/name or sqlite:///path"
    config: dict[str, Any] = _parsed(name, value, environ.Env.db_url_config, wanted)
    if not config.get("NAME"):
        raise _refuse(name, f"{scheme}:…", wanted)
    return config


def email(name: str) -> dict[str, Any]:
    """Return Django's mail settings for a URL; the console when it is not set."""
    value = text(name, "consolemail://")
    scheme = value.partition(":")[0].lower()
    if scheme not in _EMAIL_SCHEMES:
        raise _refuse(name, f"{scheme}:…", "smtp+tls://user:password@host:587")
    config: dict[str, Any] = environ.Env.email_url_config(value)
    return config
