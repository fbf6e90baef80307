"""The absolute addresses of this site's pages: as other sites, readers of mail and programs know them."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

if TYPE_CHECKING:
    from articles.models import Article


def absolute(path: str) -> str:
    """Return the address of a path of the site."""
    return f"{settings.SITE_URL}{path}"


def absolute_to(view: str, *args: object) -> str:
    """Return the address of the page that this view shows."""
    return absolute(reverse(view, args=args))


def page_of(article: "Article") -> str:
    """Return the address of the article's page."""
    return absolute(article.get_absolute_url())
