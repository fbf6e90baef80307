"""Every word of a page in the language that it is said to be in (WCAG 2.2, 3.1.2)."""

import datetime

import pytest
from bs4 import BeautifulSoup, Comment
from django.utils import timezone

from articles.models import Series
from comments.models import Status
from tests.builders import make_article, make_comment, make_faq_entry, make_pingback

pytestmark = pytest.mark.django_db
NOW = timezone.now()
ARABIC = "العودة"
BODY = "\n\n".join(f"## {ARABIC} {nth}\n\n{ARABIC}" for nth in range(4))


@pytest.fixture
def article():
    series = Series.objects.create(name="Recovery", slug="recovery")
    made = [
        make_article(
            title=f"{ARABIC} {nth}",
            body=BODY,
            language="ar",
            series=series,
            published_at=NOW - datetime.timedelta(days=9 - nth),
        )
        for nth in range(9)
    ]
    article = made[4]
    make_faq_entry(article, question=f"{ARABIC}؟", answer=ARABIC, is_published=True)
    first = make_comment(article, text=f"{ARABIC}.", status=Status.APPROVED)
    make_comment(article, text=f"{ARABIC}.", status=Status.APPROVED, parent=first)
    make_pingback(article, text=f"{ARABIC}.", status=Status.APPROVED)
    return article


def said_in(client, address):
    """Return the words of a page by the language that is said of them."""
    page = BeautifulSoup(client.get(address).content, "html5lib")
    words: dict[str, list[str]] = {}
    for text in page.body.find_all(string=True):
        if isinstance(text, Comment):
            continue
        if text.strip() and text.parent.name not in ("script", "textarea"):
            language = str(text.find_parent(lang=True)["lang"])
            words.setdefault(language, []).append(" ".join(text.split()))
    return words


def has_latin_letters(text):
    return any(letter.isascii() and letter.isalpha() for letter in text)


def test_on_the_page_of_an_article(client, article):
    words = said_in(client, article.get_absolute_url())
    # The heading of the responses is one sentence of the site's, with the title quoted in it.
    quoted = f"3 responses to “{article.title}”"
    assert words.keys() == {"en", "ar"}
    assert [one for one in words["en"] if ARABIC in one] == [quoted]
    assert not any(map(has_latin_letters, words["ar"]))
    site = " ".join(words["en"])
    for said in ("Contents", "Questions and answers", "says:", "Leave a Reply", "Next part"):
        assert said in site


@pytest.mark.parametrize("address", ["/", "/series/recovery/", f"/search/?q={ARABIC}"])
def test_in_lists(client, article, address):
    words = said_in(client, address)
    assert not [one for one in words["en"] if ARABIC in one]
    assert not any(map(has_latin_letters, words["ar"]))


def test_nothing_is_said_where_nobody_has_said_it(client):
    article = make_article(title="Rest", body=BODY)
    make_comment(article, status=Status.APPROVED)
    page = BeautifulSoup(client.get(article.get_absolute_url()).content, "html5lib")
    assert [found.name for found in page.find_all(lang=True)] == ["html"]
    assert page.h1["dir"] == "auto"
