"""What every template knows."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from articles.models import Blog


def blog(request: HttpRequest) -> dict[str, object]:
    """Give templates the blog, asked of the database only when used, and the site's public address."""
    return {"blog": SimpleLazyObject(Blog.current), "site_url": settings.SITE_URL}
