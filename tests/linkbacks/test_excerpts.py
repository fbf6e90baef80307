"""What is quoted around a link."""

import pytest

from comments.linkbacks.excerpts import first_words, last_words
from tests.linkbacks.reading import LINK, TARGET, read

# The excerpt


@pytest.mark.parametrize(
    ("html", "excerpt"),
    [
        (f"<p>See {LINK}, which is good.", "See the article, which is good."),
        (f"<p>See{LINK}now", "Seethe articlenow"),
        (f"<p>One.</p><p>Two {LINK} three.</p><p>Four.</p>", "Two the article three."),
        (f"<p>One<br>two {LINK}<br>three", "One two the article three"),
        (f"<div>One<p>Two</p>{LINK} three<p>Four</p></div>", "the article three"),
        (f"<table><td>One<td>Two {LINK}<td>Three</table>", "Two the article"),
        (f"<ul><li>One<li>{LINK}<li>Three</ul>", "One the article Three"),
        (f"<p>One</p><p></p><p>{LINK}.</p><hr><p>Three</p><p>Four</p>", "One the article. Three"),
        (f"<nav>Menu</nav><p>{LINK}</p><aside>Side</aside>", "the article"),
        (f"<p>a<script>bad()</script>b {LINK} c<style>d</style>e<!-- f -->g", "ab the article ceg"),
        (f"<p>a &lt;b&gt; {LINK} &amp; &#99;", "a <b> the article & c"),
        (f"<p>x {LINK} y<div hidden>z</div>", "x the article y"),
        (f"<p>before <a href={TARGET}></a> after", "before after"),
        (f"<p>before<a href={TARGET}><img alt=' A  cat '></a>after", "before A cat after"),
        (f"<p>i <a href={TARGET}><img alt=cat></a></p><p>w {LINK}</p>", "w the article"),
        (f"<p><a href={TARGET}><img></a> words here</p><p>other</p>", "words here"),
        (f"<p>one</p><p><a href={TARGET}><img></a> words here</p>", "words here"),
        (f"<p>a <a href={TARGET}>b <a href=/x>c</a> d", "a b c d"),
        (f"<p>0</p><a href={TARGET}><h2>Head</h2><p>Text</p></a><p>1</p>", "0 Head Text 1"),
        (f"<p>a\u202eb\u2066 {LINK} c\x07d\ufeff", "ab the article cd"),
    ],
)
def test_excerpt(html: str, excerpt: str):
    assert read(html).excerpt == excerpt


def test_cuts_fall_between_words():
    words = " ".join(f"word{n}" for n in range(100))

    before, after = read(f"<p>{words} {LINK} {words}").excerpt.split(" the article ")

    assert set(before.split() + after.split()) <= set(words.split())
    assert 90 < len(before) <= 100
    assert 90 < len(after) <= 100


def test_a_word_longer_than_the_reach_is_cut_in_it():
    assert read(f"<p>{'a' * 500}{LINK}{'b' * 500}").excerpt == f"{'a' * 100}the article{'b' * 100}"


def test_text_without_blanks_is_cut_between_characters():
    text = "我们昨天读了一篇关于恢复的文章，" * 20

    page = read(f"<p>{text}<a href={TARGET}>恢复</a>{text}")

    assert page.excerpt == f"{text[-100:]}恢复{text[:100]}"


def test_a_combining_mark_stays_with_its_base():
    cluster = "e\u0301\u0323"

    before, after = read(f"<p>{cluster * 200}{LINK}{cluster * 200}").excerpt.split("the article")

    assert before == cluster * (len(before) // 3)
    assert after == cluster * (len(after) // 3)
    assert len(before) in range(95, 101)


def test_a_mark_stays_with_its_kana():
    kana = "か\u3099"

    assert first_words(kana * 100, 99) == kana * 49
    assert last_words(kana * 100, 99) == kana * 49


def test_a_link_ends_where_the_next_begins():
    assert read(f"<p><a href={TARGET}>one <a href=/x>two</a>").link_text == "one"


def test_an_emoji_joined_from_several_is_not_taken_apart():
    family = "👩🏽\u200d👩🏽\u200d👧"

    assert set(first_words(family * 50, 100).split(family)) == {""}
    assert set(last_words(family * 50, 100).split(family)) == {""}


def test_a_long_link_text_is_cut_and_marked():
    page = read(f"<p>Before <a href={TARGET}>{'long words ' * 50}</a> after")

    assert len(page.link_text) <= 100
    assert page.link_text.endswith("…")
    assert page.excerpt == f"Before {page.link_text} after"
