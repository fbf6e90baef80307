"""What only shows something says which methods there are, whatever a request brings along."""

import pytest
from django.test import Client

from tests.builders import make_article

ADDRESSES = (
    *("/", "/articles/one/", "/articles/one.md", "/tags/", "/archive/", "/search/", "/privacy/"),
    *("/feed/", "/comments/feed/", "/articles/one/feed/", "/subscribe/", "/rss.xml", "/robots.txt"),
    *("/sitemap.xml", "/oembed", "/llms.txt"),
)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_other_methods_are_answered_405_with_those_there_are(address: str, method: str) -> None:
    make_article(slug="one")
    response = getattr(Client(enforce_csrf_checks=True), method)(address)
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")
