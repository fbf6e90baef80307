"""Answers machines. Whatever is not published is to none of them."""

from collections.abc import Callable

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control

from articles.at_address import article_reached_at
from articles.machines import oembed, sitemaps
from articles.machines.addresses import card_of, oembed_of
from articles.models import Article, Blog, Card, FaqEntry
from articles.reading_only import reading_only
from articles.site_addresses import page_of
from articles.views import gone_or_missing

XML = "application/xml; charset=utf-8"
MARKDOWN = "text/markdown; charset=utf-8"
#: Of the newest articles, so many are listed in ``/llms.txt``.
LISTED = 100
YEAR = 365 * 24 * 3600  # seconds


@reading_only
def article_markdown(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the article as its author wrote it, with its questions and what was said about it."""
    article = article_reached_at(slug)
    if article is None:
        return gone_or_missing(request, slug)
    if article.slug != slug:
        return redirect("article_markdown", article.slug, permanent=True)
    questions = FaqEntry.objects.published().filter(article=article)
    context = {"article": article, "faq_entries": questions}
    response = render(request, "articles/article.md", context, content_type=MARKDOWN)
    response["Link"] = f'<{page_of(article)}>; rel="canonical"'
    return response


@reading_only
def llms(request: HttpRequest) -> HttpResponse:
    """List the newest articles with their Markdown, as llmstxt.org proposes."""
    newest = Article.objects.published().newest_first().only("title", "slug", "summary")
    context = {"articles": newest[:LISTED], "blog": Blog.current()}
    return render(request, "articles/llms.txt", context, content_type=MARKDOWN)


@reading_only
def card(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Return the picture of an article; lead from a former one to the one that is there now."""
    article = article_reached_at(slug)
    if article is None or not article.card_name:
        raise Http404("There is no such picture.")
    if (article.slug, article.card_name) != (slug, name):
        return HttpResponseRedirect(card_of(article))
    picture = Card.objects.filter(article=article, name=name).values_list("png", flat=True).first()
    if not picture:
        raise Http404("There is no such picture.")
    response = HttpResponse(bytes(picture), content_type="image/png")
    # Another picture has another name.
    patch_cache_control(response, public=True, max_age=YEAR, immutable=True)
    return response


@reading_only
def describe(request: HttpRequest) -> HttpResponse:
    """Describe an article to whoever embeds it (oEmbed 1.0, 2.2 and 2.3)."""
    if request.GET.get("format", "json") != "json":
        return HttpResponse("Only JSON is spoken here.\n", status=501, content_type="text/plain")
    slug = oembed.slug_of(request.GET.get("url", ""))
    article = article_reached_at(slug) if slug else None
    if article is None:
        raise Http404("There is no article of ours at this address.")
    size = [request.GET.get(name) for name in oembed.SIZES]
    if article.slug != slug:
        return HttpResponseRedirect(oembed_of(article) + oembed.asked_again(*size))
    response = JsonResponse(oembed.describe(article, *size))
    response["X-Robots-Tag"] = "noindex"
    # What it says is for pages of other sites: without any cookie, and the same for everybody.
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _sitemap(make: Callable[[], str | None]) -> HttpResponse:
    text = make()
    if text is None:
        raise Http404("There is no such part of the sitemap.")
    return HttpResponse(text, content_type=XML)


@reading_only
def sitemap(request: HttpRequest) -> HttpResponse:
    return _sitemap(sitemaps.index)


@reading_only
def sitemap_pages(request: HttpRequest) -> HttpResponse:
    return _sitemap(sitemaps.pages)


@reading_only
def sitemap_part(request: HttpRequest, number: int) -> HttpResponse:
    return _sitemap(lambda: sitemaps.part(number))
