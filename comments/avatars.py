"""Small pictures drawn from the public name: no request leaves, nothing personal goes in."""

import hashlib
import unicodedata

from django.utils.html import format_html
from django.utils.safestring import SafeString

HUES = 12  # the theme colours the classes h0 … h11


def initials(name: str) -> str:
    """Return the first letters of the first and the last word, or an ellipsis for a name of none."""
    words = [
        "".join(char for char in word if char.isalnum())
        for word in unicodedata.normalize("NFC", name).split()
    ]
    letters = [word[0] for word in words if word]
    return "".join(dict.fromkeys([*letters[:1], *letters[1:][-1:]])).upper()[:3] or "…"


def draw(name: str) -> SafeString:
    """Return an inline SVG with the initials on a colour that the name always gets."""
    hue = hashlib.sha256(name.casefold().encode("utf-8", "replace")).digest()[0] % HUES
    return format_html(
        '<svg class="avatar h{}" viewBox="0 0 40 40" width="40" height="40" aria-hidden="true" focusable="false">'
        '<circle cx="20" cy="20" r="20"/><text x="20" y="21" dominant-baseline="middle" text-anchor="middle">{}</text></svg>',
        hue,
        initials(name),
    )
