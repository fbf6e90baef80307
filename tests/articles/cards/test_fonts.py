"""Fonts are those that are there, and only one that has all the letters is taken."""

import runpy
import shutil
from pathlib import Path

import pytest

from articles.cards import font_files, fonts

SYSTEM = font_files.find(Path("/nowhere"))
needs_dejavu = pytest.mark.skipif(
    not any("DejaVu" in path.name for path in SYSTEM), reason="needs DejaVu"
)


def test_without_any_font_of_the_system_pillows_own_does_english():
    plain = "What’s “recovery”? From {Disconnection}; 1+1=2…"
    assert fonts.for_text(plain, ()) == (plain, None)
    assert fonts.for_text("On rest – again", ()) == ("On rest - again", None)
    assert fonts.for_text("Выздоровление", ()) is None
    assert fonts.for_text("Ünïcödé", ()) is None


@needs_dejavu
@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Recovery", "DejaVuSerif-Bold.ttf"),
        ("Выздоровление – ½ × ¾", "DejaVuSerif-Bold.ttf"),
        ("Ünïcödé", "DejaVuSerif-Bold.ttf"),
        ("كيف نتعافى", "DejaVuSans-Bold.ttf"),
        ("איך חוזרים", "DejaVuSans-Bold.ttf"),
    ],
)
def test_the_first_font_that_has_every_letter(text, name):
    only = [path for path in SYSTEM if "DejaVu" in path.name]
    found = fonts.for_text(text, only)
    assert found is not None
    assert found[1] is not None
    assert found[1].name == name


def test_the_owners_fonts_come_first(tmp_path):
    assert font_files.find(tmp_path) == SYSTEM
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "Mine.OTF").write_bytes(b"")
    (tmp_path / "readme.txt").write_bytes(b"")
    assert font_files.find(tmp_path) == (tmp_path / "sub" / "Mine.OTF", *SYSTEM)


def test_a_broken_file_is_passed_over(tmp_path):
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    assert fonts.for_text("Recovery", [broken]) == ("Recovery", None)


@needs_dejavu
def test_an_own_font_is_used(tmp_path):
    own = tmp_path / "Own.ttf"
    shutil.copy(next(path for path in SYSTEM if "DejaVu" in path.name), own)
    assert fonts.for_text("Recovery", font_files.find(tmp_path)) == ("Recovery", own)


def test_symbols_that_nobody_has_are_left_out_but_no_letter_is():
    assert fonts.for_text("How we launched 🚀 and lived", ()) == ("How we launched and lived", None)
    assert fonts.for_text("🚀🚀", ()) is None
    assert fonts.for_text("Rocket 从", ()) is None


def test_joiners_and_selectors_are_no_letters():
    assert fonts.for_text("so\u200dft\ufe0f", ()) == ("so\u200dft\ufe0f", None)


def test_scripts_that_have_to_be_shaped_need_who_shapes_them(monkeypatch):
    monkeypatch.setattr("PIL.features.check", lambda name: False)
    assert fonts.for_text("كيف", SYSTEM) is None
    assert fonts.can_shape("Recovery")
    assert not fonts.can_shape("नमस्ते")


def test_the_site_starts_for_a_user_without_a_home(monkeypatch):
    def nowhere():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nowhere)
    assert runpy.run_path(font_files.__file__)["SYSTEM"]
