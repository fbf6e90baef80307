"""Cards are legible: whatever the title is, it is on the picture, within its margins."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from articles.cards import HEIGHT, WIDTH, drawing, font_files, fonts
from articles.cards.drawing import INK, MARGIN, PAPER

ACCENT = "#b4122c"
SYSTEM = font_files.find(Path("/nowhere"))
DEJAVU = pytest.mark.skipif(
    not any("DejaVuSans-Bold" in path.name for path in SYSTEM), reason="needs DejaVu"
)


def picture(title, *, name="Recovery", paths=SYSTEM):
    png = drawing.draw(title, name, ACCENT, paths)
    assert png is not None
    return Image.open(BytesIO(png)).convert("RGB")


def ink(image):
    """Return the box of all that is drawn in the colour of the title, about."""
    dark = image.convert("L").point(lambda value: 255 if value < 60 else 0)
    return dark.getbbox()


@pytest.mark.parametrize(
    "title",
    [
        "On rest",
        "Recovery from Disconnection",
        "Donaudampfschifffahrtselektrizitatenhauptbetriebswerkbauunterbeamtengesellschaft",
        "W" * 200,
        "i" * 200,
        "a b " * 50,
        "<script>alert(1)</script> & “quotes” \\ %s {}",
        "On rest – “so” — and so on…",
        "A",
    ],
)
@pytest.mark.parametrize("paths", [SYSTEM, ()], ids=["system", "pillow"])
def test_the_title_is_there_within_the_margins(title, paths):
    image = picture(title, paths=paths)
    assert image.size == (WIDTH, HEIGHT) == (1200, 630)
    left, top, right, bottom = ink(image)
    assert left > drawing.KNOT
    assert right <= WIDTH - MARGIN + 8
    assert MARGIN < top < bottom <= HEIGHT - 40


def test_a_short_title_is_set_in_large_letters_and_a_long_one_in_letters_that_can_be_read():
    assert drawing.fit("On rest", None).size == 92
    longest = drawing.fit("W" * 200, None)
    # Shown 500 pixels wide, as a phone does, 44 are 18.
    assert longest.size >= 44
    assert longest.lines[-1].endswith("…")
    assert not drawing.fit("many words of usual length " * 7, None).lines[-1].endswith("…")


def test_what_fits_is_whole():
    title = "On the quiet art of doing nothing at all for an entire afternoon and more"
    assert " ".join(drawing.fit(title, None).lines) == title


def test_words_stay_whole_where_they_fit():
    font = fonts.load(None, 92)
    assert drawing.wrap("Recovery from Disconnection", font) == ["Recovery from", "Disconnection"]


def test_lines_end_between_ideographs_but_not_before_a_full_stop():
    font = fonts.load(None, 92)
    lines = drawing.wrap("从疏离中恢复：六种方法。" * 4, font)
    assert len(lines) > 1
    assert "".join(lines) == "从疏离中恢复：六种方法。" * 4
    assert not [line for line in lines if line[0] in "：。"]


def test_marks_stay_with_their_letters():
    font = fonts.load(None, 92)
    lines = drawing.wrap("e\u0301" * 100, font)
    assert not [line for line in lines if line.startswith("\u0301")]


@DEJAVU
@pytest.mark.parametrize("title", ["كيف نتعافى من الانقطاع", "איך חוזרים מניתוק"])
def test_what_runs_from_right_to_left_stands_on_the_right(title):
    image = picture(title)
    left, _, right, _ = ink(image)
    assert WIDTH - right < left
    thread = image.getpixel((WIDTH - drawing.KNOT, HEIGHT - 5))
    assert thread == Image.new("RGB", (1, 1), ACCENT).getpixel((0, 0))


def test_the_first_letter_with_a_direction_decides():
    assert drawing.runs_right_to_left("1. כן yes")
    assert not drawing.runs_right_to_left("1. yes כן")
    assert not drawing.runs_right_to_left("123")


def test_the_colour_of_the_blog_is_in_it():
    other = drawing.draw("On rest", "Recovery", "#0b57d0", SYSTEM)
    assert other is not None
    assert Image.open(BytesIO(other)).convert("RGB").getpixel((drawing.KNOT, HEIGHT - 5)) == (
        *(11, 87, 208),
    )


@pytest.mark.parametrize("accent", ["", "red", "#fff", "#gggggg", "url(x)"])
def test_what_is_no_colour_is_refused(accent):
    with pytest.raises(ValueError, match="is no colour"):
        drawing.draw("On rest", "Recovery", accent, SYSTEM)


def test_the_name_is_shown_and_a_very_long_one_is_cut():
    without = picture("On rest", name="")
    assert ImageChops.difference(without, picture("On rest", name="Recovery")).getbbox()
    assert picture("On rest", name="name " * 40).getpixel((WIDTH - 10, 101)) == (255, 255, 255)


def test_what_no_font_has_is_not_drawn_at_all():
    assert drawing.draw("\U00010a60\U00010a61", "Recovery", ACCENT, ()) is None
    assert drawing.draw("从疏离中恢复", "Recovery", ACCENT, ()) is None
    assert drawing.draw("  ", "Recovery", ACCENT, SYSTEM) is None


def test_a_name_that_no_font_has_is_left_out():
    assert not ImageChops.difference(
        picture("On rest", name="从疏离", paths=()), picture("On rest", name="", paths=())
    ).getbbox()


def test_the_same_is_the_same_to_the_byte_and_small():
    one, other = (drawing.draw("On rest", "Recovery", ACCENT, SYSTEM) for _ in range(2))
    assert one == other
    assert one is not None
    assert len(one) < 40_000
    assert (PAPER, INK) == ("#ffffff", "#1b1d22")
