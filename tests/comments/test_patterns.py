"""HTML rendered once and filled in: whatever the template and the values hold, and only once."""

import copy
from collections.abc import Callable

import pytest
from django.template import autoreload
from django.utils.safestring import mark_safe

from comments.forms import ReplyForm
from comments.models import Status
from comments.patterns import Places, fill
from tests.builders import make_comment

RESPONSE = "comments/_response.html"


@pytest.fixture
def edit(settings, tmp_path) -> Callable[[str, str], None]:
    """Return a function that puts words before a template, as its author would under ``runserver``."""
    templates = copy.deepcopy(settings.TEMPLATES)
    original = settings.BASE_DIR / "templates"
    [(_, loaders)] = templates[0]["OPTIONS"]["loaders"]
    loaders.insert(0, ("django.template.loaders.filesystem.Loader", [tmp_path]))
    settings.TEMPLATES = templates
    settings.DEBUG = True

    def put_before(name: str, words: str) -> None:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(words + (original / name).read_text())
        autoreload.reset_loaders()

    return put_before


def page(client, article) -> str:
    return str(client.get(article.get_absolute_url()).content, "utf-8")


def test_templates_and_labels_may_hold_percent_signs(client, approved_comment, edit, monkeypatch):
    words = "100 % of %(pk)s, %s and %%"
    edit(RESPONSE, words)
    monkeypatch.setattr(ReplyForm.base_fields["comment"], "label", words)

    markup = page(client, approved_comment.article)

    assert f"{words}<li" in markup
    assert f">{words} <span" in markup


def test_an_edited_template_shows_while_debugging(client, approved_comment, edit):
    for words in ("as it was", "as it is now"):
        edit(RESPONSE, words)
        assert f"{words}<li" in page(client, approved_comment.article)


def test_values_are_escaped_unless_safe_and_never_places_themselves():
    def draw(places: Places, kind: str) -> str:
        return f"<{kind}>{places['a']}{places['b']} 5%</{kind}>"

    filled = fill(draw, "p", a='<&"%(b)s\x02b\x03', b=mark_safe("<i>"))

    assert filled == "<p>&lt;&amp;&quot;%(b)s\x02b\x03<i> 5%</p>"


def test_one_pattern_serves_all_values_of_the_same_traits(settings):
    drawn = []

    def draw(places: Places, *traits: str) -> str:
        drawn.append(traits)
        return places["a"]

    def fill_all() -> list[str]:
        return [fill(draw, trait, a=value) for trait in "xy" for value in (1, 2)]

    assert fill_all() == ["1", "2", "1", "2"]
    assert drawn == [("x",), ("y",)]
    settings.DEBUG = True
    fill_all()
    assert len(drawn) == 6


def test_control_characters_of_readers_stay_what_they_are(client, article):
    make_comment(article, status=Status.APPROVED, author_name="\x02pk\x03 %(pk)s")

    assert "\x02pk\x03 %(pk)s" in page(client, article)
