"""Who has a session: asked without touching it, so that anonymous answers vary on no cookie."""

from django.conf import settings
from django.http import HttpRequest


def has_session(request: HttpRequest) -> bool:
    """Say whether the request carries a session cookie, without touching the session."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES
