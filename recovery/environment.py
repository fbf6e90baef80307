"""Reads the environment. Nonsense stops the start with one sentence, never a traceback.

Every function takes the variable's name and its default, and raises ``ImproperlyConfigured``
with a sentence that names the variable, what it holds and what it should hold.
"""

import os
import re
import textwrap
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

Network = IPv4Network | IPv6Network

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}
_NOT_PUBLIC = {"local", "internal", "test", "example", "invalid", "localhost"}
_DATABASE_SCHEMES = {"sqlite", "postgres", "postgresql"}
_EMAIL_SCHEMES = {"smtp", "smtp+tls", "smtps", "smtp+ssl", "consolemail", "filemail", "memorymail"}


# Letters, digits, hyphens and dots (RFC 1123, 2.1), and the underscores of private networks.
_NAME = r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?"
_DATABASE = "postgres://user:password@host/name or sqlite:////path/to/file"
_EMAIL = "the address of a mail server such as smtp+tls://user:password@host:587"
# An address alone, or a name and the address in angle brackets (RFC 5322, 3.4).
_SENDER = re.compile(r'(?:[^<>"@\x00-\x1f]+ <([^<>]+)>|([^<>\s]+))')


def _refuse(name: str, value: str, wanted: str) -> ImproperlyConfigured:
    shown = textwrap.shorten(value, 100, placeholder=" …") or value[:100]
    return ImproperlyConfigured(f"{name} is “{shown}”, but it should be {wanted}.")


def text(name: str, default: str = "") -> str:
    """Return the variable without surrounding blanks; an empty one counts as not set."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool) -> bool:
    """Return a yes or no: on/off, true/false, yes/no, 1/0."""
    value = text(name, "on" if default else "off")
    if value.lower() in _TRUE:
        return True
    if value.lower() in _FALSE:
        return False
    raise _refuse(name, value, "on or off")


def whole_number(name: str, default: int, *, low: int, high: int) -> int:
    """Return an integer from ``low`` to ``high``."""
    value = text(name, str(default))
    if re.fullmatch(r"[0-9]{1,9}", value) and low <= int(value) <= high:
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
    return tuple(
        _parsed(name, part, ip_network, "networks such as 10.0.0.0/8") for part in words(name)
    )


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
    bounds = re.fullmatch(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", value)
    low, high = (int(bounds[1]), int(bounds[2] or bounds[1])) if bounds else (0, 0)
    if not 0 < low <= high < 65536:
        raise ValueError(value)
    return low, high


def host(name: str, default: str) -> str:
    """Return a host name or an IP address (IPv6 with or without brackets)."""
    value = text(name, default).lower()
    bare = value.removeprefix("[").removesuffix("]")
    if re.fullmatch(_NAME, value) or _is_ipv6(bare):
        return bare
    raise _refuse(name, value, "a host name or an IP address such as 127.0.0.1")


def hosts(name: str) -> list[str]:
    """Return host names as Django's ``ALLOWED_HOSTS`` takes them: no scheme, no port."""
    wanted = "host names by comma, without https:// and without a port"
    for part in words(name):
        bare = part.lower().removeprefix(".")
        if part != "*" and not re.fullmatch(_NAME, bare) and not _is_ipv6(part.strip("[]")):
            raise _refuse(name, part, wanted)
    return [in_url(part) for part in words(name)]


def in_url(host: str) -> str:
    """Return the host as it stands in a URL: IPv6 in brackets."""
    return f"[{host}]" if _is_ipv6(host) else host


def _is_ipv6(value: str) -> bool:
    try:
        return bool(IPv6Address(value))
    except ValueError:
        return False


def is_address(host: str) -> bool:
    """Say whether it is an IP address rather than a name."""
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


def is_public_name(host: str) -> bool:
    """Say whether a host's name or address can be one of the public web.

    Not so: private and loopback addresses, names without a dot, and those set aside for private
    use, tests and examples (RFC 2606, RFC 6761, RFC 6762, and ``internal`` by ICANN in 2024).
    """
    try:
        return ip_address(host).is_global
    except ValueError:
        *rest, last = host.lower().removesuffix(".").split(".")
        return bool(rest) and last not in _NOT_PUBLIC and not last.isdigit()


