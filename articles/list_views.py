"""Lists of articles: by tag, by series, by year and month."""

from typing import Any

from django.core.paginator import InvalidPage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse

from articles import archive, paging
from articles.models import Article, Blog, Series, Tag
from articles.numbers import whole_number
from articles.reading_only import reading_only
from articles.topics import TopicQuerySet, by_letters

MOST_TAGS = 1_000
PARTS_SHOWN = 50
# Of a part its title, its date and its author are shown.
_NOT_OF_PARTS = ("body", "body_html", "headings", "contents_html", "summary")


@reading_only
def tags(request: HttpRequest) -> HttpResponse:
    """Show every tag that an article has, with the number of its articles."""
    shown = sorted(Tag.objects.shown()[:MOST_TAGS], key=by_letters)
    return TemplateResponse(request, "articles/tags.html", {"tags": shown})


@reading_only
def tag(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the articles with a tag, newest first; lead a former address to the present one."""
    found = Tag.objects.shown().filter(slug=slug).first()
    if found is None:
        return _former(Tag.objects.shown(), slug)
    return _paged(request, "articles/tag.html", {"tag": found}, found.listings.all())


@reading_only
def series(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the articles of a series in order; lead a former address to the present one."""
    found = Series.objects.shown().filter(slug=slug).first()
    if found is None:
        return _former(Series.objects.shown(), slug)
    parts = found.articles.published().in_order().select_related("author").defer(*_NOT_OF_PARTS)
    number = whole_number(request.GET.get("page", "1"), 5) or 0
    try:
        page = paging.BoundedPaginator(parts, PARTS_SHOWN).page(number)
    except InvalidPage:
        raise Http404("There is no such page of this series.") from None
    return TemplateResponse(request, "articles/series.html", {"series": found, "page": page})


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
    blog = Blog.current()
    page = paging.index_page(request.GET, blog.articles_per_page, rows)
    if page is None:
        return redirect(request.path)
    return TemplateResponse(request, template, {**context, "page": page, "blog": blog})


def _former(shown: TopicQuerySet, slug: str) -> HttpResponse:
    """Lead on from an address that one of these once had."""
    return HttpResponsePermanentRedirect(
        get_object_or_404(shown, old_slugs__slug=slug).get_absolute_url()
    )
