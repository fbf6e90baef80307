"""Parsers of readers' Markdown are used again, and nothing of one text shows in the next."""

from concurrent.futures import ThreadPoolExecutor

from comments import rendering
from comments.rendering import render_reply


def test_a_parser_remembers_nothing_of_the_text_before():
    texts = [
        "`code` and ```more``` and **strong",
        "~~~\nfenced\n~~~\n\n> quoted\n> - a\n>     1. b",
        '[a](https://a.example/ "title") <https://b.example/> \x02stx:0\x03 \x02wzxhzdk:0\x03',
        "3. three\n4. four\n\n* * *",
        "\\*escaped\\* & <b>raw</b>",
    ]
    alone = []
    for text in texts:
        rendering._parsers.clear()
        alone.append(render_reply(text))
    for _ in range(3):
        assert [render_reply(text) for text in texts] == alone
    assert [render_reply(text) for text in reversed(texts)] == alone[::-1]


def test_a_parser_that_failed_is_not_used_again(monkeypatch):
    rendering._parsers.clear()
    render_reply("One.")
    (parser,) = rendering._parsers

    def fails(text):
        raise RecursionError

    monkeypatch.setattr(parser, "convert", fails)
    assert render_reply("Two.") == "<p>Two.</p>"
    assert parser not in rendering._parsers
    assert render_reply("*Three.*") == "<p><em>Three.</em></p>"


def test_threads_have_parsers_of_their_own():
    texts = [f"*{number}* `{number}`" for number in range(200)]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(render_reply, texts)) == [render_reply(text) for text in texts]
    assert len(rendering._parsers) <= 9
