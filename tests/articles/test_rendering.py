"""An author's text: every extension, ids that hold, and what never gets through."""

import os
import re
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser, LexborNode

from articles import rendering
from articles.rendering import (
    ANSWER_TOP,
    ATTRIBUTES,
    CLASSES,
    MAX_SLUG,
    TAGS,
    Heading,
    plain_text,
    render_answer,
    render_article,
    slugify,
)

BOXES = {"div": {"tabindex", "role", "aria-label"}, "nav": {"aria-label"}, "pre": {"tabindex"}}
SAFE_URL = re.compile(r"(?i)(?:https?|mailto):|(?![a-z][a-z0-9+.-]*:)")


def body(markup: str) -> LexborNode:
    root = LexborHTMLParser(f"<body>{markup}</body>").body
    assert root is not None
    return root


def ids(markup: str) -> list[str]:
    return [str(node.attributes["id"]) for node in body(markup).css("[id]")]


def local_targets(markup: str) -> list[str]:
    return [str(node.attributes["href"])[1:] for node in body(markup).css("a[href^='#']")]


def assert_safe(markup: str, prefix: str = "s-") -> None:
    """Nothing outside the allow-lists, no address of another scheme, no id without the prefix."""
    for node in body(markup).css("*"):
        if node.tag == "body":
            continue
        assert node.tag in TAGS, markup
        allowed = (
            ATTRIBUTES["*"] | ATTRIBUTES.get(str(node.tag), set()) | BOXES.get(str(node.tag), set())
        )
        assert set(node.attributes) - {"class"} <= allowed, markup
        assert set((node.attributes.get("class") or "").split()) <= CLASSES.get(
            str(node.tag), set()
        )
        for name in ("href", "src"):
            assert SAFE_URL.match((node.attributes.get(name) or "").strip()), markup
        assert str(node.attributes.get("id", prefix)).startswith(prefix), markup
    assert len(ids(markup)) == len(set(ids(markup))), markup


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


def test_slugs_are_normalised_and_never_empty():
    assert slugify("ﬁne") == "fine"
    assert slugify("") == slugify(" . ") == "section"


def test_contents_where_the_author_asks_for_them():
    markup = render_article("[TOC]\n\n# A & b\n\n## C").html
    assert local_targets(markup) == ["s-a-b", "s-c"]
    assert '<li class="toc-3"><a href="#s-c">C</a></li>' in markup
    assert render_article("[TOC]").html == ""


# Ids and links -----------------------------------------------------------------------------------

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


# What never gets through -------------------------------------------------------------------------

ATTACKS = [
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](<java\nscript:alert(1)>)",
    "[x]( javascript:alert(1))",
    "[x](java&#10;script:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "[x][1]\n\n[1]: javascript:alert(1)",
    "<javascript:alert(1)>",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml,<svg/onload=alert(1)>)",
    '![x" onerror="alert(1)](http://a.b/c.png)',
    "![x](http://a.b/c.png 'x\" onerror=\"alert(1)')",
    "![x](/a.png){: onerror=alert(1) style=x srcset=x }",
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<SCRIPT SRC=//evil.example></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<img src='java\tscript:alert(1)'>",
    "<img/src=x/onerror=alert(1)>",
    "<body onload=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><a xlink:href=javascript:alert(1)><text>x</text></a></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--><img src=1 onerror=alert(1)>'>",
    "<math href=javascript:alert(1)>x</math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)></style>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><b id=respond onclick=alert(1)>x</b></template>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)></object><embed src=javascript:alert(1)>",
    "<form action=javascript:alert(1)><input name=x><button formaction=javascript:alert(1)>x</form>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' &#14; javascript:alert(1)'>x</a>",
    "<a href='java&NewLine;script:alert(1)'>x</a>",
    "<a href='/x' target=_blank ping=//evil.example onclick=alert(1)>x</a>",
    "<p style='background:url(javascript:alert(1))'>x</p>",
    "<style>@import '//evil.example'</style>",
    "<link rel=stylesheet href=//evil.example><meta http-equiv=refresh content=0><base href=//e.x>",
    "<div id=respond class='hidden admin' aria-labelledby=main role=alert tabindex=0>x</div>",
    "<div tabindex=5 role=button aria-label=Log>x</div>",
    "<p id='x\" onclick=\"alert(1)'>x</p>",
    "<h2 id='a\"><script>alert(1)</script>'>x</h2>",
    '# <script>alert(1)</script> {: #"><img onerror=x> }',
    "# x {: onclick=alert(1) style=x }",
    "*x*{: style=color:red onmouseover=alert(1) }",
    "[TOC]\n\n# <img src=x onerror=alert(1)>\n\n# &lt;script&gt;",
    "x[^<script>]\n\n[^<script>]: <img src=x onerror=alert(1)>",
    '*[x"onclick="y]: a" onclick="b\nx"onclick="y',
    '!!! "><script> "<img src=x onerror=alert(1)>"\n    x',
    "```python\n</code></pre><script>alert(1)</script>\n```",
    '```"><script>\nx\n```',
    '``` { .python #respond onclick="x" style="y" }\nx\n```',
    "|a|\n|-|\n|<td onclick=x><script>y</script>|",
    "<div markdown='1' onclick=x>\n<script>alert(1)</script>\n</div>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?php <img src=x onerror=alert(1)> ?>",
    "\x02wzxhzdk:0\x03 \x02klzzwxh:0000\x03 \x0260\x03script\x0262\x03",
    "<td colspan=99999999 rowspan=-1>x</td><ol start=x><li value=1e9>y</ol>",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks_are_taken_out(attack):
    assert_safe(render_article(attack).html)
    assert_safe(render_answer(attack, anchor="faq-x"), "faq-x-")


