"""An author's text: ids that hold, and links that lead to them."""

import os
import re
import subprocess
import sys

import pytest

from articles import rendering
from articles.rendering import render_answer, render_article
from tests.articles.rendered import assert_safe, ids, local_targets

LINKED = """[down](#causes) [cased](#Causes) [mine](#My.Id) [full](#s-causes) [page](#comment-12)

# Causes

# Причины

[local](#причины) [quoted](#%D0%BF%D1%80%D0%B8%D1%87%D0%B8%D0%BD%D1%8B)

Para
{: #My.Id }
"""


def test_links_within_the_text_follow_its_ids():
    assert local_targets(render_article(LINKED).html) == [
        "s-causes",
        "s-causes",
        "s-My-Id",
        "s-causes",
        "comment-12",
        "s-причины",
        "s-причины",
    ]


NOTES = "One[^1], two[^note], one again[^1].\n\n[^note]: N\n[^1]: O\n[^unused]: U\n[^empty]:\n"


@pytest.mark.parametrize("anchor", ["", "faq-what-is-it"])
def test_footnotes_link_both_ways_to_ids_that_exist(anchor):
    markup = render_answer(NOTES, anchor=anchor) if anchor else render_article(NOTES).html
    present = set(ids(markup))
    targets = local_targets(markup)
    prefix = f"{anchor}--" if anchor else "s-"
    assert set(targets) <= present
    assert {f"{prefix}fn-1", f"{prefix}fnref-1", f"{prefix}fnref2-1"} <= set(targets)
    assert_safe(markup, prefix)


def test_footnotes_are_numbered_as_they_are_met():
    markup = render_article(NOTES).html
    assert re.findall(r'class="footnote-ref"[^>]*>(\d)<', markup) == ["1", "2", "1"]


@pytest.mark.parametrize(
    "text",
    [
        "[^1]\n\n[^1]:",
        "[^]\n\n[^]: x",
        "[^a b]\n\n[^a b]: x",
        "[^-]\n\n[^-]:     code",
        "[^1]: a[^1]",
    ],
)
def test_odd_footnotes_still_render(text, caplog):
    markup = render_article(text).html
    assert "could not be read" not in caplog.text
    assert set(local_targets(markup)) <= set(ids(markup))


COLLIDING = """# Comment 12

# Respond

<p id="comment-12">a</p> <p id="respond">b</p> <p id="main">c</p> <p id="faq-x">d</p>

e
{: #faq-x-fn-1 }

Note[^1].

[^1]: N
"""


def test_no_id_of_the_page_can_be_made_by_a_text():
    article, answer = render_article(COLLIDING).html, render_answer(COLLIDING, anchor="faq-x")
    assert all(name.startswith("s-") for name in ids(article))
    assert all(name.startswith("faq-x-") for name in ids(answer))
    assert not set(ids(article)) & set(ids(answer))
    assert not {"comment-12", "respond", "main", "faq-x"} & {*ids(article), *ids(answer)}


def test_ids_without_the_prefix_are_dropped_by_the_last_sanitiser():
    cleaner = rendering._final_cleaner("s-")
    assert cleaner.clean('<p id="respond">a</p><p id="s-a">b</p>') == '<p>a</p><p id="s-a">b</p>'


def test_ids_are_the_same_in_every_process():
    script = (
        "import sys; from articles.rendering import render_article, render_answer\n"
        "for _ in range(int(sys.argv[1])): render_article(sys.argv[2])\n"
        "print(ascii((render_article(sys.argv[2]), render_answer(sys.argv[2], anchor='faq-a'))))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script, before, COLLIDING + LINKED + NOTES],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed, before in (("0", "0"), ("1", "3"))
    }
    assert len(outputs) == 1
    assert "s-fn-1" in outputs.pop()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[x](http://a.b)", 'href="http://a.b" rel="noopener"'),
        ("[x](//a.b)", 'href="//a.b" rel="noopener"'),
        ("[x](HTTPS://a.b)", 'rel="noopener"'),
        ('<a rel="me" href="https://a.b">x</a>', 'rel="me noopener"'),
        ('<a href="https://a.b" rel="noopener">x</a>', 'rel="noopener"'),
    ],
)
def test_links_to_elsewhere_are_guarded(text, expected):
    markup = render_article(text).html
    assert expected in markup
    assert markup.count("rel=") == 1


@pytest.mark.parametrize("text", ["[x](/a/)", "[x](#y)", "[x](mailto:a@b.c)", "[x](a:b@c)"])
def test_links_within_the_site_are_left_alone(text):
    assert "rel=" not in render_article(text).html
