"""Draws a card: 1200 × 630 pixels, the size that OpenGraph's readers ask for. Plain Python, no Django."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

from articles.cards import HEIGHT, WIDTH, fonts
from articles.cards.fonts import Font

PAPER, INK, SOFT = "#ffffff", "#1b1d22", "#555963"
MARGIN: Final = 84
#: From the edge to the thread, and from there to the text.
KNOT, INDENT = 96, 72
_TEXT_WIDTH: Final = WIDTH - KNOT - INDENT - MARGIN
#: Between the blog's name and the lower edge.
_TOP, _BOTTOM = 170, HEIGHT - 70
_SIZES: Final = (92, 82, 72, 64, 56, 50, 44)
_LINE_HEIGHT: Final = 1.22
_NAME_SIZE: Final = 34
_COLOURS: Final = 48
_SHARPER: Final = 4
_DIGITS: Final = re.compile(r"#[0-9a-fA-F]{6}")
#: Never first in a line, and never last (of JIS X 4051, what titles are likely to have).
_NOT_FIRST: Final = frozenset("、。，．・？！：；）］｝〕〉》」』】’”ー々,.!?:;)]}%…")
_NOT_LAST: Final = frozenset("（［｛〔〈《「『【‘“([{")


@dataclass(frozen=True)
class Lines:
    """A title in lines that fit, and the letters to draw it with."""

    lines: list[str]
    font: Font
    size: int

    @property
    def height(self) -> float:
        return len(self.lines) * self.size * _LINE_HEIGHT


def draw(title: str, blog_name: str, accent: str, paths: tuple[Path, ...]) -> bytes | None:
    """Return the card as PNG, or None where no font here has the letters of the title.

    ``accent`` is ``#rrggbb``. A name that cannot be drawn is left out. Raises ``ValueError`` for another
    form of colour.
    """
    if not _DIGITS.fullmatch(accent):
        raise ValueError(f"“{accent}” is no colour of the form #rrggbb.")
    found = fonts.for_text(_one_line(title), paths)
    if found is None or not found[0]:
        return None
    lines = fit(*found)
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    is_rtl = runs_right_to_left(title)
    _draw_title(image, lines, accent, is_rtl)
    name = fonts.for_text(_one_line(blog_name), paths) or ("", None)
    _draw_name(image, *name, accent, is_rtl)
    return _png(image)


def _one_line(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def runs_right_to_left(text: str) -> bool:
    """Say whether the first letter that has a direction runs from right to left (UAX #9, P2)."""
    strong = (unicodedata.bidirectional(one) for one in text)
    return next((one for one in strong if one in ("L", "R", "AL")), "L") != "L"


def fit(text: str, path: Path | None) -> Lines:
    """Return the text in the largest letters in which it fits; what never does is cut, with “…”."""
    for size in _SIZES:
        lines = Lines(wrap(text, fonts.load(path, size)), fonts.load(path, size), size)
        if lines.height <= _BOTTOM - _TOP:
            return lines
    most = int((_BOTTOM - _TOP) / (lines.size * _LINE_HEIGHT))
    shown = lines.lines[:most]
    shown[-1] = _shortened(shown[-1], lines.font)
    return Lines(shown, lines.font, lines.size)


def _shortened(line: str, font: Font) -> str:
    pieces = list(_graphemes(line))
    while pieces and font.getlength("".join(pieces) + "…") > _TEXT_WIDTH:
        pieces.pop()
    return "".join(pieces).rstrip() + "…"


def wrap(text: str, font: Font) -> list[str]:
    """Return the text in lines no wider than a card: broken at blanks and between ideographs.

    A word that is wider than a line is broken where the line ends.
    """
    lines, line = [], ""
    for piece in _pieces(text):
        if font.getlength((line + piece).rstrip()) <= _TEXT_WIDTH:
            line += piece
            continue
        if line.strip():
            lines.append(line.strip())
        *full, line = _broken(piece, font)
        lines += full
    return [*lines, line.strip()] if line.strip() else lines


def _broken(piece: str, font: Font) -> list[str]:
    lines = [""]
    for grapheme in _graphemes(piece):
        if lines[-1] and font.getlength((lines[-1] + grapheme).rstrip()) > _TEXT_WIDTH:
            lines.append("")
        lines[-1] += grapheme
    return lines


def _pieces(text: str) -> Iterator[str]:
    """Return the parts of a text between which a line may end, blanks at their ends."""
    piece = ""
    for grapheme in _graphemes(text):
        if piece and _may_break(piece[-1], grapheme[0]):
            yield piece
            piece = ""
        piece += grapheme
    yield piece


def _may_break(before: str, after: str) -> bool:
    if before.isspace():
        return not after.isspace()
    if after in _NOT_FIRST or before in _NOT_LAST or after.isspace():
        return False
    return _is_wide(before) or _is_wide(after) or before == "-"


def _is_wide(letter: str) -> bool:
    # Korean is written with blanks between words.
    is_hangul = "\uac00" <= letter <= "\ud7a3"
    return unicodedata.east_asian_width(letter) in ("W", "F") and not is_hangul


def _graphemes(text: str) -> Iterator[str]:
    """Return letters with the marks that belong to them."""
    held = ""
    for one in text:
        is_mark = unicodedata.category(one)[0] == "M" or one in "\u200c\u200d"
        if held and not is_mark and held[-1] != "\u200d":
            yield held
            held = ""
        held += one
    if held:
        yield held


def _draw_title(image: Image.Image, lines: Lines, accent: str, is_rtl: bool) -> None:
    pen = ImageDraw.Draw(image)
    step = lines.size * _LINE_HEIGHT
    top = _TOP + max(0.0, (_BOTTOM - _TOP - lines.height) / 2)
    _draw_thread(pen, accent, is_rtl)
    for number, line in enumerate(lines.lines):
        _write(pen, line, lines.font, top + (number + 0.5) * step, INK, is_rtl)
    _draw_knot(image, top + 0.5 * step, 21, accent, PAPER, is_rtl)


def _draw_name(image: Image.Image, name: str, path: Path | None, accent: str, is_rtl: bool) -> None:
    font = fonts.load(path, _NAME_SIZE)
    middle = MARGIN + _NAME_SIZE / 2
    if font.getlength(name) > _TEXT_WIDTH:
        name = _shortened(name, font)
    _write(ImageDraw.Draw(image), name, font, middle, SOFT, is_rtl)
    _draw_knot(image, middle, 15, accent, accent, is_rtl)


def _write(
    pen: ImageDraw.ImageDraw, line: str, font: Font, middle: float, colour: str, is_rtl: bool
) -> None:
    start = KNOT + INDENT
    x, anchor = (WIDTH - start, "rm") if is_rtl else (start, "lm")
    pen.text((x, middle), line, fill=colour, font=font, anchor=anchor)


def _thread_at(is_rtl: bool) -> int:
    return WIDTH - KNOT if is_rtl else KNOT


def _draw_thread(pen: ImageDraw.ImageDraw, accent: str, is_rtl: bool) -> None:
    x = _thread_at(is_rtl)
    pen.rectangle((x - 3, MARGIN + _NAME_SIZE / 2, x + 3, HEIGHT), fill=accent)


def _draw_knot(
    image: Image.Image, middle: float, radius: int, edge: str, inside: str, is_rtl: bool
) -> None:
    """Draw a ring on the thread, in several times its size first: Pillow draws circles with steps."""
    side = 2 * radius * _SHARPER
    mask = Image.new("L", (side, side), 0)
    ImageDraw.Draw(mask).ellipse((0, 0, side - 1, side - 1), fill=255)
    hole = Image.new("L", (side, side), 0)
    border = 6 * _SHARPER
    ImageDraw.Draw(hole).ellipse((border, border, side - border, side - border), fill=255)
    place = (_thread_at(is_rtl) - radius, round(middle) - radius)
    for shape, colour in ((mask, edge), (hole, inside)):
        small = shape.resize((2 * radius, 2 * radius), Image.Resampling.LANCZOS)
        image.paste(colour, (*place, place[0] + 2 * radius, place[1] + 2 * radius), small)


def _png(image: Image.Image) -> bytes:
    """Return the picture with few colours, which is a third of the bytes and looks the same."""
    out = BytesIO()
    image.quantize(_COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()
