"""“Did you mean”, and beginnings that are too common."""

import datetime

import pytest
from django.utils import timezone

from articles.models import Article, SearchState, Word
from articles.search import words
from articles.search.asked import Term
from articles.search.finding import search
from comments.models import Status
from recovery import housekeeping
from tests.builders import make_article, make_comment, make_faq_entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(db):
    article = make_article(title="Moderation", body="A moderation queue for sourdough résumés.")
    make_faq_entry(article, question="Which flour?", answer="Rye.")
    make_comment(article, status=Status.APPROVED, text="Wonderful kindness.")
    make_comment(article, text="Hidden unspeakable words.")
    words.refresh()
    return article


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("moderatoin", "moderation"),
        ("Moderatoin", "moderation"),
        ("sourdogh", "sourdough"),
        ("oderation", "moderation"),
        ("resumees", "resumes"),
        ("flouur", "flour"),
        ("wonderfull kindnes", "wonderful kindness"),
        ("moderatoin -rye", "moderation -rye"),
        ("moderation", ""),
        ("zzzzzz", ""),
        ("xy", ""),
        ("unspeakabel", ""),
        ("12345", ""),
        ("", ""),
    ],
)
def test_what_may_have_been_meant(site, typed, meant):
    assert search(typed).suggestion == meant


def test_nothing_that_was_hidden_since_is_suggested(site):
    Article.objects.update(status="draft")
    assert Word.objects.filter(word="moderation").exists()
    assert search("moderatoin").suggestion == ""
    words.refresh()
    assert not Word.objects.filter(word="moderation").exists()


def test_the_page_links_to_it(site, client):
    page = client.get("/search/?q=moderatoin").content.decode()
    assert 'Did you mean <a href="/search/?q=moderation" dir="auto">moderation</a>?' in page


def test_numbers_and_very_short_words_are_none():
    make_article(title="On 1984 b2b", body="An ox.")
    words.refresh()
    assert set(Word.objects.values_list("word", flat=True)) == set()


def test_reading_again_changes_what_has_changed(site):
    before = dict(Word.objects.values_list("word", "uses"))
    assert (before["moderation"], before["rye"]) == (1, 1)
    make_article(title="Moderation again", body="x")
    words.refresh()
    after = dict(Word.objects.values_list("word", "uses"))
    assert after == {**before, "moderation": 2, "again": 1}


def test_they_are_read_in_a_thousandth_of_the_time(site, monkeypatch):
    read = []
    monkeypatch.setattr(words, "refresh", lambda: read.append(1))
    SearchState.objects.update(words_read_at=timezone.now(), words_took=2)
    words.refresh_if_due()
    assert read == []
    earlier = timezone.now() - datetime.timedelta(seconds=2_001)
    SearchState.objects.update(words_read_at=earlier)
    words.refresh_if_due()
    assert read == [1]
    SearchState.objects.all().delete()
    words.refresh_if_due()
    assert read == [1, 1]


def test_housekeeping_reads_them(monkeypatch):
    SearchState.objects.all().delete()
    make_article(title="Sourdough")
    housekeeping.tidy()
    assert Word.objects.filter(word="sourdough").exists()


def test_a_common_beginning_stands_for_its_most_frequent_words(monkeypatch):
    rows = [("bread", 9), ("breads", 5), ("breadth", 3), ("other", 99)]
    Word.objects.all().delete()
    Word.objects.bulk_create(Word(word, len(word), uses) for word, uses in rows)
    start = Term(("Bread",), is_beginning=True)
    assert words.widened(start) == (start,)
    monkeypatch.setattr(words, "COMMON", 10)
    assert words.widened(start) == (Term(("Bread",)), Term(("breads",)), Term(("breadth",)))
    assert words.widened(Term(("bread",))) == (Term(("bread",)),)
    for title in ("A bread", "Some breads", "The breadth"):
        make_article(title=title)
    assert search("bread").total == 3


def test_no_more_words_are_kept_than_can_be_gone_through(site, monkeypatch):
    monkeypatch.setattr(words, "MOST_KEPT", 3)
    words.refresh()
    assert Word.objects.count() == 3
