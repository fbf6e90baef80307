"""Describes an article to sites that embed it: oEmbed 1.0, by JSON."""

from typing import Any, Final
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils.html import format_html

from articles import cards
from articles.machines.addresses import card_of
from articles.models import Article, Blog
from articles.numbers import whole_number
from articles.site_addresses import absolute_to, page_of

WIDTH, HEIGHT = 600, 200  # pixels
#: By these a consumer says how much room there is (oEmbed 1.0, 2.2).
SIZES: Final = ("maxwidth", "maxheight")
#: For how long a consumer may keep the answer.
CACHE_AGE: Final = 3600  # seconds
_LONGEST: Final = 2_000
_LEAST: Final = 1


def slug_of(url: str) -> str | None:
    """Return the slug of the article's page at this address, if it is one of ours."""
    own, asked = urlsplit(settings.SITE_URL), _parts(url)
    if asked is None or asked.netloc.lower() != own.netloc.lower():
        return None
    if asked.scheme not in ("http", "https"):
        return None
    try:
        found = resolve(unquote(asked.path))
    except Resolver404:
        return None
    return str(found.kwargs["slug"]) if found.url_name == "article" else None


def _parts(url: str) -> Any:
    try:
        return urlsplit(url) if len(url) <= _LONGEST else None
    except ValueError:
        return None


def limit(value: str | None, standard: int) -> int:
    """Return ``maxwidth`` or ``maxheight`` as it bounds us; nonsense does not (oEmbed 1.0, 2.2)."""
    number = whole_number(value or "", 6)
    return standard if number is None else max(_LEAST, min(standard, number))


def asked_again(*sizes: str | None) -> str:
    """Return what an address of a description ends with to ask for the same sizes."""
    numbers = (whole_number(size or "", 6) for size in sizes)
    named = zip(SIZES, numbers, strict=True)
    return "".join(f"&{name}={number}" for name, number in named if number is not None)


def describe(article: Article, max_width: str | None, max_height: str | None) -> dict[str, Any]:
    """Return the answer of type ``rich`` (oEmbed 1.0, 2.3.4): a quotation, without script or style."""
    blog = Blog.current()
    said = {
        "version": "1.0",
        "type": "rich",
        "title": article.title,
        "provider_name": blog.name,
        "provider_url": absolute_to("index"),
        "cache_age": CACHE_AGE,
        "width": limit(max_width, WIDTH),
        "height": limit(max_height, HEIGHT),
        "html": _quotation(article, blog),
    }
    if article.byline:
        said["author_name"] = article.byline
    return {**said, **_thumbnail(article, max_width, max_height)}


def _quotation(article: Article, blog: Blog) -> str:
    return format_html(
        '<blockquote><p><a href="{}">{}</a></p><p>{}</p><p>{}</p></blockquote>',
        page_of(article),
        article.title,
        article.excerpt,
        " · ".join(filter(None, (article.byline, blog.name))),
    )


def _thumbnail(article: Article, max_width: str | None, max_height: str | None) -> dict[str, Any]:
    """Return the card, unless it is larger than asked for (oEmbed 1.0, 2.3: all three or none)."""
    width, height = cards.WIDTH, cards.HEIGHT
    is_small_enough = limit(max_width, width) >= width and limit(max_height, height) >= height
    if not article.card_name or not is_small_enough:
        return {}
    return {
        "thumbnail_url": card_of(article),
        "thumbnail_width": width,
        "thumbnail_height": height,
    }
