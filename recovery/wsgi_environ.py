"""The environment of PEP 3333 for a request that came as a scope of ASGI 3.0."""

import sys
from functools import lru_cache
from io import BytesIO
from typing import Any
from urllib.parse import quote, unquote_to_bytes
from wsgiref.types import WSGIEnvironment

from recovery.page_cache.requests import Target

Scope = dict[str, Any]
LONG = 100  # characters: longer names are a visitor's own, and not worth remembering


class Body(BytesIO):
    """A request's body: what ``wsgi.input`` reads from."""

    received = 0  # bytes


def strangers_scope(scope: Scope, target: Target) -> Scope:
    """Return the scope of a plain GET of this page by nobody in particular."""
    hosts = [(name, value) for name, value in scope["headers"] if name == b"host"]
    return {
        **scope,
        "method": "GET",
        "raw_path": quote(target.path, safe="/").encode(),
        "query_string": target.query.encode(),
        "headers": hosts[:1],
        # Nor may a template of the owner's own show who asked first to all who come later. Not the
        # loopback address: to that some tell more than to others.
        "client": ("0.0.0.0", 0),  # noqa: S104
    }


def environ_of(scope: Scope, scheme: str = "http") -> WSGIEnvironment:
    """Return the environment of PEP 3333 for a scope of ASGI 3.0, with an empty ``wsgi.input``.

    ``scheme`` is the one by which visitors come: who ends TLS in front says nothing of it here.
    Text stands for bytes, as Latin-1. The process's own environment is not part of it.
    """
    path: bytes = scope["raw_path"]
    environ = {
        **_ALWAYS,
        "REQUEST_METHOD": scope["method"],
        "PATH_INFO": (unquote_to_bytes(path) if b"%" in path else path).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "REMOTE_ADDR": scope["client"][0],
        "SERVER_NAME": scope["server"][0],
        "SERVER_PORT": str(scope["server"][1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "wsgi.url_scheme": scheme,
        "wsgi.input": Body(),
        "wsgi.errors": sys.stderr,
    }
    _add_headers(environ, scope["headers"])
    return environ


_ALWAYS = {
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}


def _add_headers(environ: WSGIEnvironment, headers: list[tuple[bytes, bytes]]) -> None:
    """Add the headers; repeated ones become one, as RFC 9110 (5.3) and RFC 6265 (4.2.1) have it."""
    for name, value in headers:
        # “X_Forwarded_For” would be taken for “X-Forwarded-For”, which proxies watch over.
        if b"_" in name:
            continue
        key, text = _key(name) if len(name) < LONG else _make_key(name), value.decode("latin-1")
        if key in environ:
            text = f"{environ[key]}{'; ' if name == b'cookie' else ','}{text}"
        environ[key] = text


def _make_key(name: bytes) -> str:
    key = name.decode("latin-1").upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


_key = lru_cache(maxsize=256)(_make_key)


def has_body(environ: WSGIEnvironment) -> bool:
    """Say whether a body follows the headers (RFC 9112, 6.3)."""
    return (
        environ.get("CONTENT_LENGTH", "0") != "0"
        or environ.get("HTTP_TRANSFER_ENCODING") is not None
    )
