"""Every pair of colours that meets on a page is read well, in both schemes, whatever the accent."""

import colorsys
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles import appearance
from articles.colour import TEXT, contrast, is_colour, readable

# The least contrast of controls and marks (WCAG 2.2, 1.4.11), and of what is read at length (1.4.6).
CONTROL, BODY = 3.0, 7.0
PAPERS = ("paper", "wash", "warn")
CODE = ("c-comment", "c-key", "c-text", "c-number", "c-name")
# What is read or has to be seen, on what, and with which contrast at least.
PAIRS = [
    *(("ink", paper, BODY) for paper in PAPERS),
    *(("soft", paper, TEXT) for paper in PAPERS),
    *(("thread", paper, TEXT) for paper in PAPERS),
    # The words of a button, of the author's badge, of the link that skips.
    *(("paper", ground, TEXT) for ground in ("thread", "ink")),
    *((token, paper, TEXT) for token in CODE for paper in ("wash", "warn")),
    *(("edge", paper, CONTROL) for paper in PAPERS),
    *(("focus", paper, CONTROL) for paper in PAPERS),
]
# Lines between what is set apart by its place as well.
DECORATION = {"rule"}
LINE = 2.2  # of the branches, which indentation and “in reply to” say as well
ACCENTS = ["", "#ffd400", "#1c4fa8", "#00ff00", "#000000", "#ffffff", "#808080", "#5b2a86"]


@pytest.fixture(params=ACCENTS)
def colours(request):
    css = appearance.written()
    return appearance.palette(appearance.with_accent(css, request.param) if request.param else css)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("seen", "ground", "least"), PAIRS)
def test_pairs_of_colours(colours, scheme, seen, ground, least):
    assert contrast(colours[seen][scheme], colours[ground][scheme]) >= least


def test_every_colour_is_looked_at():
    looked_at = {name for pair in PAIRS for name in pair[:2]} | DECORATION
    assert set(appearance.palette(appearance.written())) == looked_at


def test_branches_are_seen(colours):
    share = int(
        re.search(r"--branch: color-mix\(in srgb, var\(--thread\) (\d+)%", appearance.written())[1]
    )
    for thread, paper in zip(colours["thread"], colours["paper"], strict=True):
        assert contrast(mixed(thread, paper, share / 100), paper) >= LINE


def mixed(one, other, share):
    one, other = ("#" + "".join(2 * d for d in c[1:]) if len(c) == 4 else c for c in (one, other))
    parts = [
        round(int(one[at : at + 2], 16) * share + int(other[at : at + 2], 16) * (1 - share))
        for at in (1, 3, 5)
    ]
    return "#" + "".join(f"{part:02x}" for part in parts)


def test_initials_on_every_avatar():
    hues = [int(hue) for hue in re.findall(r"--h: (\d+)", appearance.written())]
    found = re.search(r"fill: hsl\(var\(--h\) (\d+)% (\d+)%\)", appearance.written())
    saturation, lightness = (int(part) / 100 for part in found.groups())
    assert len(hues) == 12
    for hue in hues:
        channels = colorsys.hls_to_rgb(hue / 360, lightness, saturation)
        ground = "#" + "".join(f"{round(255 * channel):02x}" for channel in channels)
        assert contrast("#fff", ground) >= TEXT


def test_browsers_without_light_dark_get_the_light_scheme():
    css = appearance.written()
    first = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+);", css.partition("@supports")[0]))
    assert first == {name: light for name, (light, _) in appearance.palette(css).items()}


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000", "#fff", 21.0),
        ("#fff", "#ffffff", 1.0),
        ("#777777", "#fff", 4.48),
        ("#f00", "#fff", 4.0),
    ],
)
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert contrast(other, one) == contrast(one, other)


COLOURS = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)


@given(COLOURS, st.booleans())
def test_a_readable_colour_is_readable(colour, lighter):
    grounds = ["#14161b", "#3a2f12"] if lighter else ["#fff", "#fff3d1"]
    found = readable(colour, grounds, lighter=lighter)
    assert all(contrast(found, ground) >= TEXT for ground in grounds)


def test_what_is_readable_stays_as_it_is():
    assert readable("#b4122c", ["#fff"], lighter=False) == "#b4122c"


def test_the_nearest_is_taken_and_keeps_its_hue():
    found = readable("#ffd400", ["#fff"], lighter=False)
    assert contrast(found, "#fff") < TEXT + 0.2
    red, green, blue = (int(found[at : at + 2], 16) for at in (1, 3, 5))
    assert red > green > blue == 0


@pytest.mark.parametrize("text", ["#fff", "#B4122C", "#000000"])
def test_colours(text):
    assert is_colour(text)


@pytest.mark.parametrize("text", ["", "fff", "#ffff", "#fffffg", "red", "#fff;", "#fff\n"])
def test_no_colours(text):
    assert not is_colour(text)
