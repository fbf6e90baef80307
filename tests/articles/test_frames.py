"""Frames take no more room than there is."""

from django.utils import timezone

from articles import frames
from articles.models import Article


def frame_of(size):
    now = timezone.now()
    return frames.Frame(Article(), (b"x" * (size - frames._OVERHEAD),), {}, now, None)


def test_is_bounded_in_bytes_and_number(monkeypatch):
    monkeypatch.setattr(frames, "MOST_BYTES", 100_000)
    shelf = frames._Shelf()
    for number in range(20):
        shelf.put(str(number), 1, frame_of(10_000))
    assert (len(shelf), shelf.size) == (10, 100_000)
    monkeypatch.setattr(frames, "MOST", 3)
    shelf.put("one more", 1, frame_of(10_000))
    assert (len(shelf), shelf.size) == (3, 30_000)
    shelf.clear()
    assert (len(shelf), shelf.size) == (0, 0)


def test_what_is_too_large_is_not_kept_and_puts_out_what_was(monkeypatch):
    monkeypatch.setattr(frames, "MOST_BYTES", 80_000)
    shelf = frames._Shelf()
    shelf.put("a", 1, frame_of(10_000))
    shelf.put("a", 2, frame_of(10_001))
    assert (len(shelf), shelf.size) == (0, 0)


def test_what_was_wanted_last_stays(monkeypatch):
    monkeypatch.setattr(frames, "MOST", 2)
    shelf = frames._Shelf()
    for slug in "ab":
        shelf.put(slug, 1, frame_of(5_000))
    now = timezone.now()
    assert shelf.get("a", 1, now)
    assert not shelf.get("b", 2, now)
    shelf.put("c", 1, frame_of(5_000))
    assert shelf.get("a", 1, now)
    assert not shelf.get("b", 1, now)
