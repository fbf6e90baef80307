"""Answers a request with a feed."""

from django.http import HttpResponse
from django.utils.http import http_date

from articles.feeds.entries import Feed, cleaned
from articles.feeds.forms import FORMS


def answer(feed: Feed, name: str) -> HttpResponse:
    """Return the feed in the form of this name; where it is, and its hub, in headers as well (WebSub 4)."""
    form = FORMS[name]
    address = form.address(feed)
    content_type = f"{form.media_type}; charset=utf-8"
    response = HttpResponse(form.write(cleaned(feed), address), content_type=content_type)
    links = [f'<{feed.hub}>; rel="hub"'] if feed.hub else []
    response["Link"] = ", ".join([*links, f'<{address}>; rel="self"'])
    response["Last-Modified"] = http_date(feed.updated.timestamp())
    return response
