"""Tells other sites where an article takes linkbacks."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from articles.models import Article
from comments.linkbacks.targets import pingback_endpoint, webmention_endpoint
from comments.models import DiscussionSettings, Kind


class AdvertiseEndpointsMiddleware:
    """Adds ``X-Pingback`` and ``Link: rel="webmention"`` to the page of an article that takes them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_template_response(
        self, request: HttpRequest, response: TemplateResponse
    ) -> TemplateResponse:
        article = (response.context_data or {}).get("article")
        if isinstance(article, Article):
            rules = DiscussionSettings.for_request(request)
            if rules.takes(Kind.PINGBACK, article):
                response["X-Pingback"] = pingback_endpoint()
            if rules.takes(Kind.WEBMENTION, article):
                response["Link"] = f'<{webmention_endpoint()}>; rel="webmention"'
        return response
