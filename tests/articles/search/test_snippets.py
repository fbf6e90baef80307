"""The words around what was found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.search.asked import read
from articles.search.snippets import LENGTH, marked, snippet


def asked_in(pieces):
    return [piece.text for piece in pieces if piece.is_asked]


def said(pieces):
    return "".join(piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("Bread and CAFÉ, bread.", "bread cafe", ["Bread", "CAFÉ", "bread"]),
        ("Breadth of breads", "bread", ["Breadth", "breads"]),
        ("Breadth of bread", '"bread"', ["bread"]),
        ("well-known", "well-known", ["well", "known"]),
        ("<b>bold</b> & b", "b bold", ["b", "bold", "b", "b"]),
        ("हिन्दी में", "हिन्दी", ["हिन्दी"]),
        ("nothing", "bread", []),
    ],
)
def test_what_was_asked_for_is_marked(text, query, found):
    pieces = marked(text, read(query))
    assert asked_in(pieces) == found
    assert said(pieces) == text


def test_the_part_with_most_of_the_words_is_shown():
    filler = "word " * 200
    text = f"bread {filler} salt {filler} bread with salt and oil {filler}"
    found = snippet(text, read("bread salt oil"))
    assert asked_in(found) == ["bread", "salt", "oil"]
    assert said(found).startswith("… ")
    assert said(found).endswith(" …")


def test_without_any_the_beginning_is_shown():
    found = snippet("First words. " * 100, read("bread"))
    assert said(found).startswith("First words.")
    assert said(found).endswith(" …")


@given(st.text(), st.text(max_size=30))
def test_it_is_short_and_part_of_the_text(text, query):
    found = said(snippet(text, read(query)))
    assert len(found) <= LENGTH + 4
    assert found.removeprefix("… ").removesuffix(" …") in text or found in text
