"""An author's text: what never gets through."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles import rendering
from articles.rendering import TAGS, render_answer, render_article
from tests.articles.rendered import SAFE_URL, assert_safe, body, markup_like

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
