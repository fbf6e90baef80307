"""Where the bars of the health page stand."""

import datetime

import pytest

from comments.moderation import chart
from comments.moderation.measures import Day

FIRST = datetime.date(2026, 1, 1)


@pytest.mark.parametrize(
    ("most", "top"),
    [(0, 2), (2, 2), (3, 4), (5, 6), (7, 10), (11, 20), (101, 200), (10**6, 10**6)],
)
def test_the_highest_line_is_even_and_above_everything(most, top):
    assert chart.ceiling(most) == top


def test_every_bar_stands_on_the_ground_inside_its_own_day():
    drawn = chart.draw([Day(FIRST + datetime.timedelta(days=n), n, 40 - n) for n in range(41)])
    slot, right = (100 - chart.LEFT) / 41, chart.LEFT
    for group in drawn.groups:
        for bar in group.bars:
            assert float(bar.y) + float(bar.height) == pytest.approx(chart.BASE, abs=0.01)
            assert float(bar.y) >= chart.TOP
            x, width = float(bar.x[:-1]), float(bar.width[:-1])
            assert right <= x < x + width <= right + slot
        right += slot


def test_one_of_thousands_is_still_to_be_seen():
    drawn = chart.draw([Day(FIRST, 60_000, 1)])
    assert [float(bar.height) for bar in drawn.groups[0].bars] == [152, 1]
    assert [line.label for line in drawn.lines] == ["0", "30k", "60k"]
