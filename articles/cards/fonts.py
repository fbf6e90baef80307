"""Letters for cards: those of the owner, of the machine, or the ones that come with Pillow.

Nothing is downloaded. Of the fonts below, the first that has every letter of a text is taken, so that no
card shows empty boxes. Pillow's own has the letters of English and nothing else; DejaVu (on most Linux
machines) has all of Latin, Greek, Cyrillic, Armenian, Georgian, Arabic and Hebrew; for Chinese, Japanese,
Korean and the scripts of India and Southeast Asia a font of the owner or of the system has to be there. A
text is set in one font.
"""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Final

from PIL import ImageFont, features

Font = ImageFont.FreeTypeFont

#: No font has this one: what it draws instead is what it draws for everything that it lacks.
_NOBODYS: Final = "\U0010fffe"
#: What is left out where no font has it, rather than the whole card: emoji and other symbols.
_DISPENSABLE: Final = ("So", "Sk", "Cn", "Co", "Cs", "Cc", "Cf")
#: What does for typographic signs where no font has them.
_PLAINER: Final = str.maketrans({"–": "-", "—": "-", "\u00a0": " ", "„": "“", "•": "·"})
_PROBE_SIZE: Final = 24  # pixels


def for_text(text: str, paths: Iterable[Path]) -> tuple[str, Path | None] | None:
    """Return the text as it can be drawn and the first font that has its letters.

    None as a font stands for Pillow's own; None altogether says that no font here can do it.
    """
    if not can_shape(text):
        return None
    return _with_all(text, paths) or _with_all(text.translate(_PLAINER), paths)


def _with_all(text: str, paths: Iterable[Path]) -> tuple[str, Path | None] | None:
    fallback = None
    for path in (*paths, None):
        lacking = _lacking(frozenset(text), path)
        if not lacking:
            return text, path
        if fallback is None and all(unicodedata.category(one) in _DISPENSABLE for one in lacking):
            left = " ".join("".join(one for one in text if one not in lacking).split())
            fallback = (left, path) if left else None
    return fallback


def can_shape(text: str) -> bool:
    """Say whether letters are put together here as the script wants it.

    Right-to-left and Indic scripts need libraqm with FriBiDi; without them letters stand apart and backwards.
    """
    is_simple = all(
        unicodedata.bidirectional(one) not in ("R", "AL", "AN")
        and unicodedata.category(one) not in ("Mc", "Mn")
        for one in text
    )
    return is_simple or bool(features.check("raqm"))


@lru_cache(maxsize=64)
def load(path: Path | None, size: int) -> Font:
    """Return the font in this size (pixels); raise ``OSError`` for a file that is none."""
    if path is not None:
        return ImageFont.truetype(str(path), size)
    own = ImageFont.load_default(size=size)
    if not isinstance(own, ImageFont.FreeTypeFont):
        raise OSError("Pillow was built without FreeType.")
    return own


@lru_cache(maxsize=256)
def _lacking(letters: frozenset[str], path: Path | None) -> frozenset[str]:
    """Return the letters that a font draws as it draws what it lacks; all of them for a broken file."""
    try:
        font = load(path, _PROBE_SIZE)
        nothing = _picture(font, _NOBODYS)
    except OSError:
        return letters
    visible = (one for one in letters if not one.isspace() and not _is_invisible(one))
    return frozenset(one for one in visible if _picture(font, one) == nothing)


def _is_invisible(letter: str) -> bool:
    # Joiners and marks of direction; variation selectors.
    return unicodedata.category(letter) in ("Cf", "Cc") or "\ufe00" <= letter <= "\ufe0f"


def _picture(font: Font, letter: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(letter, mode="L")
    return mask.size, bytes(mask)
