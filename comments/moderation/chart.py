"""Where the bars of the health page stand: numbers in, SVG attributes out.

Sideways everything is in per cent, so that the drawing takes any width and its letters keep their
size; upwards it is in pixels. No style is used: the site's content security policy forbids it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext

from comments.moderation.measures import Day

HEIGHT, TOP, BASE = 200, 20, 172  # pixels
LEFT = 7.0  # per cent, for the numbers at the lines
_STEPS = (2, 4, 6, 10)  # the highest line: half of it is a whole number too


@dataclass(frozen=True)
class Bar:
    """One rectangle; ``kind`` is its class, “approved” or “spam”."""

    kind: str
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True)
class Group:
    """The bars of a day."""

    title: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Line:
    """A level line with its number."""

    y: int
    text_y: int
    label: str


@dataclass(frozen=True)
class Label:
    """A date below the bars."""

    x: str
    anchor: str
    text: str


@dataclass(frozen=True)
class Chart:
    """Everything that the drawing needs."""

    groups: tuple[Group, ...]
    lines: tuple[Line, ...]
    labels: tuple[Label, ...]
    height: int = HEIGHT
    left: str = f"{LEFT}%"
    text_y: int = HEIGHT - 10


def draw(days: Sequence[Day]) -> Chart:
    """Lay out two bars a day, approved and then spam, for one day at least."""
    top = ceiling(max(max(day.approved, day.spam) for day in days))
    slot = (100 - LEFT) / len(days)
    groups = tuple(_group(day, LEFT + number * slot, slot, top) for number, day in enumerate(days))
    lines = tuple(_line(level, top) for level in (0, top // 2, top))
    return Chart(groups, lines, _labels(days))


def ceiling(most: int) -> int:
    """Return the least of 2, 4, 6, 10, 20, 40, 60, 100, … that nothing exceeds."""
    scale = 1
    while most > _STEPS[-1] * scale:
        scale *= 10
    return next(step * scale for step in _STEPS if most <= step * scale)


def _group(day: Day, x: float, slot: float, top: int) -> Group:
    counted = {"day": _short(day), "approved": day.approved, "spam": day.spam}
    title = gettext("%(day)s: %(approved)s approved, %(spam)s spam") % counted
    width = slot * 0.4
    pairs = (("approved", day.approved, slot * 0.08), ("spam", day.spam, slot * 0.52))
    bars = (_bar(kind, count, x + shift, width, top) for kind, count, shift in pairs if count)
    return Group(title, tuple(bars))


def _bar(kind: str, count: int, x: float, width: float, top: int) -> Bar:
    height = max((BASE - TOP) * count / top, 1.0)  # one of a thousand is still to be seen
    return Bar(kind, f"{x:.3f}%", f"{BASE - height:.2f}", f"{width:.3f}%", f"{height:.2f}")


def _line(level: int, top: int) -> Line:
    y = round(BASE - (BASE - TOP) * level / top)
    thousands = level >= 1000 and level % 1000 == 0
    return Line(
        y, y + 4, gettext("%(count)sk") % {"count": level // 1000} if thousands else str(level)
    )


def _labels(days: Sequence[Day]) -> tuple[Label, ...]:
    middle = days[len(days) // 2]
    return (
        Label(f"{LEFT}%", "start", _short(days[0])),
        Label(f"{(100 + LEFT) / 2:.1f}%", "middle", _short(middle)),
        Label("100%", "end", _short(days[-1])),
    )


def _short(day: Day) -> str:
    return date_format(day.date, pgettext("date format", "j M"))
