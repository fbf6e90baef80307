"""A reader's text: what is kept, what is shown as typed, what can never get through."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from benchmarks.reader_markdown import HOSTILE
from comments import rendering
from comments.rendering import (
    BUDGETS,
    LINK_REL,
    MAX_DEPTH,
    MAX_FENCES,
    MAX_ITEMS,
    MAX_LENGTH,
    TAGS,
    count_links,
    link_hosts,
    over_budget,
    render_reply,
)

ALLOWED_ATTRIBUTES = {"a": {"href", "title", "rel"}, "ol": {"start"}}
SAFE_HREF = re.compile(r"(?i)https?://[^/\\?#\s]|mailto:")


def assert_safe(markup: str) -> None:
    """Every element and attribute is allowed, every link has a safe address and our rel."""
    root = LexborHTMLParser(f"<body>{markup}</body>").body
    assert root is not None
    for node in root.css("*"):
        if node.tag == "body":
            continue
        assert node.tag in TAGS, markup
        assert set(node.attributes) <= ALLOWED_ATTRIBUTES.get(node.tag, set()), markup
        if node.tag == "a":
            assert node.attributes["rel"] == LINK_REL
            href = node.attributes.get("href")
            assert href is None or SAFE_HREF.match(href), markup


def text_of(markup: str) -> str:
    root = LexborHTMLParser(f"<body>{markup}</body>").body
    assert root is not None
    return root.text()


def link(url: str, text: str | None = None) -> str:
    return f'<a href="{url}" rel="{LINK_REL}">{text or url}</a>'


@pytest.mark.parametrize(
    ("typed", "rendered"),
    [
        ("one\n\ntwo", "<p>one</p>\n<p>two</p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("one  \ntwo", "<p>one  <br>\ntwo</p>"),
        ("one\r\ntwo\rthree", "<p>one<br>\ntwo<br>\nthree</p>"),
        ("*a* _b_", "<p><em>a</em> <em>b</em></p>"),
        ("**a** __b__", "<p><strong>a</strong> <strong>b</strong></p>"),
        ("***a***", "<p><strong><em>a</em></strong></p>"),
        ("*a\nb*", "<p><em>a<br>\nb</em></p>"),
        ("snake_case_name", "<p>snake_case_name</p>"),
        (r"\*a\* \[b\]", "<p>*a* [b]</p>"),
        ("`<b>*a*`", "<p><code>&lt;b&gt;*a*</code></p>"),
        ("``a`b``", "<p><code>a`b</code></p>"),
        ("`open", "<p>`open</p>"),
        ("    x = 1\n    <b>", "<pre><code>x = 1\n&lt;b&gt;\n</code></pre>"),
        ("```\n*a* <b>\n```", "<pre><code>*a* &lt;b&gt;\n</code></pre>"),
        ("```python\nx\n```\nafter", "<pre><code>x\n</code></pre>\n<p>after</p>"),
        ("~~~~\n~~~\n~~~~", "<pre><code>~~~\n</code></pre>"),
        ("```\nnever closed\n\nx", "<pre><code>never closed\n\nx\n</code></pre>"),
        ("> a\n> b", "<blockquote>\n<p>a<br>\nb</p>\n</blockquote>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>"),
        ("- a\n    more", "<ul>\n<li>a<br>\n    more</li>\n</ul>"),
        ("1986. A year", '<ol start="1986">\n<li>A year</li>\n</ol>'),
        ("- a\n    - b", "<ul>\n<li>a<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>"),
        ("[x](http://a.b/c)", f"<p>{link('http://a.b/c', 'x')}</p>"),
        ("[*x*](https://a.b)", f"<p>{link('https://a.b', '<em>x</em>')}</p>"),
        ("[x](http://a.b/c_(d))", f"<p>{link('http://a.b/c_(d)', 'x')}</p>"),
        ("[a [b]](http://a.b)", f"<p>{link('http://a.b', 'a [b]')}</p>"),
        ("[m](mailto:a@b.c)", f"<p>{link('mailto:a@b.c', 'm')}</p>"),
        ('[x](http://a.b "T")', f'<p><a href="http://a.b" title="T" rel="{LINK_REL}">x</a></p>'),
        ("<http://a.b/?c=1&d=2>", f"<p>{link('http://a.b/?c=1&amp;d=2')}</p>"),
        ("see http://a.b/c_d_e.", f"<p>see {link('http://a.b/c_d_e')}.</p>"),
        ("(http://a.b/c)", f"<p>({link('http://a.b/c')})</p>"),
        ("http://a.b/c_(d)!", f"<p>{link('http://a.b/c_(d)')}!</p>"),
        ("**http://a.b**", f"<p><strong>{link('http://a.b')}</strong></p>"),
        ("HTTPS://A.B/", f"<p>{link('HTTPS://A.B/')}</p>"),
        ("http://a.b\nnext", f"<p>{link('http://a.b')}<br>\nnext</p>"),
        ("[http://a.b](http://c.d)", f"<p>{link('http://c.d', 'http://a.b')}</p>"),
        ("http://пример.рф/путь", f"<p>{link('http://пример.рф/путь')}</p>"),
        ("", ""),
        (" \n ", ""),
    ],
)
def test_what_readers_may_use(typed, rendered):
    assert render_reply(typed) == rendered


@pytest.mark.parametrize(
    "typed",
    [
        "# no heading",
        "###### no heading ######",
        "no heading\n===",
        "no heading\n---",
        "* * *",
        "---",
        "<b>bold</b>",
        "<!-- hidden -->",
        "<div markdown='1'>*</div>",
        "![picture](/a.png)",
        "[x](/relative)",
        "[x](#respond)",
        "[x](//host/path)",
        "[x](ftp://host/)",
        "[x][ref]",
        "[ref]: /somewhere",
        "[^1] and\n\n[^1]: note",
        "|a|b|\n|-|-|\n|1|2|",
        "{: #id .class }",
        "someone@example.com",
        "<someone@example.com>",
        "www.example.com",
        "!!! note",
        "a & b &nosuch c",
    ],
)
def test_everything_else_is_shown_as_typed(typed):
    markup = render_reply(typed)
    assert re.sub(r"\s", "", text_of(markup)) == re.sub(r"\s", "", typed)
    assert not re.search(r"<(?!/?(?:p|br)>)", markup)


def test_an_image_is_shown_as_typed_with_its_address_linked():
    assert render_reply("![a](http://b.c/d.png)") == f"<p>![a]({link('http://b.c/d.png')})</p>"


ATTACKS = [
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x]( java\nscript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A&#x61&#x76&#x61:alert(1))",
    "[x](javascript%3Aalert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "[x](http:javascript)",
    "[x](http:\\\\evil.example)",
    "[x](http:///evil.example)",
    "[x](https://)",
    "[x](//evil.example)",
    "[x](\\\\evil.example)",
    '[x](http://a.b" onclick="alert(1))',
    '[x](http://a.b "t" onclick="alert(1)")',
    '[x](http://a.b "t\'><script>alert(1)</script>")',
    "[x](http://a.b 't\" onmouseover=alert(1) ')",
    "[<script>alert(1)</script>](http://a.b)",
    "[x](<javascript:alert(1)>)",
    "[x][1]\n\n[1]: javascript:alert(1)",
    "<javascript:alert(1)>",
    "<JAVASCRIPT:alert(1)>",
    "<data:text/html,x>",
    '<http://a.b"onclick=alert(1)>',
    "<http://a.b'><script>alert(1)</script>",
    'http://a.b/"onmouseover="alert(1)',
    "http://a.b/<script>alert(1)</script>",
    "http://javascript:alert(1)@a.b",
    "![x](javascript:alert(1))",
    '![x" onerror="alert(1)](http://a.b)',
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--><img src=1 onerror=alert(1)>'>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href=javascript:alert(1)>x</a>",
    "<p style='background:url(javascript:alert(1))'>",
    "<form action=/admin><button>x",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "`<script>alert(1)</script>`",
    "    <script>alert(1)</script>",
    "```\n</code></pre><script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\x02wzxhzdk:0\x03 <script>",
    "\x02klzzwxh:0000\x03",
    "\x0260\x03script\x0262\x03alert(1)",
    "*<b onmouseover=alert(1)>*",
    "> <script>alert(1)</script>",
    "- <script>alert(1)</script>",
    "{: onclick=alert(1) }",
    "*x*{: style='x' id=respond }",
    "[x](http://a.b){: onclick=alert(1) target=_blank }",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks_become_text(attack):
    assert_safe(render_reply(attack))


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks_become_text_on_the_plain_path_too(attack):
    plain = render_reply(attack + "\n\n" + "x" * MAX_LENGTH)
    assert_safe(plain)


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_sanitiser_alone_would_stop_them(attack):
    assert_safe(rendering._sanitise(attack))


markup_like = st.text(
    st.sampled_from(list("[]()<>!*_`~#>-+1.\\&;:/\"' \n\tahtp\x02\x03é")), max_size=200
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), markup_like, st.text(st.characters(codec=None))))
def test_any_text_is_rendered_and_safe(text):
    assert_safe(render_reply(text))


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), markup_like))
def test_sanitising_twice_changes_nothing(text):
    once = render_reply(text)
    assert rendering._sanitise(once) == once


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(), markup_like))
def test_the_plain_path_loses_nothing(text):
    typed = rendering._normalise(text)
    shown = text_of(rendering._sanitise(rendering._plain(typed)))
    assert "".join(shown.split()) == "".join(typed.split())


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_are_rendered_and_safe(name):
    assert_safe(render_reply(HOSTILE[name]))


OVER = [
    ("emphasis", "*a* "),
    ("emphasis", "_a_ "),
    ("emphasis", "**_a"),
    ("backticks", "``a`"),
    ("escapes", "\\["),
    ("links", "http://a "),
    ("links", "[a](http://a.b)"),
    ("links", "mailto:a@b "),
    ("rules", "---\n"),
    ("rules", "a\n------\n"),
    ("blocks", "a\n\n"),
    ("items", "- a\n"),
    ("items", "> a\n"),
    ("items", "1. a\n"),
    ("depth", "- "),
    ("depth", "1. "),
    ("depth", "> "),
    ("depth", ">"),
    ("depth", "- > "),
    ("fences", "```\n"),
    ("fences", "~~~\n"),
]


@pytest.mark.parametrize(("bound", "unit"), OVER)
def test_more_marks_than_a_person_writes_take_the_plain_path(bound, unit, monkeypatch):
    monkeypatch.setattr(rendering, "_markdown", lambda: pytest.fail("parsed"))
    text = (unit * MAX_LENGTH)[:MAX_LENGTH]
    assert over_budget(text) == bound
    assert_safe(render_reply(text))


@pytest.mark.parametrize("name", BUDGETS)
def test_every_budget_has_a_text_that_exceeds_it(name):
    assert name in {bound for bound, _ in OVER}


def test_budgets_are_inclusive():
    limit = BUDGETS["emphasis"][1]
    assert not over_budget("*" + "a*" * (limit - 1))
    assert over_budget("*" + "a*" * limit) == "emphasis"
    assert not over_budget("> " * MAX_DEPTH + "a")
    assert over_budget("> " * (MAX_DEPTH + 1) + "a") == "depth"
    assert not over_budget("- a\n" * MAX_ITEMS)
    assert over_budget("- a\n" * (MAX_ITEMS + 1)) == "items"
    assert not over_budget("```\na\n```\n" * (MAX_FENCES - 1))
    assert over_budget("```\na\n```\n" * (MAX_FENCES + 1)) == "fences"


def test_a_longer_text_takes_the_plain_path(monkeypatch):
    monkeypatch.setattr(rendering, "_markdown", lambda: pytest.fail("parsed"))
    assert render_reply("*a* " + "x" * MAX_LENGTH).startswith("<p>*a* xxx")


def test_list_levels_by_indentation_count_as_depth():
    deep = "".join("    " * level + "- a\n" for level in range(MAX_DEPTH + 1))
    assert over_budget(deep) == "depth"


def test_marks_inside_fenced_code_are_free():
    code = "```c\n" + "int *a = b[*c] * d; /* **x** */ > - `y`\n" * 200 + "```"
    assert len(code) < MAX_LENGTH
    assert not over_budget(code)
    assert render_reply(code).count("<em>") == 0


def test_honest_prose_with_sixty_links_is_markdown():
    line = (
        "I *agree* with [this page](http://example.com/page_{}) and with `code`, see **below**.\n\n"
    )
    text = "".join(line.format(n) for n in range(60))
    text += "plain words " * ((MAX_LENGTH - len(text)) // 12)
    markup = render_reply(text)
    assert count_links(markup) == 60
    assert markup.count("<em>") == 60


def test_the_plain_path_keeps_paragraphs_breaks_and_links():
    text = "a <b>\nhttp://a.b/?c&d.\n\n  e"
    assert rendering._sanitise(rendering._plain(text)) == (
        f"<p>a &lt;b&gt;<br>\n{link('http://a.b/?c&amp;d')}.</p>\n<p>e</p>"
    )


def test_a_fault_of_the_parser_loses_nothing(monkeypatch, caplog):
    def broken():
        raise RecursionError

    monkeypatch.setattr(rendering, "_parsers", [])
    monkeypatch.setattr(rendering, "_markdown", broken)
    assert render_reply("*a*") == "<p>*a*</p>"
    assert "could not be read" in caplog.text


def test_texts_do_not_influence_each_other():
    first = render_reply("[a](http://b.c) *d*")
    render_reply("```\nother\n```\n[x]: http://y.z")
    assert render_reply("[a](http://b.c) *d*") == first


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("http://A.Example/x https://b.example http://a.example/y", ("a.example", "b.example")),
        ("http://user:pw@Evil.Example:8080/x", ("evil.example",)),
        ("http://good.example@evil.example/", ("evil.example",)),
        ("https://dot.example./", ("dot.example",)),
        ("[http://shown.example](http://real.example)", ("shown.example", "real.example")),
        ("mailto:a@b.c nothing here", ()),
        ("http:// http://[ http:///x http:\\\\y", ()),
        (
            "http://a.example, http://b.example; (http://c.example)",
            ("a.example", "b.example", "c.example"),
        ),
        (
            "http://ev%69l.example http://e\u00advil.example http://evil\u3002example",
            ("evil.example",),
        ),
        ("http://Пример.рф/ http://ｆｕｌｌ.example", ("пример.рф", "full.example")),
        ("`http://code.example`", ("code.example",)),
    ],
)
def test_hosts_of_text(text, hosts):
    assert link_hosts(text) == hosts
    assert set(link_hosts(render_reply(text))) == set(hosts)


def test_links_are_counted_however_they_were_written():
    text = '[a](http://b.c "t") <http://d.e> http://f.g [m](mailto:h@i) `http://no.link` <a href=x>'
    assert count_links(render_reply(text)) == 4
    assert count_links(render_reply("none")) == 0


@settings(max_examples=200, deadline=None)
@given(markup_like)
def test_the_count_is_the_number_of_links(text):
    markup = render_reply(text)
    assert count_links(markup) == len(LexborHTMLParser(markup).css("a[href]"))
