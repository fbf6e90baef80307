"""HTML that is rendered once, with places for what differs, and then only filled in.

Fifty responses and a form through Django's templates would cost several times what the rest of an
article's page does. So a template is given places instead of values, its HTML is kept, and each
response fills it in: the markup stays in the templates, which need to know nothing of this but that
the places cannot be asked anything (whatever decides about the markup is a trait, not a value).

A place is its name between two control characters, which no markup holds and which go through
escaping unchanged. While ``DEBUG`` is on nothing is kept, so that an edited template shows.
"""

import html
from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache

from django.conf import settings
from django.utils.safestring import SafeString
from django.utils.translation import get_language

Places = Mapping[str, str]
# Renders with these places, and the traits that follow.
Draw = Callable[..., str]
_AS_IT_IS = (SafeString, int)


def fill(draw: Draw, *traits: Hashable, **values: object) -> SafeString:
    """Return what ``draw`` makes for these traits, with the values, escaped, in their places."""
    make = _make if settings.DEBUG else _kept
    language = get_language()
    escaped = {
        name: value if not value or isinstance(value, _AS_IT_IS) else html.escape(str(value))
        for name, value in values.items()
    }
    return SafeString(make(draw, tuple(values), traits, language) % escaped)


def _make(
    draw: Draw, names: tuple[str, ...], traits: tuple[Hashable, ...], language: str | None
) -> str:
    """Return the pattern; the language is that of the site: the same words are drawn once in each."""
    places = {name: f"\x02{name}\x03" for name in names}
    pattern = draw(places, *traits).replace("%", "%%")
    for name, place in places.items():
        pattern = pattern.replace(place, f"%({name})s")
    return pattern


_kept = lru_cache(maxsize=200)(_make)
