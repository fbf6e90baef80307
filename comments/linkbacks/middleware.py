"""Tells other blogs where an article takes linkbacks."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from articles.models import Article
from comments.models import DiscussionSettings


def pingback_endpoint() -> str:
    """Return the absolute address that takes pingbacks (Pingback 1.0, section 2.1)."""
    return f"{settings.SITE_URL}{reverse('pingback')}"


class AdvertiseEndpointsMiddleware:
    """Adds ``X-Pingback`` to the page of an article that takes pingbacks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_template_response(
        self, request: HttpRequest, response: TemplateResponse
    ) -> TemplateResponse:
        article = (response.context_data or {}).get("article")
        if isinstance(article, Article) and DiscussionSettings.over(article).takes_pingbacks(
            article
        ):
            response["X-Pingback"] = pingback_endpoint()
        return response
