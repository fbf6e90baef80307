"""The lines that are printed: one for each place, and a summary."""

from collections.abc import Iterator
from itertools import groupby

from recovery.privacy_check.ledger import Ledger, Place


def as_text(ledger: Ledger) -> str:
    """Return the places by section; the last line says whether anything was found."""
    lines: list[str] = []
    for section, places in groupby(ledger.places, key=lambda place: place.section):
        lines += ["", section]
        for place in places:
            lines += _lines(place)
    return "\n".join([*lines, "", summary(ledger)])


def _lines(place: Place) -> Iterator[str]:
    word = "FOUND" if place.faults else "clean"
    yield f"  {word}  {place.looks:5} × {_size(place.size):>9}  {place.name}"
    for sentence, times in place.faults.items():
        yield f"         {sentence}" + (f", {times} times" if times > 1 else "")


def _size(size: int) -> str:
    return f"{size / 1024:,.0f} KB" if size >= 1024 else f"{size} B"


def summary(ledger: Ledger) -> str:
    """Return one sentence."""
    places = ledger.places
    looks, size = sum(place.looks for place in places), sum(place.size for place in places)
    seen = f"{looks:,} looks at {len(places)} places, {_size(size)}"
    if not ledger.faulty:
        return f"Clean: {seen}."
    return f"NOT CLEAN: {len(ledger.faulty)} of {len(places)} places ({seen})."
