"""Where feeds are, and the addresses under which others look for them."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import URLPattern, path, register_converter, reverse
from django.urls.converters import StringConverter

from articles.feeds.forms import FORMS, OTHER_SPELLINGS
from articles.reading_only import reading_only

View = Callable[..., HttpResponse]


class OtherFormConverter(StringConverter):
    """The forms that have a part of the path to themselves: all but the first."""

    regex = "|".join(name for name, form in FORMS.items() if form.suffix)


class OtherSpellingConverter(StringConverter):
    regex = "|".join(OTHER_SPELLINGS)


register_converter(OtherFormConverter, "feed_form")
register_converter(OtherSpellingConverter, "feed_spelling")


def feed_paths(place: str, view: View, name: str) -> list[URLPattern]:
    """Return the addresses of a feed that belongs to a place: ``name`` as RSS, ``name``_as in other forms."""
    return [
        path(f"{place}feed/", view, {"form": "rss"}, name=name),
        path(f"{place}feed/<feed_form:form>/", view, name=f"{name}_as"),
        path(f"{place}feed/<feed_spelling:spelling>/", _spelled_otherwise, {"name": name}),
    ]


def feed_path(name: str, form: str, *args: object) -> str:
    """Return the path of a feed in one of the ``FORMS``."""
    return reverse(name, args=args) + FORMS[form].suffix


@reading_only
def _spelled_otherwise(
    request: HttpRequest, name: str, spelling: str, **place: str
) -> HttpResponse:
    form = OTHER_SPELLINGS[spelling]
    return HttpResponsePermanentRedirect(reverse(name, kwargs=place) + FORMS[form].suffix)


#: What WordPress has in a query of the front page, and the feed that is meant; other apps add theirs.
asked_by_query: dict[str, Callable[[], str]] = {
    **{name: lambda: feed_path("feed", "rss") for name in OTHER_SPELLINGS},
    "atom": lambda: feed_path("feed", "atom"),
    "json": lambda: feed_path("feed", "json"),
}


def guide(request: HttpRequest) -> HttpResponse | None:
    """Lead on who asks the front page for a feed (``/?feed=rss2``)."""
    wanted = asked_by_query.get(request.GET.get("feed", ""))
    return HttpResponsePermanentRedirect(wanted()) if wanted else None


def _to(name: str, form: str) -> View:
    @reading_only
    def lead(request: HttpRequest) -> HttpResponse:
        return HttpResponsePermanentRedirect(feed_path(name, form))

    return lead


#: Where other programs had the feed of the whole site.
elsewhere_paths = [
    path(spelled, _to("feed", form))
    for spelled, form in {
        "rss.xml": "rss",
        "feed.xml": "rss",
        "index.xml": "rss",
        "rss/": "rss",
        "atom.xml": "atom",
        "atom/": "atom",
        "feed.json": "json",
    }.items()
]
