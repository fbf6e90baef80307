"""The owner's own links, written one on a line: a text and an address."""

import re
from dataclasses import dataclass
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

MOST: Final = 12
_ADDRESS = re.compile(r"(?:https?://|mailto:|/(?![/\\]))\S*", re.IGNORECASE)


@dataclass(frozen=True)
class Link:
    """A link as readers see it."""

    text: str
    address: str


def links(text: str) -> list[Link]:
    """Return the links; lines that are none are left out."""
    return [link for line in text.splitlines() if (link := _link(line))]


def validate(text: str) -> None:
    """Raise ``ValidationError`` with a sentence for each line that is no link."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    problems = [_problem(line) for line in lines if not _link(line)]
    if len(lines) > MOST:
        problems.append(
            gettext("These are %(count)s links; there is room for %(most)s.")
            % {"count": len(lines), "most": MOST}
        )
    if problems:
        raise ValidationError(problems)


def _link(line: str) -> Link | None:
    words = line.split()
    if len(words) < 2 or not _ADDRESS.fullmatch(words[-1]):
        return None
    return Link(" ".join(words[:-1]), words[-1])


def _problem(line: str) -> str:
    shown = line if len(line) <= 60 else f"{line[:59]}…"
    words = line.split()
    if _ADDRESS.fullmatch(words[-1]):
        return gettext("“%(line)s” has no text before its address.") % {"line": shown}
    return gettext("“%(line)s” does not end with an address that begins with / or https://.") % {
        "line": shown
    }
