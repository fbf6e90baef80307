"""Addresses of our own pages, as others know them, and moments as programs read them."""

import datetime

import pytest

from articles.models import Article
from articles.moments import rfc3339
from articles.site_addresses import absolute, absolute_to, page_of


def test_begin_with_the_sites_own(settings):
    settings.SITE_URL = "https://blog.example.org"
    assert absolute("/x/?y=1") == "https://blog.example.org/x/?y=1"
    assert absolute_to("feed") == "https://blog.example.org/feed/"
    assert absolute_to("article", "café") == "https://blog.example.org/articles/caf%C3%A9/"
    assert page_of(Article(slug="one")) == "https://blog.example.org/articles/one/"


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (
            datetime.datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=datetime.UTC),
            "2026-01-02T03:04:05Z",
        ),
        (
            datetime.datetime(2026, 1, 2, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=2))),
            "2026-01-01T23:00:00Z",
        ),
    ],
)
def test_moments_are_in_utc_and_whole_seconds(moment, expected):
    assert rfc3339(moment) == expected


def test_the_last_change_is_never_before_publishing():
    early, late = (datetime.datetime(2026, 1, day, tzinfo=datetime.UTC) for day in (1, 2))
    assert Article(published_at=late, updated_at=early).last_change == late
    assert Article(published_at=early, updated_at=late).last_change == late
    assert Article(published_at=None, updated_at=early).last_change == early
