"""Stored sentences are English in the database, and in the site's language where they are shown."""

import ast
import re

import pytest
from django.utils import translation

from comments import policy, stored_words
from comments.filter import features
from comments.filter.features import Sample
from comments.linkbacks.sentences import SENTENCES
from comments.own_comment import reasons
from tests.languages.messages import ROOT

# A reason or a refusal is given to one of these, or raised as one of these.
GIVEN_TO = {"reasons"}
REFUSALS = (
    "TargetNotFound", "TargetNotPingable", "AccessDenied", "TooHasty", "SourceRefused", "SourceNotFound",
    "SourceDoesNotLink", "UpstreamError", "Gone",
)  # fmt: skip


@pytest.fixture(autouse=True)
def german():
    with translation.override("de"):
        yield


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ("first-time author", "schreibt zum ersten Mal"),
        ("2 links", "2 Links"),
        ("links to a.example", "verlinkt auf a.example"),
        ("from a.example, which is blocked", "von a.example, gesperrt"),
        ("holds the word “links to %s”", "enthält das Wort „links to %s“"),
        ("good sign: no links", "gutes Zeichen: keine Links"),
        (
            "the filter is 98 % sure: the word “casino”; 2 links",
            "der Filter ist zu 98 % sicher: das Wort „casino“; 2 Links",
        ),
        (
            "The page does not link to the article; it does link to https://a.example/%7E.",
            "Die Seite verlinkt nicht auf den Artikel, wohl aber auf https://a.example/%7E.",
        ),
        ("That page answers 404.", "Die Zielseite antwortet mit 404."),
    ],
)
def test_what_is_known_is_translated_with_what_differs_in_its_place(stored, said):
    assert stored_words.shown(stored) == said


@pytest.mark.parametrize("words", ["", "Grazie.", "links", "100 % %(count)s", "two\nlines"])
def test_what_nobody_here_wrote_is_shown_as_it_is(words):
    assert stored_words.shown(words) == words


def test_in_english_nothing_changes():
    with translation.override("en"):
        for sentence in stored_words.SENTENCES:
            stored = re.sub(r"%\(\w+\)s", "x", sentence).replace("%%", "%")
            assert stored_words.shown(stored) == stored


def is_known(words: str) -> bool:
    return any(pattern.fullmatch(words) for _, pattern in stored_words._patterns())


def test_every_trait_that_the_filter_names_is_known():
    signals = {"decoy": True, "host_approved": 2, "host_spam": 1}
    samples = [
        Sample(text=text, author_name=name, author_url=url, kind=kind, signals={**signals, **more})
        for text, name, url, kind, more in (
            ("", "", "", "reply", {"form_age": 1, "link_place": "content"}),
            ("One word", "Ann", "https://a.example", "pingback", {"form_age": 2.5}),
            ("Two " * 20, "A B", "", "trackback", {"form_age": 5, "link_place": "elsewhere"}),
            ("Слово и word " * 9, "www.a.example", "", "webmention", {"form_age": 50}),
            (
                "https://a.example/ " * 2,
                "Ann",
                "",
                "reply",
                {"form_age": 500, "host_known_days": 0},
            ),
            ("x https://b.example " + "WORDS " * 120, "Ann", "", "reply", {"form_age": 9e3}),
            ("long " * 1_000, "Ann", "", "reply", {"form_age": 9e9, "host_known_days": 9}),
        )
    ]
    named = {trait.words for sample in samples for trait in features.traits(sample)}
    assert {words for words in named if not is_known(words)} == set()


def test_every_reason_of_the_rules_is_known():
    rules = policy.Rules(
        hold_everything=True,
        held_words="bad",
        disallowed_words="worse",
        blocked_sources="b.example",
    )
    said = [
        policy.Evidence(is_reply=True, text="x", author_name="A", is_moderator=True),
        policy.Evidence(
            is_reply=True, text="x", author_name="A", linked_urls=("http://b.example/",)
        ),
        policy.Evidence(is_reply=True, text="worse", author_name="A"),
        policy.Evidence(
            is_reply=True, text="bad", author_name="A", links=9, is_decoy_filled=True, form_age=1
        ),
        policy.Evidence(
            is_reply=False, text="x", author_name="A", source_urls=("http://c.example/",)
        ),
        policy.Evidence(is_reply=True, text="x", author_name="A", score=0.99, filter_may_act=True),
    ]
    given = [why for evidence in said for why in policy.decide(evidence, rules).reasons]
    given += policy.decide(said[-1], policy.Rules()).reasons
    calm = policy.Evidence(is_reply=True, text="x", author_name="A", is_known=True)
    given += policy.decide(calm, policy.Rules()).reasons
    assert [why for why in given if not is_known(why)] == []
    assert len(set(given)) >= 10


def test_every_reason_that_authors_acts_are_noted_under_is_known():
    assert [why for why in reasons.OWN_REASONS if not is_known(why)] == []


def written(node: ast.expr) -> list[str]:
    """Return what an expression writes, with “x” in the places of a formatted string."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else "x" for part in node.values]
        return ["".join(map(str, parts))]
    if isinstance(node, ast.List | ast.Tuple):
        return [words for each in node.elts for words in written(each)]
    return []


def given_in_source() -> list[tuple[str, str]]:
    """Return what the modules give as reasons, or refuse linkbacks with, each with its file."""
    found = []
    for path in sorted((ROOT / "comments").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.keyword) and node.arg in GIVEN_TO:
                found += [(path.name, words) for words in written(node.value)]
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in REFUSALS:
                found += [(path.name, words) for words in written(node.args[0])]
    return found


def test_what_the_sources_give_as_a_reason_or_a_refusal_is_known():
    found = given_in_source()
    assert len(found) > 30
    # The kind stands inside of a word: each is in the list by itself.
    unknown = [each for each in found if not is_known(each[1]) and "takes no x" not in each[1]]
    assert unknown == []


def test_no_sentence_hides_another():
    for sentence in {*stored_words.SENTENCES, *SENTENCES}:
        stored = re.sub(r"%\(\w+\)s", "1", sentence).replace("%%", "%")
        first = next(one for one, pattern in stored_words._patterns() if pattern.fullmatch(stored))
        assert first == sentence
