"""Pages for the one person who knows their address."""

from django.http import HttpResponse
from django.utils.cache import add_never_cache_headers, patch_cache_control


def keep_private(response: HttpResponse) -> HttpResponse:
    """Have nobody keep, index or name the address of the page."""
    add_never_cache_headers(response)
    patch_cache_control(response, private=True, no_store=True)
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "same-origin"
    return response
