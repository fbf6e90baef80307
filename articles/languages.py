"""Languages of articles, named as HTML names them (BCP 47)."""

import re
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

LONGEST_TAG: Final = 35
"""Longest language tag, in characters: RFC 5646, 4.4.1 asks for room for so many."""

_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
# What is written from right to left unless another script is said, and the scripts that are.
_RIGHT_TO_LEFT: Final = frozenset(
    re.findall(
        r"\w+",
        "ar arc azb ckb dv fa he iw ji ks ps sd syr ug ur yi"
        " adlm arab hebr mand nkoo rohg samr syrc thaa",
    )
)


def validate_language(text: str) -> None:
    """Raise ``ValidationError`` unless this looks like a language tag (BCP 47)."""
    if not _TAG.fullmatch(text):
        raise ValidationError(
            _("“%(text)s” is no language tag such as “de”, “pt-BR” or “zh-Hant”."),
            code="language",
            params={"text": text},
        )


def direction(tag: str) -> str:
    """Return “rtl” or “ltr”: by the script that the tag names, else by the language."""
    language, *others = tag.lower().split("-")
    script = next((part for part in others if len(part) == 4 and part.isalpha()), language)
    return "rtl" if script in _RIGHT_TO_LEFT else "ltr"
