"""Numbers as they stand in addresses, forms and files: digits, or nothing that is read."""

from typing import Final

#: Of the number of a row: whatever has no more is a number that every database can look for.
DIGITS_OF_A_ROW: Final = 15


def whole_number(text: str, most_digits: int) -> int | None:
    """Return the number, or None where this is none: digits of ASCII, so many at most.

    ``int()`` takes blanks, signs, underscores and the digits of every script, and its time grows with the
    square of their number.
    """
    is_number = text.isascii() and text.isdigit() and len(text) <= most_digits
    return int(text) if is_number else None
