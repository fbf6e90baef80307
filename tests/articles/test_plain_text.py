"""Summaries: the first words of what was rendered."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles import rendering
from articles.rendering import all_text, plain_text, render_article
from tests.articles.rendered import markup_like


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("one *two*\nthree\n\nfour", 100, "one two three four"),
        ("a **b**c", 100, "a bc"),
        ("- a\n- b", 100, "a b"),
        ("|a|b|\n|-|-|\n|1|2|", 100, "a b 1 2"),
        ("one[^1] two\n\n[^1]: a note", 100, "one two"),
        ("# A\n\none\n\n## B\n\ntwo", 100, "one two"),
        ("one\n\n```\ncode <b> here\n```\n\ntwo", 100, "one two"),
        ("[TOC]\n\n# A\n\none", 100, "one"),
        ("# A", 100, ""),
        ("5 < 6 & <b>bold</b>", 100, "5 < 6 & bold"),
        ("one two three", 13, "one two three"),
        ("one two three", 12, "one two…"),
        ("one two three", 8, "one two…"),
        ("one two, three", 10, "one two…"),
        ("onetwothree", 4, "one…"),
        ("one", 0, ""),
        ("one", 1, "…"),
        ("", 10, ""),
    ],
)
def test_plain_text_for_summaries(text, limit, expected):
    assert plain_text(render_article(text).html, limit) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one\n\n```\ncode <b> here\n```\n\ntwo", "one code <b> here two"),
        ("# A\n\none\n\n## B\n\ntwo", "A one B two"),
        ("one[^1] two\n\n[^1]: a *note*", "one two a note"),
        ("[TOC]\n\n# A\n\none", "A one"),
        ("    only = code", "only = code"),
        ("5 < 6 & <b>bold</b>", "5 < 6 & bold"),
    ],
)
def test_all_that_is_said(text, expected):
    assert all_text(render_article(text).html, 100) == expected


@settings(max_examples=200, deadline=None)
@given(markup_like, st.integers(0, 60))
def test_all_text_is_cut_as_well(text, limit):
    assert len(all_text(render_article(text).html, limit)) <= limit


@settings(max_examples=200, deadline=None)
@given(markup_like, st.integers(0, 60))
def test_plain_text_keeps_its_limit(text, limit):
    assert len(plain_text(render_article(text).html, limit)) <= limit


@settings(max_examples=200, deadline=None)
@given(markup_like, st.integers(0, 60))
def test_the_beginning_is_that_of_the_whole(text, limit):
    rendered = render_article(text).html
    whole = plain_text(rendered, len(rendered))
    assert whole.startswith(plain_text(rendered, limit).removesuffix("…"))


def test_what_lies_behind_the_limit_is_not_looked_at():
    rendered = render_article("Some *words* of[^1] it.\n\n[^1]: Note").html * 1000
    assert plain_text(rendered, 20) == "Some words of it…"
    assert len(list(rendering._beginning(rendered, 20, rendering._PARTS))) < 20
