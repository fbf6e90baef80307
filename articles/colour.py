"""Colours by how well they are read: contrast as WCAG 2.2 defines it. Plain Python."""

import colorsys
import re
from collections.abc import Iterable
from typing import Final

TEXT: Final = 4.5
"""The least contrast of text (WCAG 2.2, 1.4.3)."""

_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
_STEPS: Final = 200


def is_colour(text: str) -> bool:
    """Say whether this is a colour as CSS writes it in hexadecimal: ``#b4122c``, ``#fff``."""
    return _HEX.fullmatch(text) is not None


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21 (WCAG 2.2, “contrast ratio”)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def readable(colour: str, on: Iterable[str], *, lighter: bool, at_least: float = TEXT) -> str:
    """Return the colour, or the nearest lighter or darker one with that contrast on all of these.

    The hue stays. White or black comes back where even they have less.
    """
    backgrounds = list(on)
    hue, start, saturation = colorsys.rgb_to_hls(*_channels(colour))
    end = 1.0 if lighter else 0.0
    for step in range(_STEPS + 1):
        lightness = start + (end - start) * step / _STEPS
        found = _written(colorsys.hls_to_rgb(hue, lightness, saturation))
        if all(contrast(found, background) >= at_least for background in backgrounds):
            return found
    return "#ffffff" if lighter else "#000000"


def _channels(colour: str) -> tuple[float, float, float]:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue


def _written(channels: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in channels)


def _luminance(colour: str) -> float:
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in _channels(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
