"""In which language, and in which direction, something stands on a page whose own words are in the site's."""

from typing import Protocol

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from articles.languages import direction

register = template.Library()
_BY_ITSELF = SafeString(' dir="auto"')


class Written(Protocol):
    """Something written in a language, or in none that is named."""

    @property
    def language(self) -> str: ...


@register.filter
def as_written(text: Written) -> SafeString:
    """Return the attributes of an element that shows words of this text (WCAG 2.2, 3.1.2).

    Without a language the direction goes by the first letter, and nothing is said of the language.
    """
    language = text.language
    if not language:
        return _BY_ITSELF
    return format_html(' dir="{}" lang="{}"', direction(language), language)
