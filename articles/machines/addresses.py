"""Where the machine-readable forms of an article are."""

from urllib.parse import quote

from django.conf import settings
from django.urls import reverse

from articles.models import Article


def absolute(path: str) -> str:
    """Return the address of a path of the site, as other sites know it."""
    return f"{settings.SITE_URL}{path}"


def page_of(article: Article) -> str:
    return absolute(article.get_absolute_url())


def markdown_of(article: Article) -> str:
    return absolute(reverse("article_markdown", args=[article.slug]))


def card_of(article: Article) -> str:
    """Return the address of the article's card; empty while it has none."""
    if not article.card_name:
        return ""
    return absolute(reverse("card", args=[article.slug, article.card_name]))


def oembed_of(article: Article) -> str:
    """Return where oEmbed describes the article (oEmbed 1.0, 4).

    The address is a value of the query: colons and slashes may stand in it as they are (RFC 3986, 3.4).
    """
    return f"{absolute(reverse('oembed'))}?url={quote(page_of(article), safe=':/%')}"
