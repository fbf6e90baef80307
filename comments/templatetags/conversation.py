"""What templates say of the conversation to machines; see ``comments.machines``."""

from django import template
from django.utils.safestring import SafeString

from articles.machines.linked_data import script
from articles.models import Article
from comments import machines
from comments.thread_pages import ThreadPage

register = template.Library()


@register.simple_tag
def conversation_data(article: Article, found: ThreadPage) -> SafeString | str:
    """Return the linked data of the responses that the page shows; nothing where there are none."""
    if not found.tally.responses:
        return ""
    return script(machines.linked_data(article, found))


@register.simple_tag
def markdown_responses(article: Article, found: ThreadPage) -> str:
    """Return the responses as a list in Markdown, everything in it escaped as Markdown wants it."""
    return machines.markdown(article, found)
