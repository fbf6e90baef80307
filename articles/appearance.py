"""The style sheet that pages name: without comments and indentation, with the owner's accent colour in it.

No inline style is allowed (see ``SECURE_CSP``), and a second sheet would be a second request. So the
accent is written into the one that there is, under a name that changes with what it says.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.contrib.staticfiles import finders
from django.urls import reverse

from articles import colour

SHEET: Final = "css/site.css"
DEFAULT_ACCENT: Final = "#b4122c"
"""The accent as the sheet is written, in the light scheme."""

# What the accent is seen on: as text, or as the edge of what a button says.
BACKGROUNDS: Final = ("paper", "wash", "warn")
_BOTH_SCHEMES = re.compile(r"--([a-z-]+): light-dark\((#[0-9a-f]+), (#[0-9a-f]+)\)")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_ACCENT = re.compile(r"--thread: [^;]+;")


@dataclass(frozen=True)
class Sheet:
    """A style sheet and where it is found."""

    css: str
    digest: str

    @property
    def url(self) -> str:
        return reverse("style", args=[self.digest])


def palette(css: str) -> dict[str, tuple[str, str]]:
    """Return the colours of a style sheet by name, each for the light and the dark scheme."""
    return {name: (light, dark) for name, light, dark in _BOTH_SCHEMES.findall(css)}


def accents(css: str, accent: str) -> tuple[str, str]:
    """Return the accent as it can be read in the light and in the dark scheme of this sheet."""
    colours = palette(css)
    light, dark = ([colours[name][scheme] for name in BACKGROUNDS] for scheme in (0, 1))
    return (
        colour.readable(accent, light, lighter=False),
        colour.readable(accent, dark, lighter=True),
    )


def with_accent(css: str, accent: str) -> str:
    """Return the sheet with this accent: first for browsers without ``light-dark()``, then for all others."""
    light, dark = accents(css, accent)
    values = iter((light, f"light-dark({light}, {dark})"))
    return _ACCENT.sub(lambda _: f"--thread: {next(values)};", css, count=2)


def written() -> str:
    """Return the style sheet as it is written."""
    return _source().read_text(encoding="utf-8")


def sheet(accent: str = "") -> Sheet:
    """Return the style sheet with this accent, or its own."""
    source = _source()
    return _made(source, source.stat().st_mtime_ns, accent)


def compact(css: str) -> str:
    """Return the sheet without what only its authors read: comments, and blanks that say nothing.

    It has no string with a brace, semicolon or comma in it, and none with two blanks.
    """
    css = " ".join(_COMMENT.sub("", css).split())
    return re.sub(r" ?([{};,]) ?", r"\1", css).replace(": ", ":").replace(";}", "}")


@lru_cache(maxsize=1)
def _source() -> Path:
    found = finders.find(SHEET)
    if not isinstance(found, str):
        raise FileNotFoundError(SHEET)
    return Path(found)


@lru_cache(maxsize=4)
def _made(source: Path, _changed: int, accent: str) -> Sheet:
    written = source.read_text(encoding="utf-8")
    css = compact(with_accent(written, accent) if accent else written)
    return Sheet(css, hashlib.sha256(css.encode()).hexdigest()[:12])
