"""The feeds of articles, and the page that says what feeds there are."""

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from articles.feeds import lists
from articles.feeds.answering import answer
from articles.feeds.forms import FORMS


@require_safe
def feed(request: HttpRequest, form: str) -> HttpResponse:
    """Answer with the newest articles."""
    return answer(request, lists.of_articles(), form)


@require_safe
def subscribe(request: HttpRequest) -> HttpResponse:
    """Tell people what a feed is, and where each is."""
    return TemplateResponse(request, "articles/subscribe.html", {"forms": FORMS})
