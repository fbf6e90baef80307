"""Links of the owner's to pages of this site that are not there."""

from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.urls import Resolver404, ResolverMatch, resolve

from articles.at_address import article_reached_at
from articles.navigation import Link


def leads_nowhere(link: Link) -> bool:
    """Say whether the link names a page of this site that is not there: by its address, or an article by its slug."""
    path = unquote(urlsplit(link.address).path)
    if not link.address.startswith("/") or path.startswith(settings.STATIC_URL):
        return False
    found = _view_at(path)
    return found is None or (found.url_name == "article" and not _is_read(found.kwargs["slug"]))


def _view_at(path: str) -> ResolverMatch | None:
    # As CommonMiddleware does, which leads on to the address with a slash.
    for spelled in (path, f"{path}/"):
        try:
            return resolve(spelled)
        except Resolver404:
            continue
    return None


def _is_read(slug: str) -> bool:
    return article_reached_at(slug) is not None
