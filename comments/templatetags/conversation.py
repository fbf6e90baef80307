"""What the head of a page and machines are told of the conversation; see ``comments.machines``."""

from django import template
from django.http import HttpRequest
from django.template import Context
from django.utils.html import conditional_escape
from django.utils.translation import gettext as _

from articles.frames import place
from articles.machines.linked_data import script
from articles.models import Article
from comments import machines, thread_pages
from comments.thread_pages import Place, ThreadPage

register = template.Library()


@register.simple_tag(takes_context=True)
def conversation_data(context: Context, article: Article) -> str:
    """Return the linked data of the responses that the page shows; nothing where there are none."""
    is_published = article.is_published

    def part(request: HttpRequest) -> str:
        found = thread_pages.for_request(request, article)
        is_shown = is_published and found.tally.responses
        return script(machines.linked_data(article, found)) if is_shown else ""

    return place(context, part)


@register.simple_tag(takes_context=True)
def which_responses(context: Context, article: Article) -> str:
    """Say in the title which of the responses the page shows; nothing on the first page of all."""
    return place(
        context,
        lambda request: conditional_escape(
            _named(thread_pages.for_request(request, article).place)
        ),
    )


def _named(shown: Place) -> str:
    said = [_("one thread")] if shown.head else []
    if shown.number > 1:
        said.append(_("page %(number)s") % {"number": shown.number})
    return "".join(f", {part}" for part in said)


@register.simple_tag(takes_context=True)
def query_of_responses(context: Context, article: Article) -> str:
    """Return the query of the page's own address: each page of responses is found by its own."""
    return place(
        context,
        lambda request: conditional_escape(thread_pages.for_request(request, article).place.query),
    )


@register.simple_tag(takes_context=True)
def thread(context: Context, article: Article) -> ThreadPage:
    """Return the responses of the page that is asked for, for a template that writes them by itself."""
    return thread_pages.for_request(context["request"], article)


@register.simple_tag
def markdown_responses(article: Article, found: ThreadPage) -> str:
    """Return the responses as a list in Markdown, everything in it escaped as Markdown wants it."""
    return machines.markdown(article, found)
