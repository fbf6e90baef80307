"""Strangers' servers are reached through ``comments.linkbacks.fetching`` and nothing else."""

import ast
import smtplib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FETCHING = Path("comments/linkbacks/fetching.py")
# Ways to the network, in the standard library and in what is commonly installed beside it.
NETWORK = """
socket socketserver ssl asyncio http.client urllib.request xmlrpc ftplib smtplib telnetlib poplib
imaplib nntplib urllib3 requests httpx aiohttp httplib2 pycurl niquests
"""
# They tell the errors of a mail server apart; the mail itself goes through Django.
ONLY_ERRORS = [Path("comments/mailing/posting.py"), Path("recovery/privacy_check/letters.py")]
IMPORTERS = ("__import__", "import_module", "import_string")


def modules():
    paths = (path for part in ("articles", "comments") for path in (ROOT / part).rglob("*.py"))
    return sorted(path.relative_to(ROOT) for path in paths)


def imported(tree):
    """Each dotted name a module imports; ``from a import b`` counts as ``a`` and ``a.b``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(IMPORTERS):
            yield from (word.value for word in node.args if isinstance(word, ast.Constant))


def reaching(source):
    """The network modules a source text imports."""
    names = set(imported(ast.parse(source)))
    return {
        known for known in NETWORK.split() for name in names if f"{name}.".startswith(f"{known}.")
    }


@pytest.mark.parametrize("path", ONLY_ERRORS, ids=str)
def test_of_smtplib_only_errors_are_used(path):
    tree = ast.parse((ROOT / path).read_text())
    used = {
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "smtplib"
    }
    assert used
    assert all(issubclass(getattr(smtplib, name.partition(".")[2]), OSError) for name in used)
    assert reaching((ROOT / path).read_text()) == {"smtplib"}
    assert "from smtplib" not in (ROOT / path).read_text()


@pytest.mark.parametrize(
    "path", [path for path in modules() if path not in (FETCHING, *ONLY_ERRORS)], ids=str
)
def test_module_opens_no_sockets(path):
    assert reaching((ROOT / path).read_text()) == set()


def test_project_fetches_nothing_either():
    """``recovery`` may look whether a port is free, with ``socket``, and serve; not fetch."""
    fetchers = {name for name in NETWORK.split() if name not in ("socket", "ssl", "asyncio")}
    ours = set((ROOT / "recovery").rglob("*.py"))
    for path in sorted(ours - {ROOT / path for path in ONLY_ERRORS}):
        assert reaching(path.read_text()) & fetchers == set(), path


def test_the_search_finds_what_it_looks_for():
    assert FETCHING in modules()
    assert {"socket", "http.client", "urllib3"} <= reaching((ROOT / FETCHING).read_text())


@pytest.mark.parametrize(
    "line",
    [
        "import socket",
        "import urllib.request as r",
        "from urllib import request",
        "from urllib.request import urlopen",
        "from http import client",
        "import urllib3.util",
        "from xmlrpc.client import ServerProxy",
        "import requests",
        "__import__('socket')",
        "importlib.import_module('http.client')",
    ],
)
def test_every_way_to_import_is_seen(line):
    assert reaching(line)


@pytest.mark.parametrize(
    "line",
    [
        "import urllib.parse",
        "from http import HTTPStatus",
        "from . import socket",
        "path('xmlrpc', view)",
    ],
)
def test_harmless_import_is_not(line):
    assert not reaching(line)
