"""Lists of articles: by tag, by series, by year and month."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from articles import archive, paging
from articles.models import Article, Blog, Tag
from articles.reading_only import reading_only
from articles.topics import OldSeriesSlug, OldTagSlug, OldTopicSlug, Series

MOST_TAGS = 1_000
PARTS_SHOWN = 50


@reading_only
def tags(request: HttpRequest) -> HttpResponse:
    """Show every tag that an article has, with the number of its articles."""
    shown = list(Tag.objects.shown()[:MOST_TAGS])
    return TemplateResponse(request, "articles/tags.html", {"tags": shown})


@reading_only
def tag(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the articles with a tag, newest first; lead a former address to the present one."""
    found = Tag.objects.filter(slug=slug).first()
    if found is None:
        return _former(OldTagSlug, slug)
    if not found.listings.published().exists():
        raise Http404("There is no article with this tag.")
    return _paged(request, "articles/tag.html", {"tag": found}, found.listings.all())


@reading_only
def series(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the articles of a series in order; lead a former address to the present one."""
    found = Series.objects.filter(slug=slug).first()
    if found is None:
        return _former(OldSeriesSlug, slug)
    parts = found.articles.published().in_order().select_related("author")
    pages = paging.BoundedPaginator(parts.defer("body").prefetch_related("tags"), PARTS_SHOWN)
    number = request.GET.get("page", "1")
    if not pages.count or not (number.isascii() and number.isdigit() and len(number) < 6):
        raise Http404("There is no such series.")
    if not 1 <= int(number) <= pages.num_pages:
        raise Http404("There is no such page of this series.")
    context = {"series": found, "page": pages.get_page(number)}
    return TemplateResponse(request, "articles/series.html", context)


@reading_only
def archive_index(request: HttpRequest) -> HttpResponse:
    """Show the years and months in which articles were published."""
    return TemplateResponse(request, "articles/archive.html", {"years": archive.years()})


@reading_only
def archive_of(request: HttpRequest, year: int, month: int | None = None) -> HttpResponse:
    """Show the articles of a year, or of a month."""
    try:
        period = archive.Period(year, month)
        start, end = period.bounds
    except (ValueError, OverflowError):
        raise Http404("There is no such month.") from None
    articles = Article.objects.within(start, end)
    if not articles.published().exists():
        raise Http404("Nothing was published then.")
    context = {"period": period, "months": archive.months_of(period.year)}
    return _paged(request, "articles/archive_of.html", context, articles)


def _paged(
    request: HttpRequest, template: str, context: dict[str, Any], rows: paging.Rows
) -> HttpResponse:
    page = paging.index_page(request.GET, Blog.current().articles_per_page or 10, rows)
    if page is None:
        return redirect(request.path)
    return TemplateResponse(request, template, {**context, "page": page})


def _former(table: type[OldTopicSlug], slug: str) -> HttpResponse:
    """Lead on from an address that a topic once had."""
    old = table.objects.filter(slug=slug).select_related("owner").first()
    if old is None:
        raise Http404("There is nothing at this address.")
    return HttpResponsePermanentRedirect(old.owner.get_absolute_url())