@pytest.mark.parametrize("attack", ATTACKS)
def test_either_sanitiser_alone_would_stop_them(attack):
    for cleaner in (rendering._CLEANER, rendering._final_cleaner("s-")):
        for node in body(cleaner.clean(attack)).css("*"):
            assert node.tag in TAGS | {"body"}
            assert not [name for name in node.attributes if name.startswith(("on", "style"))]
            for name in ("href", "src"):
                assert SAFE_URL.match((node.attributes.get(name) or "").strip())


markup_like = st.lists(
    st.sampled_from(
        [
            *("# ", "\n", "\n\n", "    ", "[^1]", "[^1]: ", "*", "_", "`", "```", "|", "|-|", ">"),
            *(
                "- ",
                "1. ",
                "!!! note\n    ",
                ": ",
                "*[a]: ",
                "{: #a }",
                "{: .b c=d }",
                "[TOC]",
                "a",
            ),
            *(
                "<div markdown='1'>",
                "</div>",
                "<p id=a>",
                "<table>",
                "<td>",
                "<pre>",
                "<b>",
                "</b>",
            ),
            *(
                "<h1>",
                "</h1>",
                "<svg>",
                "<style>",
                "<!--",
                "-->",
                "<a href='#a'>",
                "[a](#a)",
                "&lt;",
            ),
            *('"', "'", "<", "///Footnotes Go Here///", "é", "\x02", "\x03"),
        ]
    ),
    max_size=25,
).map("".join)


@settings(max_examples=400, deadline=None)
@given(st.one_of(markup_like, st.text(), st.text(st.characters(codec=None))))
def test_any_text_is_rendered_and_safe(text):
    rendered = render_article(text)
    assert_safe(rendered.html)
    listed = [heading.id for heading in rendered.headings]
    assert len(listed) == len(set(listed))


@settings(max_examples=300, deadline=None)
@given(st.one_of(markup_like, st.text()))
def test_what_was_sanitised_stays_safe_however_often_it_is_parsed(text):
    """A parser may move misnested elements (a table in a heading); it never finds new ones."""
    once = rendering._final_cleaner("s-").clean(text)
    assert_safe(once)
    assert_safe(rendering._final_cleaner("s-").clean(once))


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


# Summaries ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("one *two*\nthree\n\nfour", 100, "one two three four"),
        ("a **b**c", 100, "a bc"),
        ("- a\n- b", 100, "a b"),
        ("|a|b|\n|-|-|\n|1|2|", 100, "a b 1 2"),
        ("one[^1] two\n\n[^1]: a note", 100, "one two"),
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


@settings(max_examples=200, deadline=None)
@given(markup_like, st.integers(0, 60))
def test_plain_text_keeps_its_limit(text, limit):
    assert len(plain_text(render_article(text).html, limit)) <= limit
