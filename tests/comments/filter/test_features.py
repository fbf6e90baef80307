"""What the filter looks at: bounded, the same everywhere, and nothing it must not see."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comments.filter import judging
from comments.filter.features import (
    BASE,
    MOST_FEATURES,
    SIZE,
    Sample,
    host_of,
    number,
    numbers,
    traits,
)
from tests.builders import make_comment


def words_of(**kwargs) -> list[str]:
    return [trait.words for trait in traits(Sample(**{"text": "Well said.", **kwargs}))]


def features_of(**kwargs) -> list[int]:
    return numbers(traits(Sample(**{"text": "Well said.", **kwargs})))


@settings(max_examples=60, deadline=None)
@given(
    st.text(st.characters(), max_size=10_000),
    st.text(max_size=300),
    st.text(max_size=300),
    st.dictionaries(
        st.sampled_from(["form_age", "decoy", "host_known_days", "host_spam", "link_place", "x"]),
        st.one_of(st.integers(), st.floats(), st.text(max_size=9), st.booleans(), st.none()),
    ),
)
def test_whatever_comes_in_the_features_are_bounded_distinct_and_repeatable(
    text, name, url, signals
):
    sample = Sample(text=text, author_name=name, author_url=url, signals=signals)
    found = numbers(traits(sample))
    assert BASE in found
    assert len(found) == len(set(found)) <= MOST_FEATURES
    assert all(0 <= one < SIZE for one in found)
    assert found == numbers(traits(sample))


@pytest.mark.parametrize("piece", ["w.", "http", "www.a", "a'", "ab ", "漢字", "é.", "_", "://"])
def test_a_long_text_has_as_many_features_at_most(piece):
    text = "".join(f"{piece}{n}" for n in range(10_000))[:10_000]
    assert len(features_of(text=text, author_name=text)) <= MOST_FEATURES


def test_the_numbers_are_the_same_in_another_process():
    code = (
        "from comments.filter.features import *;"
        "print(numbers(traits(Sample(text='Grüße aus Graz', author_name='Ann'))))"
    )
    prints = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONUTF8": "1"},
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert prints == {str(features_of(text="Grüße aus Graz", author_name="Ann"))}


def test_a_number_never_changes():
    """What is stored was numbered by an earlier version."""
    assert number("word pills") == 11744
    assert BASE == 65121


@pytest.mark.parametrize(
    ("kwargs", "words"),
    [
        ({"text": "Cheap pills"}, "the word “pills”"),
        ({"text": "Cheap  PILLS!"}, "the words “cheap pills”"),
        ({"text": "see https://www.Casino.example:80/x?y"}, "links to casino.example"),
        ({"text": "[a](http://a.example) www.b.example"}, "2 links"),
        ({"text": "no address"}, "no links"),
        ({"author_url": "https://shop.example/x"}, "the website shop.example"),
        ({"author_name": "Best Pills"}, "the name “pills”"),
        ({"author_name": "pills.shop"}, "an address in the name"),
        ({"text": "BUY THIS NOW!"}, "100 % capital letters"),
        ({"text": "Добрый день"}, "Cyrillic letters"),
        ({"text": "pаypal"}, "letters of several scripts"),
        ({"text": "x" * 2_000}, "a very long text"),
        ({"signals": {"decoy": True}}, "the hidden field was filled in"),
        ({"signals": {"form_age": 2.7}}, "form filled in 2 seconds"),
        ({"signals": {"form_age": 1}}, "form filled in 1 second"),
        ({"signals": {"form_age": 90_000.0}}, "form filled in after a day or more"),
        ({"signals": {"link_place": "elsewhere"}}, "the link stands beside the content"),
        ({"signals": {"host_known_days": 0}}, "its site is new here"),
        ({"signals": {"host_spam": 3}}, "earlier ones from its site were spam"),
        ({"kind": "trackback"}, "a trackback"),
    ],
)
def test_what_is_seen_is_told_in_words(kwargs, words):
    assert words in words_of(**kwargs)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"signals": {"form_age": 2}}, {"signals": {"form_age": 200}}),
        ({"signals": {"host_approved": 0}}, {"signals": {"host_approved": 1}}),
        ({"signals": {"host_spam": 1}}, {"signals": {"host_spam": 9}}),
        ({"text": "ann"}, {"text": "", "author_name": "ann"}),
        ({"author_url": ""}, {"author_url": "https://a.example"}),
    ],
)
def test_what_differs_is_told_apart(one, other):
    assert set(features_of(**one)) != set(features_of(**other))


def test_the_end_of_a_long_text_is_read():
    text = f"{'calm words ' * 900}https://pills.example/"
    assert "links to pills.example" in words_of(text=text)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.Example.org./x", "example.org"),
        ("www.example.org/x", "example.org"),
        ("http:/example.org", "example.org"),
        ("https://user:pw@example.org:81/", "example.org"),
        ("https://[::1", ""),
        ("", ""),
    ],
)
def test_the_host_of_an_address(url, host):
    assert host_of(url) == host


@pytest.mark.django_db
def test_the_address_and_the_network_are_not_looked_at(article):
    values = {"text": "Well said.", "author_name": "Ann"}
    plain = make_comment(article, **values)
    known = make_comment(article, address="ann@hidden.example", network_key="f" * 64, **values)
    assert judging.sample_of(plain) == judging.sample_of(known)


def test_an_address_is_no_word():
    found = words_of(
        text="Look at https://shop.example/buy/Cheap-pills?ref=biz and www.other.biz now"
    )

    assert {"the word “look”", "the words “at and”", "links to shop.example", "2 links"} <= set(
        found
    )
    for piece in ("http", "https", "www", "example", "biz", "cheap", "pills", "shop"):
        assert not any(f"“{piece}" in said or f"{piece}”" in said for said in found), piece


def test_pieces_of_a_host_are_known_again():
    one, other, third = (
        {
            number
            for trait in traits(Sample(text=f"https://{host}.example"))
            for number in trait.numbers
        }
        for host in ("win-casino17", "slotscasino16", "gardening")
    )
    assert len((one & other) - third) > 6


def test_an_endless_address_is_one_link():
    found = words_of(text="https://a.example/" + "letters-" * 200 + " end")

    assert "the word “letters”" not in found
    assert "a link" in found


@pytest.mark.parametrize(
    ("text", "silent"),
    [("i", True), ("in", True), ("не", True), ("the", False), ("赌博", False), ("casino", False)],
)
def test_short_words_tell_nothing(text, silent):
    (word,) = (trait for trait in traits(Sample(text=text)) if trait.words == f"the word “{text}”")

    assert (word.telling == 0) is silent
    assert word.numbers, "the filter itself goes on learning them"
