"""The feeds of articles, and the page that says what feeds there are."""

from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from articles.feeds import lists
from articles.feeds.addresses import feed_path
from articles.feeds.answering import answer
from articles.feeds.forms import FORMS
from articles.models import Tag
from articles.reading_only import reading_only
from articles.topics import by_letters

#: Of more tags, those with the most articles are listed; the others' feeds are found on their pages.
MOST_TAGS: Final = 100


@reading_only
def feed(request: HttpRequest, form: str) -> HttpResponse:
    """Answer with the newest articles."""
    return answer(lists.of_articles(), form)


@reading_only
def of_tag(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    """Answer with the newest articles with a tag; lead a former address to the present one."""
    found = Tag.objects.shown()
    if tag := found.filter(slug=slug).first():
        return answer(lists.of_tag(tag), form)
    tag = get_object_or_404(found, old_slugs__slug=slug)
    return HttpResponsePermanentRedirect(feed_path("tag_feed", form, tag.slug))


@reading_only
def subscribe(request: HttpRequest) -> HttpResponse:
    """Tell people what a feed is, and where each is."""
    largest = Tag.objects.shown().order_by("-listed", "name")[:MOST_TAGS]
    context = {"forms": FORMS, "tags": sorted(largest, key=by_letters)}
    return TemplateResponse(request, "articles/subscribe.html", context)
