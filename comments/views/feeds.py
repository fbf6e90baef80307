"""The feeds of responses."""

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect

from articles.at_address import article_reached_at
from articles.feeds.addresses import feed_path
from articles.feeds.answering import answer
from articles.reading_only import reading_only
from articles.views import gone_or_missing
from comments import feeds


@reading_only
def of_site(request: HttpRequest, form: str) -> HttpResponse:
    """Answer with the newest responses."""
    return answer(feeds.of_site(), form)


@reading_only
def of_article(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    """Answer with the newest responses to an article; lead a former address to the present one."""
    article = article_reached_at(slug)
    if article is None:
        return gone_or_missing(request, slug)
    if article.slug != slug:
        return HttpResponsePermanentRedirect(feed_path("article_feed", form, article.slug))
    return answer(feeds.of_article(article), form)
