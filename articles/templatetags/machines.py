"""What templates say of articles to machines; see ``articles.machines``."""

from collections.abc import Iterable

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localdate

from articles import rel_me
from articles.machines import addresses, linked_data, markdown
from articles.models import Article, Blog, FaqEntry
from articles.moments import rfc3339
from articles.site_addresses import page_of

register = template.Library()

register.filter("page_of", page_of)
register.filter("markdown_of", addresses.markdown_of)
register.filter("oembed_of", addresses.oembed_of)
register.filter("card_of", addresses.card_of)
register.filter("front_matter", markdown.front_matter)
register.filter("own_text", markdown.own_text)
register.filter("in_markdown", markdown.escaped)
register.filter("machine_moment", rfc3339)


@register.simple_tag
def article_data(article: Article, questions: Iterable[FaqEntry]) -> SafeString:
    """Return the linked data of the article, without what others say about it."""
    return linked_data.script(linked_data.of_article(article, questions))


@register.filter
def was_changed_later(article: Article) -> bool:
    """Say whether it was changed on a later day than it was published, by the days that pages show."""
    published = article.published_at
    return published is not None and localdate(article.last_change) > localdate(published)


@register.simple_tag
def rel_me_links(blog: Blog) -> SafeString:
    """Return a ``<link rel="me">`` for each place where the author is as well."""
    listed = ((address,) for address in rel_me.addresses_in(blog.rel_me))
    return format_html_join("\n", '<link rel="me" href="{}">', listed)
