"""The page that only a comment's author knows."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.views.decorators.http import require_safe

from comments.models import Comment


@require_safe
def your_comment(request: HttpRequest, key: str) -> HttpResponse:
    """Show the author of a comment what has become of it. The address is the only proof asked."""
    comment = get_object_or_404(Comment.objects.select_related("article"), private_key=key)
    return keep_private(
        TemplateResponse(request, "comments/your_comment.html", {"comment": comment})
    )


def keep_private(response: HttpResponse) -> HttpResponse:
    """Have nobody keep, index or name the address of the page."""
    add_never_cache_headers(response)
    patch_cache_control(response, private=True, no_store=True)
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "same-origin"
    return response
