"""What was typed, read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.search.asked import LONGEST, MOST_EXCLUDED, MOST_TERMS, fold, read, words_of


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("bread", [("bread", True)]),
        ("bread and salt", [("bread", False), ("and", False), ("salt", True)]),
        ("bread ", [("bread", True)]),
        ("bread.", [("bread", False)]),
        ('"bread"', [("bread", False)]),
        ('"bread and salt" oil', [("bread and salt", False), ("oil", True)]),
        ("«bread and salt»", [("bread and salt", False)]),
        ("well-known", [("well known", False)]),
        ("it’s", [("it s", False)]),
        ("a", [("a", False)]),
        ("水", [("水", True)]),
        ("bread bread", [("bread", True)]),
        ("bread salt bread", [("bread", False), ("salt", False)]),
        ("...", []),
    ],
)
def test_words_phrases_and_beginnings(typed, wanted):
    assert [(" ".join(term.words), term.is_beginning) for term in read(typed).wanted] == wanted


def test_exclusions():
    found = read('bread -rye -"white flour" well-known - −oat')
    assert [term.words for term in found.excluded] == [("rye",), ("white", "flour"), ("oat",)]
    assert [term.words for term in found.wanted] == [("bread",), ("well", "known")]
    assert read("-bread").wanted == ()


def test_of_too_much_the_beginning_is_taken():
    found = read(" ".join(f"w{n}" for n in range(500)))
    assert len(found.wanted) == MOST_TERMS
    assert found.is_cut
    assert len(found.text) <= LONGEST
    assert len(read(" ".join(f"-w{n}" for n in range(50))).excluded) == MOST_EXCLUDED
    assert not read("bread").is_cut
    assert read("x" * 10_000).is_cut


@pytest.mark.parametrize(
    ("word", "folded"),
    [
        ("Café", "cafe"),
        ("cafe\u0301", "cafe"),
        ("ÅNGSTRÖM", "angstrom"),
        ("Straße", "straße"),
        ("İ", "i"),
    ],
)
def test_case_and_accents_are_folded(word, folded):
    assert fold(word) == folded


@given(st.text())
def test_any_text_is_read_and_words_survive_folding(text):
    found = read(text)
    for term in (*found.wanted, *found.excluded):
        assert all(fold(word) for word in term.words)
        assert not set("\"*():^'\\ ") & set("".join(term.words))
    assert read(found.text).wanted == found.wanted or found.is_cut
    assert all(word == word.strip() for word in words_of(text))
