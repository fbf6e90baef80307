"""Whatever is typed: an answer, soon, and never an error."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from articles.search import asked
from articles.search.finding import search
from comments.models import Status
from tests.builders import make_article, make_comment, make_faq_entry

pytestmark = pytest.mark.django_db

HOSTILE = [
    "",
    " ",
    "\0",
    "a\0b",
    '"',
    '""',
    '"""""',
    "-",
    "--",
    "- -",
    "-word",
    "*",
    "a*",
    "^a",
    "NEAR(a b)",
    "NEAR(",
    "AND",
    "OR",
    "NOT",
    "a AND",
    "title: a",
    "{a b}: c",
    "a + b",
    "(",
    ")",
    "((((((((",
    "a')--",
    "'; DROP TABLE articles_article; --",
    "a & b | !c",
    "a <-> b",
    "a:*",
    "\\",
    "%",
    "_",
    "the and of",
    "x" * 10_000,
    "word " * 2_000,
    '"a" ' * 2_500,
    "-a " * 3_000,
    '"' * 10_000,
    "(" * 10_000,
    "\u202eesrever",
    "العودة \u200f إلى",
    "\ud800",
    "\U0001f35e",
    "e\u0301" * 3_000,
    "\u0301" * 500,
    "ﷺ" * 200,
    "İstanbul",
    "१२३",
    "\ufeff",
]


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_is_answered_soon(client, query):
    article = make_article(title="A word", body="the and of a b c")
    make_faq_entry(article)
    make_comment(article, status=Status.APPROVED)
    begun = time.thread_time()
    found = search(query)
    client_says = client.get("/search/", {"q": query.encode("utf-8", "replace")})
    assert time.thread_time() - begun < 1
    assert client_says.status_code == 200
    assert len(found.asked.wanted) <= asked.MOST_TERMS
    assert len(found.asked.text) <= asked.LONGEST


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(max_size=60))
def test_no_text_breaks_it(query):
    search(query)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(alphabet="ab\"-*():^ \u0301é<>&|!'", max_size=40))
def test_no_syntax_breaks_it(query):
    search(query)


@pytest.mark.parametrize("page", ["0", "-1", "x", "", "2", "9999", "1.5", "١"])
def test_a_page_that_is_not_there(client, page):
    make_article(title="word")
    assert client.get("/search/", {"q": "word", "page": page}).status_code == 404
