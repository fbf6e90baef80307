"""The pages that say what went wrong, also where no view, or not even Django, has a say in it."""

from contextlib import suppress
from http import HTTPStatus
from typing import Final

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views import defaults

from articles.models import Blog
from recovery.middleware import content_security_policy
from recovery.own_templates import surely

#: What is said where there is no template of its own: a heading and a sentence.
WORDS: Final = {
    HTTPStatus.BAD_REQUEST: (
        _("This request could not be understood"),
        _("It broke off, or was not as expected. Please go back and try again."),
    ),
    HTTPStatus.REQUEST_TIMEOUT: (
        _("That took too long"),
        _("What your browser was sending did not arrive in time. Please go back and try again."),
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        _("That is too large"),
        _("More was sent than this site takes at once. Please go back and make it shorter."),
    ),
    HTTPStatus.TOO_MANY_REQUESTS: (
        _("That was too often"),
        _(
            "So much has come from your network in a short time that it has to wait. Please try again later."
        ),
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: (
        _("There is too much to do at the moment"),
        _("Nothing of what you sent was taken. Please try again in a few seconds."),
    ),
}


def standing(status: HTTPStatus) -> bytes:
    """Return the page for a status of ``WORDS``, with the site's name as it is at this moment.

    It takes a query and a template: who refuses floods keeps it for a second (``refusals``).
    """
    heading, words = WORDS[status]
    return _page("refused.html", heading=gettext(heading), words=gettext(words)).encode()


def refusals() -> dict[HTTPStatus, tuple[list[tuple[bytes, bytes]], bytes]]:
    """Return headers and page of each status of ``WORDS``, for a server that refuses by itself."""
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"content-security-policy", content_security_policy().encode()),
        (b"referrer-policy", settings.SECURE_REFERRER_POLICY.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", settings.X_FRAME_OPTIONS.encode()),
    ]
    return {status: (headers, standing(status)) for status in WORDS}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what cannot be understood: 400, or 413 where it was only too much."""
    if isinstance(exception, RequestDataTooBig):
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return HttpResponse(standing(status), status=status)
    return HttpResponse(_page("400.html"), status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a request that failed: with the site's name, if the database still tells it."""
    return HttpResponse(_page("500.html"), status=500)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404."""
    return surely(lambda: defaults.page_not_found(request, exception))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403."""
    return surely(lambda: defaults.permission_denied(request, exception))


def _page(template: str, **words: str) -> str:
    context = {"blog": _blog(), **words}
    return surely(lambda: render_to_string(template, context))


def _blog() -> Blog:
    """Return what the owner says of the site; its defaults where the database does not answer.

    That it does not has been logged by then: it is why there is an error page.
    """
    with suppress(Exception):
        return Blog.current()
    return Blog(pk=1)
