"""What article pages say about linkbacks."""

from django import template
from django.template import Context
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from articles.models import Article
from articles.site_addresses import absolute_to, page_of
from comments.linkbacks import trackback
from comments.linkbacks.targets import pingback_endpoint, webmention_endpoint
from comments.models import DiscussionSettings, Kind

register = template.Library()


def _trackback_endpoint(article: Article) -> str:
    return absolute_to("trackback", article.slug)


@register.simple_tag(takes_context=True)
def linkback_links(context: Context, article: Article) -> SafeString:
    """Return the ``<link>`` elements by which a page names its endpoints.

    That of Pingback has the one form the standard allows (Pingback 1.0, section 2.2): clients match
    it by a regular expression, so that the order of the attributes and the blank before ``/>`` count.
    """
    rules = DiscussionSettings.for_request(context["request"])
    endpoints = {
        Kind.PINGBACK: ("pingback", pingback_endpoint()),
        Kind.WEBMENTION: ("webmention", webmention_endpoint()),
        Kind.TRACKBACK: ("trackback", _trackback_endpoint(article)),
    }
    taken = (endpoint for kind, endpoint in endpoints.items() if rules.takes(kind, article))
    return format_html_join("\n", '<link rel="{}" href="{}" />', taken)


@register.simple_tag(takes_context=True)
def trackback_rdf(context: Context, article: Article) -> SafeString | str:
    """Return the RDF in a comment by which a page names its TrackBack address (TrackBack 1.2)."""
    if not DiscussionSettings.for_request(context["request"]).takes(Kind.TRACKBACK, article):
        return ""
    # Escaped by trackback.rdf, down to the hyphens that would end the comment.
    return mark_safe(trackback.rdf(page_of(article), article.title, _trackback_endpoint(article)))  # noqa: S308


@register.inclusion_tag("linkbacks/_paste_link.html", takes_context=True)
def paste_link(context: Context, article: Article) -> dict[str, object]:
    """Show “Did you write about this? Paste your link”: the Webmention endpoint, for people."""
    rules = DiscussionSettings.for_request(context["request"])
    return {
        "takes_links": rules.takes(Kind.WEBMENTION, article),
        "target": page_of(article),
        "source": context.get("refused_source", ""),
        "refusal": context.get("refusal", ""),
    }
