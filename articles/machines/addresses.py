"""Where the machine-readable forms of an article are."""

from urllib.parse import quote

from articles.models import Article
from articles.site_addresses import absolute_to, page_of


def markdown_of(article: Article) -> str:
    return absolute_to("article_markdown", article.slug)


def card_of(article: Article) -> str:
    """Return the address of the article's card; empty while it has none."""
    if not article.card_name:
        return ""
    return absolute_to("card", article.slug, article.card_name)


def oembed_of(article: Article) -> str:
    """Return where oEmbed describes the article (oEmbed 1.0, 4).

    The address is a value of the query: colons and slashes may stand in it as they are (RFC 3986, 3.4).
    """
    return f"{absolute_to('oembed')}?url={quote(page_of(article), safe=':/%')}"
