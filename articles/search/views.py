"""The page to search on."""

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import conditional_page

from articles.numbers import whole_number
from articles.reading_only import reading_only
from articles.search.finding import search
from articles.sessions import has_session


@reading_only
@conditional_page
def search_page(request: HttpRequest) -> HttpResponse:
    """Show the form, and what was found for ``?q=``.

    Such pages are not kept (docs/decisions/0012): each is made from the index as it is, and an unchanged one is
    answered with 304.
    """
    number = whole_number(request.GET.get("page", "1"), 3)
    found = search(request.GET.get("q", ""), number) if number else None
    if found is None or found.number > found.pages:
        raise Http404("There is no such page of results.")
    response = TemplateResponse(request, "articles/search.html", {"found": found})
    if "q" in request.GET:
        who = "private" if has_session(request) else "public"
        response["Cache-Control"] = f"{who}, max-age=0, must-revalidate"
        response["X-Robots-Tag"] = "noindex"
    return response