def site_url(name: str, default: str) -> str:
    """Return the public address of the site: http or https, a host, no path, no trailing slash."""
    value = text(name, default)
    try:
        return _origin(value)
    except ValueError as error:
        wanted = "an address such as https://blog.example.org, without a path"
        raise _refuse(name, value, wanted) from error


def _origin(value: str) -> str:
    parts = urlsplit(value.rstrip("/"))
    name = (parts.hostname or "").encode("idna").decode()
    port = "" if parts.port is None else f":{parts.port}"
    # Rebuilding it shows whether there is anything else in it: a path, a user, a blank.
    plain = (
        value.rstrip("/").lower() == f"{parts.scheme}://{parts.hostname and parts.netloc.lower()}"
    )
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or not plain:
        raise ValueError(value)
    if parts.port == 0 or not (re.fullmatch(_NAME, name) or _is_ipv6(name)):
        raise ValueError(value)
    return f"{parts.scheme}://{in_url(name)}{port}"


def web_address(name: str) -> str:
    """Return a whole http or https address, as it goes into headers and markup, or nothing."""
    value = text(name)
    try:
        parts = urlsplit(value)
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_one = False
    if value and not (is_one and re.fullmatch(r"[!#-;=?-~]+", value) and "@" not in parts.netloc):
        raise _refuse(name, value, "an address such as https://hub.example.org/")
    return value


def database(name: str, default_file: Path) -> dict[str, Any]:
    """Return Django's settings for the database named by a URL (SQLite or PostgreSQL)."""
    value = text(name)
    if not value:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(default_file)}
    config = _from_url(name, value, environ.Env.db_url_config, _DATABASE_SCHEMES, _DATABASE)
    # In memory, each process would have a database of its own.
    if config.get("NAME") in (None, "", ":memory:"):
        raise _refuse(name, _hidden(value), _DATABASE)
    if config["ENGINE"].endswith("sqlite3"):
        config["NAME"] = str(Path(config["NAME"]).absolute())
    return config


def sender(name: str, default: str) -> str:
    """Return whom mail is from: an address, or a name and the address in angle brackets."""
    value = text(name, default)
    found = _SENDER.fullmatch(value)
    local, _, domain = ((found[1] or found[2]) if found else "").rpartition("@")
    if re.fullmatch(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+", local) and re.fullmatch(
        _NAME, domain.lower()
    ):
        return value
    raise _refuse(name, value, "an address such as Ann’s blog <mail@blog.example.org>")


def email(name: str) -> dict[str, Any]:
    """Return Django's mail settings for a URL; the console when it is not set, with nobody named."""
    value = text(name, "consolemail://")
    config = _from_url(name, value, environ.Env.email_url_config, _EMAIL_SCHEMES, _EMAIL)
    if value.startswith("smtp") and not config.get("EMAIL_HOST"):
        raise _refuse(name, _hidden(value), _EMAIL)
    if config["EMAIL_BACKEND"] == "django.core.mail.backends.console.EmailBackend":
        config["EMAIL_BACKEND"] = "recovery.mail.HiddenConsoleBackend"
    return config


def _from_url(
    name: str, value: str, parse: Callable[[str], Any], schemes: set[str], wanted: str
) -> dict[str, Any]:
    if value.partition(":")[0].lower() not in schemes or "://" not in value:
        raise _refuse(name, _hidden(value), wanted)
    try:
        config: dict[str, Any] = parse(value)
    except (ImproperlyConfigured, LookupError, ValueError):
        # Without its cause, which may quote the password too.
        raise _refuse(name, _hidden(value), wanted) from None
    return config


def _hidden(value: str) -> str:
    """Return what may be shown of a URL that may hold a password: its scheme."""
    scheme, found, _ = value.partition("://")
    return f"{scheme}://…" if found else "…"
