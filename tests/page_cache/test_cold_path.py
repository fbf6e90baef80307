"""What it costs to make a page that is not kept."""

import cProfile
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from articles.models import Article
from comments.models import Status
from recovery.page_cache.requests import UNTIL
from tests.builders import make_comment, make_faq_entry
from tests.comments.test_thread_pages import make_many

# As whoever keeps the page asks for it: until when it holds is to be said, too.
AS_KEPT: dict[str, Any] = {UNTIL: None}
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("number", [0, 20, 2_000, 20_000])
def test_eight_queries_at_first_and_three_in_a_frame(article, number):
    make_many(article, number)
    make_faq_entry(article, credit_name="Li", credit_anchor="comment-1")
    for most in (8, 3 if number else 4):
        with CaptureQueriesContext(connection) as asked:
            Client().get(article.get_absolute_url(), **AS_KEPT)
        assert len(asked) <= most


def test_a_stale_frame_takes_no_more(article):
    make_many(article, 20)
    Client().get(article.get_absolute_url())
    Article.objects.update(summary="Changed.")
    with CaptureQueriesContext(connection) as asked:
        Client().get(article.get_absolute_url())
    assert len(asked) <= 8


def test_a_page_after_a_comment_takes_few_calls(article):
    """At first a page took 40,000; Django itself, with our middleware, takes 700, and psycopg 1,000."""
    for head in make_many(article, 30):
        make_many(article, 1, parent=head, head=head)
    client, profile = Client(), cProfile.Profile()
    client.get(article.get_absolute_url())
    make_comment(article, status=Status.APPROVED)
    profile.runcall(client.get, article.get_absolute_url())
    assert sum(entry.callcount for entry in profile.getstats()) < 6_000
