"""What article pages say about linkbacks."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from articles.models import Article
from comments.linkbacks.targets import pingback_endpoint
from comments.models import DiscussionSettings

register = template.Library()


@register.simple_tag
def pingback_link(article: Article) -> SafeString | str:
    """Return the ``<link>`` by which a page names its endpoint, in the one form the standard allows.

    Source: Pingback 1.0, section 2.2: clients match it by a regular expression, so that the order
    of the attributes and the blank before ``/>`` count.
    """
    if not DiscussionSettings.over(article).takes_pingbacks(article):
        return ""
    return format_html('<link rel="pingback" href="{}" />', pingback_endpoint())
