"""What every template knows."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from articles.models import Blog


def blog(request: HttpRequest) -> dict[str, object]:
    """Give templates the blog's name and tagline; asked of the database only when used."""
    return {"blog": SimpleLazyObject(Blog.current)}
