"""Slugs: the part of an article's address that is made from its title."""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MAX_LENGTH = 80
_KEPT_CATEGORIES = (
    "LNM"  # letters, numbers, and the marks that Indic and other scripts write vowels with
)


def slugify(title: str) -> str:
    """Return the title as lower-case words joined by hyphens, at most 80 characters.

    Letters of every script stay as they are (``django.utils.text.slugify`` drops the vowel signs
    of Hindi, Thai and others even when it allows Unicode). A title without any letter or digit
    gives an empty string.
    """
    lower = unicodedata.normalize("NFKC", title).lower().replace("'", "").replace("’", "")
    # Last, so that a letter and an accent that an apostrophe kept apart become one as well.
    normal = unicodedata.normalize("NFC", lower)
    words = "".join(
        char if unicodedata.category(char)[0] in _KEPT_CATEGORIES else " " for char in normal
    ).split()
    slug = "-".join(words)
    if len(slug) <= MAX_LENGTH:
        return slug
    cut = slug[: MAX_LENGTH + 1].rpartition("-")[0] or slug[:MAX_LENGTH]
    return cut.strip("-")


def validate_slug(value: str) -> None:
    """Refuse what would not survive in an address as it is."""
    if not value or slugify(value) != value:
        raise ValidationError(
            _("“%(value)s” cannot be part of an address. Try “%(better)s”."),
            params={"value": value, "better": slugify(value) or "article"},
        )


def first_free(wanted: str, taken: set[str]) -> str:
    """Return the slug, or the slug with the first number from 2 that nobody has."""
    if wanted not in taken:
        return wanted
    stem, number = wanted[: MAX_LENGTH - 6].rstrip("-"), 2
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"
