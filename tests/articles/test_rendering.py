"""An author's text: every extension, headings, and texts that nobody can read."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from articles import rendering
from articles.rendering import (
    ANSWER_TOP,
    MAX_SLUG,
    Heading,
    heading_id,
    render_answer,
    render_article,
)
from tests.articles.rendered import assert_safe, body, ids, local_targets

# Every extension ---------------------------------------------------------------------------------


def test_tables_scroll_in_a_box_the_keyboard_reaches():
    markup = render_article("|a|b|c|\n|:-|-:|:-:|\n|1|2|3|").html
    box = body(markup).css_first("div.scroll")
    assert box is not None
    assert box.attributes == {
        "class": "scroll",
        "tabindex": "0",
        "role": "region",
        "aria-label": "Table",
    }
    assert box.css_first("table") is not None
    assert [node.attributes["class"] for node in box.css("td")] == [
        "align-left",
        "align-right",
        "align-center",
    ]


def test_raw_tables_get_the_box_too():
    markup = render_article("<table><tr><td align=right onclick=x>1</td></tr></table>").html
    assert body(markup).css_first("div.scroll > table td.align-right") is not None


def test_code_is_coloured_by_classes_and_scrolls_by_keyboard():
    markup = render_article('```python\ndef f(): return "<b>"\n```').html
    assert '<div class="codehilite"><pre tabindex="0">' in markup
    assert '<span class="k">def</span>' in markup
    assert "&lt;b&gt;" in markup
    assert "style" not in markup


def test_code_of_an_unknown_or_unnamed_language_is_shown_uncoloured():
    for fence in ("```", "```nosuchlanguage", "~~~"):
        markup = render_article(f"{fence}\nimport this\n{fence[:3]}").html
        assert markup.count("<span") == 1  # the empty one that keeps the first line break
        assert "import this" in markup


def test_indented_code_may_name_its_language():
    assert '<span class="kn">import</span>' in render_article("    :::python\n    import x").html


def test_code_lines_may_be_marked():
    assert 'class="hll"' in render_article('``` { .python hl_lines="1" }\nx\n```').html


@pytest.mark.parametrize(
    "option",
    [
        'full="true" cssfile="{path}"',
        'pygments_formatter="latex"',
        'noclasses="true"',
        'linenums="true"',
        'lineanchors="x"',
        'nosuch="option"',
    ],
)
def test_no_other_option_reaches_pygments(option, tmp_path):
    target = tmp_path / "written.css"
    text = "``` { .python OPTION }\nimport x\n```"
    markup = render_article(text.replace("OPTION", option.format(path=target))).html
    assert '<span class="kn">import</span>' in markup
    assert markup.count("<div") == 1
    assert not target.exists()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Term\n:   What it is", "<dt>Term</dt>\n<dd>What it is</dd>"),
        ("*[HTML]: Hyper Text\nHTML", '<abbr title="Hyper Text">HTML</abbr>'),
        ('!!! note "Mind"\n    This', '<p class="admonition-title">Mind</p>\n<p>This</p>'),
        ("!!! warning\n    This", '<div class="admonition warning">'),
        ("*a*{: lang=fr }", '<em lang="fr">a</em>'),
        ('<div markdown="1">\n*a*\n</div>', "<p><em>a</em></p>"),
        ("3. three\n4. four", '<ol start="3">'),
        ("1. one\n\n- dash", "</ol>\n<ul>"),
        ("a<br>b <kbd>Ctrl</kbd>", "a<br>b <kbd>Ctrl</kbd>"),
        ("<details><summary>S</summary>T</details>", "<details><summary>S</summary>T</details>"),
        ("![i](/media/a.jpg){: width=800 height=600 loading=lazy }", 'width="800"'),
        ("---", "<hr>"),
    ],
)
def test_extensions_and_raw_html(text, expected):
    markup = render_article(text).html
    assert expected in markup
    assert_safe(markup)


# Headings ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("# a\n\n## b", ["h2", "h3"]),
        ("## a\n\n### b", ["h2", "h3"]),
        ("<h1>a</h1>\n\n# b", ["h2", "h2"]),
        ("### a\n\n# b", ["h4", "h2"]),
        ("\n\n".join("#" * n + " x" for n in range(1, 7)), ["h2", "h3", "h4", "h5", "h6", "h6"]),
    ],
)
def test_the_outermost_headings_follow_the_title_and_none_sinks_below_h6(text, levels):
    headings = LexborHTMLParser(render_article(text).html).css("h1, h2, h3, h4, h5, h6")
    assert [heading.tag for heading in headings] == levels


def test_headings_of_an_answer_stand_below_its_question():
    answer = LexborHTMLParser(render_answer("## a\n\n### b", anchor="faq-x"))
    assert answer.css_first(f"h{ANSWER_TOP}#faq-x--a") is not None
    assert answer.css_first(f"h{ANSWER_TOP + 1}#faq-x--b") is not None


def test_headings_are_listed_with_id_and_text():
    rendered = render_article("# *Causes* & `cures`[^1]\n\n[^1]: Note")
    assert rendered.headings == (Heading(2, "s-causes-cures", "Causes & cures"),)


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("Causes", "s-causes"),
        ("Причины болезни", "s-причины-болезни"),
        ("कारण और उपाय", "s-कारण-और-उपाय"),
        ("原因", "s-原因"),
        ("أسباب", "s-أسباب"),
        ("Été à Zürich", "s-été-à-zürich"),
        ("C++ & C#", "s-c-c"),
        ("!!!", "s-section"),
        ("comment-12", "s-comment-12"),
        ("respond", "s-respond"),
        ("s-twice", "s-s-twice"),
        ("x" * 500, "s-" + "x" * MAX_SLUG),
    ],
)
def test_heading_ids_are_readable_in_every_script(heading, expected):
    assert render_article(f"# {heading}").headings[0].id == expected


def test_equal_headings_are_numbered():
    rendered = render_article("# A\n\n# A\n\n# A 2\n\n# A")
    assert [h.id for h in rendered.headings] == ["s-a", "s-a-2", "s-a-2-2", "s-a-3"]


def test_ids_the_author_wrote_come_before_those_made_from_headings():
    rendered = render_article('# Causes\n\n<p id="causes">raw</p>\n\ntext\n{: #cures }\n\n# Cures')
    assert ids(rendered.html) == ["s-causes-2", "s-causes", "s-cures", "s-cures-2"]
    assert [h.id for h in rendered.headings] == ["s-causes-2", "s-cures-2"]


def test_they_are_normalised_and_never_empty():
    assert heading_id("ﬁne") == "fine"
    assert heading_id("") == heading_id(" . ") == "section"


def test_contents_where_the_author_asks_for_them():
    markup = render_article("[TOC]\n\n# A & b\n\n## C").html
    assert local_targets(markup) == ["s-a-b", "s-c"]
    assert '<li class="toc-3"><a href="#s-c">C</a></li>' in markup
    assert render_article("[TOC]").html == ""


# Texts that nobody can read -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["> " * 3_000, "- " * 3_000, "<div markdown='1'>\n" * 500, "<b>" * 3_000, "!!! a\n    " * 500],
)
def test_deep_nesting_never_raises(text):
    assert_safe(render_article(text).html)


def test_a_fault_of_the_parser_shows_the_text(monkeypatch, caplog):
    def broken():
        raise RecursionError

    monkeypatch.setattr(rendering, "_markdown", broken)
    assert render_article("a <b>\n\nc").html == "<p>a &lt;b&gt;</p>\n<p>c</p>\n"
    assert "could not be read" in caplog.text
