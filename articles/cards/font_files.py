"""The files of fonts that there are: the owner's, and the known ones of the machine. Without Pillow."""

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

SYSTEM: Final = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    # Not Path.home(): a service may run as a user who has none, and the site is to start all the same.
    Path(os.path.expanduser("~/.local/share/fonts")),
    Path("/System/Library/Fonts"),
    Path("/Library/Fonts"),
)
#: The owner's own come first, whatever they are called; of the system's, these, in this order.
KNOWN: Final = (
    "NotoSerif-Bold.ttf",
    "DejaVuSerif-Bold.ttf",
    "LiberationSerif-Bold.ttf",
    "DejaVuSans-Bold.ttf",
    "NotoSans-Bold.ttf",
    "NotoSerifCJK-Bold.ttc",
    "NotoSansCJK-Bold.ttc",
    "NotoSansCJK-Regular.ttc",
    "wqy-zenhei.ttc",
    "wqy-microhei.ttc",
    "DroidSansFallbackFull.ttf",
    "NotoSansArabic-Bold.ttf",
    "NotoSansHebrew-Bold.ttf",
    "NotoSansDevanagari-Bold.ttf",
    "NotoSansBengali-Bold.ttf",
    "NotoSansTamil-Bold.ttf",
    "NotoSansThai-Bold.ttf",
    "Hiragino Sans GB.ttc",
    "PingFang.ttc",
    "Arial Unicode.ttf",
)
_SUFFIXES: Final = (".ttf", ".otf", ".ttc")
_MOST_FILES: Final = 20_000  # names looked at in a folder of fonts


def find(own: Path) -> tuple[Path, ...]:
    """Return the fonts of the owner, who puts them into that folder, and the known ones of the system."""
    return (*sorted(_fonts_in(own)), *_of_system())


@lru_cache(maxsize=1)
def _of_system() -> tuple[Path, ...]:
    there = {path.name: path for folder in SYSTEM for path in _fonts_in(folder)}
    return tuple(there[name] for name in KNOWN if name in there)


def _fonts_in(folder: Path) -> Iterator[Path]:
    seen = 0
    for place, _, names in os.walk(folder):
        for name in names:
            if name.lower().endswith(_SUFFIXES):
                yield Path(place) / name
        seen += len(names)
        if seen > _MOST_FILES:
            return
