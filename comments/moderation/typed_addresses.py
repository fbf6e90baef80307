"""Addresses that moderators type where words are kept in clear: found, so that they are not kept."""

import re
import unicodedata

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

REFUSAL = _(
    "There seems to be an email address in it. What you write here is kept in clear: please say it "
    "without the address."
)
# From the first letter of a word on only, and never back again: linear in the length of the text.
_ADDRESS = re.compile(r"(?<![^\s@])[^\s@]++@[\w-]++(?:\.[\w-]++)++")


def holds_address(text: str) -> bool:
    """Say whether something in the text looks like an email address."""
    return _ADDRESS.search(as_it_looks(text)) is not None


def without_addresses(text: str) -> str:
    """Return the text with each such thing cut out, and a sign in its place."""
    return _ADDRESS.sub(gettext("(address)"), as_it_looks(text)) if holds_address(text) else text


def as_it_looks(text: str) -> str:
    """Return the text in the letters that it looks like: “＠”, of full width, is “@”."""
    return unicodedata.normalize("NFKC", text)
