"""Did this post come from a page of ours?

An anonymous reply carries no authority that could be abused across sites, so it needs no
per-visitor CSRF token (which would cost a cookie for every reader). What the browser says of the
post's origin is checked, and whoever has a session goes through Django's own CSRF protection.
"""

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from articles.sessions import has_session


class _CsrfCheck(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> str:
        return reason


def _unused(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError


def signed_in_user(request: HttpRequest) -> User | None:
    """Return the user behind the session, without touching the session of those who have none."""
    if has_session(request) and request.user.is_authenticated:
        return request.user
    return None


def is_ours(request: HttpRequest) -> bool:
    """Say whether the post came from this site: Fetch Metadata, else Origin, else assume so.

    Sources: W3C Fetch Metadata Request Headers 2.4; RFC 6454 section 7. Browsers older than
    both send neither; the signed form token still stands.
    """
    if has_session(request):
        check = _CsrfCheck(_unused)
        check.process_request(request)
        return check.process_view(request, _unused, (), {}) is None
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    own = {settings.SITE_URL, f"{request.scheme}://{request.get_host()}"}
    return origin is None or origin in own
