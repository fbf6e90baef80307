"""Stored sentences in templates: ``{{ linkback.refusal|shown }}``."""

from collections.abc import Iterable

from django import template

from comments import stored_words

register = template.Library()


@register.filter
def shown(words: object) -> str:
    """Return a stored sentence in the language of the site."""
    return stored_words.shown(str(words))


@register.filter
def each_shown(sentences: Iterable[object]) -> list[str]:
    """Return the stored sentences in the language of the site."""
    return [shown(words) for words in sentences]
