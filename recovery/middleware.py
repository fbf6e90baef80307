"""Headers that every response, or every public page, carries."""

import datetime
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from articles.sessions import has_session
from recovery.page_cache import lifetime, validators
from recovery.page_cache.process import announce
from recovery.page_cache.requests import target_of


def content_security_policy() -> str:
    """Return ``SECURE_CSP`` as the header says it."""
    return "; ".join(
        " ".join([directive, *sources]) for directive, sources in settings.SECURE_CSP.items()
    )


class ContentSecurityPolicyMiddleware:
    """Sends ``SECURE_CSP`` with every response (Content Security Policy Level 3)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.policy = content_security_policy()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        return response


class PublicPageMiddleware:
    """Says of finished public pages that they may be kept, by whom, and when that has to end.

    The page cache of ``recovery.page_cache`` and any CDN in front go by the same headers.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        seconds = settings.CDN_SECONDS
        self.cache_control = (
            f"public, max-age=0, s-maxage={seconds}, stale-while-revalidate={seconds}"
            if seconds
            else "public, max-age=0, must-revalidate"
        )

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = timezone.now()
        response = self.get_response(request)
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            announce()
        response = self._judged(request, response, begun)
        if not response.has_header("Cache-Control"):
            # Or others would keep it for as long as they see fit (RFC 9111, 4.2.2), a page that is not there yet, too.
            # Who has a session, or gets one by this, may be shown what nobody else is.
            is_for_one = has_session(request) or bool(response.cookies)
            response["Cache-Control"] = "private, no-cache" if is_for_one else "no-cache"
        return response

    def _judged(
        self, request: HttpRequest, response: HttpResponse, begun: datetime.datetime
    ) -> HttpResponse:
        target = target_of(quote(request.path).encode(), request.META["QUERY_STRING"].encode())
        if target is None or not target.depends_on:
            return response
        if self._is_public(request, response):
            response.headers.setdefault("Cache-Control", self.cache_control)
            response["Surrogate-Key"] = _surrogate_keys(target.depends_on)
            lifetime.note(request, response, begun)
            if response.has_header("Last-Modified"):
                return validators.conditional(request, response, target.depends_on)
        return response

    def _says_nothing_else(self, response: HttpResponse) -> bool:
        # What has another name for another content knows for itself how long it may be kept.
        said = response.headers.get("Cache-Control", "")
        return not said or "immutable" in said

    def _is_public(self, request: HttpRequest, response: HttpResponse) -> bool:
        return (
            request.method in ("GET", "HEAD")
            and response.status_code == 200
            and not has_session(request)
            and self._says_nothing_else(response)
            and not response.cookies
            and not response.streaming
        )


@lru_cache(maxsize=1024)
def _surrogate_keys(depends_on: tuple[str, ...]) -> str:
    return " ".join(quote(key, safe=":") for key in depends_on)
