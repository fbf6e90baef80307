"""What a title becomes in an address, in any script."""

import unicodedata

import pytest
from django.core.exceptions import ValidationError
from hypothesis import example, given
from hypothesis import strategies as st

from articles.models import Article, OldSlug
from articles.slugs import MAX_LENGTH, first_free, slugify, validate_slug
from tests.builders import make_article


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Recovery from Disconnection", "recovery-from-disconnection"),
        ("  What's new -- in 2026?!  ", "whats-new-in-2026"),
        ("Don’t panic", "dont-panic"),
        ("Über Äpfel & Öl", "über-äpfel-öl"),
        ("snake_case and dots.in.it", "snake-case-and-dots-in-it"),
        ("हिन्दी में लिखना", "हिन्दी-में-लिखना"),
        ("ภาษาไทยที่นี่", unicodedata.normalize("NFC", "ภาษาไทยที่นี่")),
        ("العودة إلى الذات", "العودة-إلى-الذات"),
        ("你好，世界", "你好-世界"),
        ("Возвращение к себе", "возвращение-к-себе"),
        ("e\u0301te\u0301", "été"),
        ("e'\u0301", "é"),
        ("ﬁne １２３", "fine-123"),
        ("🎉🎉", ""),
        ("?!/..", ""),
        ("", ""),
    ],
)
def test_slug_of_a_title(title: str, slug: str) -> None:
    assert slugify(title) == slug


def test_long_title_is_cut_between_words() -> None:
    slug = slugify("word " * 40)
    assert len(slug) <= MAX_LENGTH
    assert set(slug.split("-")) == {"word"}


@pytest.mark.parametrize(("letters", "kept"), [(79, 79), (80, 80), (81, 80), (300, 80)])
def test_one_long_word_is_cut_at_80_characters(letters: int, kept: int) -> None:
    assert slugify("x" * letters) == "x" * kept


def test_a_word_that_ends_at_the_limit_stays_whole() -> None:
    assert slugify("a" * 75 + " bcde more") == "a" * 75 + "-bcde"
    assert slugify("a" * 75 + " bcdef more") == "a" * 75


@given(st.text(max_size=200))
@example("e'\u0301")
@example("ΑΣ'Β")
@example("İ" * 90)
@example("x" * 79 + " y")
def test_every_slug_is_its_own_slug_and_valid(title: str) -> None:
    slug = slugify(title)
    assert len(slug) <= MAX_LENGTH
    assert slugify(slug) == slug
    assert "/" not in slug
    if slug:
        validate_slug(slug)


@pytest.mark.parametrize(
    "value", ["", "Upper", "two words", "a--b", "-a", "a/b", "a.b", "x" * 81, "e\u0301"]
)
def test_what_does_not_survive_in_an_address_is_refused(value: str) -> None:
    with pytest.raises(ValidationError):
        validate_slug(value)


@given(st.text(max_size=120).map(slugify).filter(bool), st.integers(min_value=0, max_value=30))
@example("a" * 73 + "-bbbbb", 3)
def test_first_free_is_free_valid_and_short(wanted: str, others: int) -> None:
    taken: set[str] = set()
    for _ in range(others):
        taken.add(first_free(wanted, taken))
    found = first_free(wanted, taken)
    assert len(taken) == others
    assert found not in taken
    assert len(found) <= MAX_LENGTH
    validate_slug(found)


def test_numbers_count_from_two(db: None) -> None:
    slugs = [make_article(title="Same title").slug for _ in range(3)]
    assert slugs == ["same-title", "same-title-2", "same-title-3"]


def test_title_without_letters_gives_article(db: None) -> None:
    assert [make_article(title="🎉").slug, make_article(title="!!!").slug] == [
        "article",
        "article-2",
    ]


def test_a_former_address_is_not_given_to_another_article(db: None) -> None:
    first = make_article(title="Rest")
    first.slug = "quiet"
    first.store()
    assert make_article(title="Rest").slug == "rest-2"
    assert OldSlug.objects.get(slug="rest").article == first


def test_long_titles_get_numbers_within_80_characters(db: None) -> None:
    articles = [make_article(title="letters " * 20) for _ in range(2)]
    assert articles[0].slug != articles[1].slug
    for article in Article.objects.all():
        article.full_clean(exclude=["body_html"])
