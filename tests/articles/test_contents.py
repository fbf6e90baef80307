"""Tables of contents, made when an article is stored."""

import importlib
from html.parser import HTMLParser

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from articles.contents import contents
from articles.languages import direction, validate_language
from articles.models import Article
from articles.rendering import render_article
from tests.builders import make_article


def made(text: str) -> str:
    return contents(render_article(text).html)


def test_links_to_headings_of_two_levels():
    assert made("# A\n\n## B & *c*\n\n### Deeper\n\n## D\n\n# E") == (
        '<ul><li><a href="#s-a">A</a><ul><li><a href="#s-b-c">B &amp; c</a></li>'
        '<li><a href="#s-d">D</a></li></ul></li><li><a href="#s-e">E</a></li></ul>'
    )


def test_inner_headings_before_the_first_outer_one_stand_beside_it():
    body = '<h3 id="s-a">A</h3><h3 id="s-b">B</h3><h2 id="s-c">C</h2><h3 id="s-d">D</h3>'
    assert contents(body) == (
        '<ul><li><a href="#s-a">A</a></li><li><a href="#s-b">B</a></li>'
        '<li><a href="#s-c">C</a><ul><li><a href="#s-d">D</a></li></ul></li></ul>'
    )


@pytest.mark.parametrize(
    "text", ["", "Only words.", "# A\n\n# B", "[TOC]\n\n# A\n\n# B\n\n# C", "# A\n\n### B\n\n### C"]
)
def test_fewer_than_three_or_one_by_hand_make_none(text):
    assert made(text) == ""


def test_ids_that_the_author_gave_and_words_that_look_like_tags():
    assert '<a href="#s-mine">One &lt;b&gt;</a>' in made("# One &lt;b> {#mine}\n\n# Two\n\n# Three")


class _Balanced(HTMLParser):
    """Complains of a tag that stands where it must not, or does not close as it opened."""

    ABOVE = {"ul": ("li", ""), "li": ("ul",), "a": ("li",)}

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.open = [""]
        self.feed(markup)
        assert self.open == [""]

    def handle_starttag(self, tag, attrs):
        assert self.open[-1] in self.ABOVE[tag]
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@given(st.lists(st.integers(1, 6), min_size=3, max_size=12))
def test_lists_are_whole_whatever_the_levels(levels):
    text = "\n\n".join(f"{'#' * level} Heading {at}" for at, level in enumerate(levels))
    markup = made(text)
    _Balanced(markup)
    body = render_article(text)
    assert markup.count("<a ") in (0, sum(heading.level <= 3 for heading in body.headings))


@pytest.mark.django_db
def test_the_page_shows_it_and_each_link_leads_somewhere(client):
    article = make_article(body="# A\n\n# B\n\n# C")
    markup = client.get(article.get_absolute_url()).content.decode()
    assert '<nav class="contents" aria-labelledby="contents-title">' in markup
    for ident in ("s-a", "s-b", "s-c"):
        assert f'href="#{ident}"' in markup
        assert f'id="{ident}"' in markup
    plain = client.get(make_article(body="# A\n\n# B").get_absolute_url()).content.decode()
    assert "contents-title" not in plain


@pytest.mark.django_db
def test_articles_that_are_there_get_theirs_without_being_rendered():
    article, other = make_article(body="# A\n\n# B\n\n# C"), make_article()
    wanted = article.contents_html
    Article.objects.update(contents_html="")
    name = "articles.migrations.0010_contents_of_what_is_there"
    importlib.import_module(name).make_contents(apps, None)
    article.refresh_from_db()
    other.refresh_from_db()
    assert (article.contents_html, other.contents_html) == (wanted, "")


@pytest.mark.parametrize(
    ("tag", "written"),
    [
        ("ar", "rtl"),
        ("he-IL", "rtl"),
        ("az-Arab", "rtl"),
        ("ar-Latn", "ltr"),
        ("de", "ltr"),
        ("zh-Hant-TW", "ltr"),
    ],
)
def test_directions(tag, written):
    validate_language(tag)
    assert direction(tag) == written


@pytest.mark.parametrize("tag", ["english", "d", "de_DE", 'de" x="', "de-", "-de", "12"])
def test_no_languages(tag):
    with pytest.raises(ValidationError):
        validate_language(tag)
