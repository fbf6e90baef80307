"""No words stand in a template outside of the tags that translate them."""

import re
from html import unescape
from pathlib import Path

import pytest
from django.template.base import Lexer, TokenType

from tests.languages.spoken import Spoken

FOLDER = Path(__file__).resolve().parent.parent.parent / "templates"
TEMPLATES = sorted(
    str(path.relative_to(FOLDER))
    for path in FOLDER.rglob("*")
    if path.suffix in (".html", ".txt", ".md")
)
# The same in every language: keys, marks, example addresses, what is read by programs.
NO_WORDS = re.compile(
    r"\(Atom\)|\(JSON Feed\)|article|summary_large_image"
    r"|UTC|noindex, nofollow|noindex|width=device-width.*|light dark|text/html.*|utf-8|k"
)
WORD = re.compile(r"[^\W\d_]{2,}|[^\W\d_]+(?= )")


def bare_words(source: str) -> list[str]:
    """Return what a reader would find untranslated: text and spoken attributes outside of tags."""
    kept, is_translated = [], False
    for token in Lexer(source).tokenize():
        if token.token_type == TokenType.BLOCK:
            name = token.contents.split()[0]
            is_translated = name in ("blocktranslate", "plural") or (
                is_translated and name != "endblocktranslate"
            )
        # A place of its own, so that no two texts run together and attributes stay whole.
        text = (
            token.contents if token.token_type == TokenType.TEXT and not is_translated else "\x01"
        )
        kept.append(text)
    said = (unescape(text).replace("\x01", " ").strip() for text in Spoken("".join(kept)).found)
    return [text for text in said if WORD.search(text) and not NO_WORDS.fullmatch(text)]


def test_the_finder_finds_words_and_nothing_else():
    assert bare_words("<p>Hello {{ name }}</p>") == ["Hello"]
    assert bare_words('<p title="Two words">{% translate "Hello" %}</p>') == ["Two words"]
    assert bare_words('<input type="submit" value="Find"><input value="kept">') == ["Find"]
    assert bare_words("{% blocktranslate %}Hello {{ name }}{% endblocktranslate %} you") == ["you"]
    assert bare_words("{% if a %}x{% else %}{{ b }}{% endif %}{# words #}<code>a b</code>") == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_word_is_translated(name):
    assert bare_words((FOLDER / name).read_text()) == []
