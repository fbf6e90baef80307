"""Which article an address of this site means, and every address that means it."""

from itertools import product
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import Resolver404, resolve, reverse

from articles.at_address import article_reached_at
from articles.models import Article, OldSlug
from articles.site_addresses import absolute_to
from comments.linkbacks.addresses import MAX_URL_LENGTH
from comments.linkbacks.exceptions import TargetNotFound, TargetNotPingable
from comments.linkbacks.verification import normalise
from comments.models import DiscussionSettings, Kind

# Browsers read a backslash as a slash, and what stands before an @ as a name to log in with.
_NEVER_IN_OURS = "\\@\x00\r\n\t "
_DEFAULT_PORTS = {"http": 80, "https": 443}


def _hosts() -> set[str]:
    own = urlsplit(settings.SITE_URL).hostname or ""
    aliases = {
        host.strip("[]") for host in settings.ALLOWED_HOSTS if not host.startswith((".", "*"))
    }
    return {own, *aliases}


def _ports() -> set[int]:
    """Return the ports the site is reached at: its own, or both defaults when that is one."""
    parts = urlsplit(settings.SITE_URL)
    own = parts.port or _DEFAULT_PORTS[parts.scheme]
    return set(_DEFAULT_PORTS.values()) if own in _DEFAULT_PORTS.values() else {own}


def is_own(url: str) -> bool:
    """Say whether the address is one of this site, under whichever of its names."""
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return False
    return parts.scheme in _DEFAULT_PORTS and parts.hostname in _hosts() and port in _ports()


def find_target(url: str) -> Article:
    """Return the published article that the address means, through former slugs as well.

    Raises ``TargetNotPingable`` for what can never be a target, ``TargetNotFound`` for an address
    of an article that does not exist.
    """
    if len(url) > MAX_URL_LENGTH or any(char in url for char in _NEVER_IN_OURS):
        raise TargetNotPingable("The target is not an address that this site would have.")
    if not is_own(url):
        raise TargetNotPingable("The target is not an address of this site.")
    path = unquote(urlsplit(url).path)
    try:
        # Without its last slash an address redirects here, so it means the same.
        match = resolve(path if path.endswith("/") or not _is_route(f"{path}/") else f"{path}/")
    except Resolver404:
        raise TargetNotFound("There is nothing at the target's address.") from None
    if match.view_name != "article":
        raise TargetNotPingable("The target is a page of this site, but not an article.")
    found = article_reached_at(match.kwargs["slug"])
    if found is None:
        raise TargetNotFound("There is no article at the target's address.")
    return found


def _is_route(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


def pingback_endpoint() -> str:
    """Return the absolute address that takes pingbacks (Pingback 1.0, section 2.1)."""
    return absolute_to("pingback")


def webmention_endpoint() -> str:
    """Return the absolute address that takes webmentions (Webmention 3.1.2)."""
    return absolute_to("webmention")


def headers(request: HttpRequest, article: Article) -> dict[str, str]:
    """Return the headers that tell where the article takes linkbacks, if it does.

    Sources: Pingback 1.0, section 2.1; Webmention 3.1.2 (RFC 8288).
    """
    rules = DiscussionSettings.for_request(request)
    endpoints = {
        Kind.PINGBACK: ("X-Pingback", pingback_endpoint()),
        Kind.WEBMENTION: ("Link", f'<{webmention_endpoint()}>; rel="webmention"'),
    }
    return dict(named for kind, named in endpoints.items() if rules.takes(kind, article))


def addresses_of(article: Article) -> frozenset[str]:
    """Return every address, normalised, at which a link reaches the article."""
    slugs = [article.slug, *OldSlug.objects.filter(article=article).values_list("slug", flat=True)]
    full = [reverse("article", args=[slug]) for slug in slugs]
    paths = [*full, *(path.rstrip("/") for path in full)]
    return frozenset(normalise(origin + path) for origin, path in product(_origins(), paths))


def _origins() -> set[str]:
    hosts = {f"[{host}]" if ":" in host else host for host in _hosts()}
    schemes_and_ports = product(_DEFAULT_PORTS, _ports())
    return {
        f"{scheme}://{host}:{port}" for (scheme, port), host in product(schemes_and_ports, hosts)
    }
