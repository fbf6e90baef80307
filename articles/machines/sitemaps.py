"""The sitemap (sitemaps.org 0.9): an index, and parts that stay small however many articles there are.

A part holds the articles whose numbers lie in one range, so that it is found without passing all before
it, and a new article changes one part. Nothing is kept while it is written but the part itself.
"""

import datetime
from collections.abc import Callable, Iterable, Iterator
from io import StringIO
from typing import Final, NamedTuple
from xml.sax.xmlreader import AttributesImpl

from django.db import connection
from django.db.models import Max, QuerySet
from django.urls import reverse
from django.utils.xmlutils import SimplerXMLGenerator

from articles.machines.addresses import absolute
from articles.machines.linked_data import moment
from articles.models import Article

#: The standard allows 50,000. Of so many the text is kept ready by the page cache.
PART: Final = 5_000
NAMESPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_RANGES_AT_ONCE: Final = 200
_PLAIN: "Final[AttributesImpl[str]]" = AttributesImpl({})


class Place(NamedTuple):
    """A page of the site by its path, and when it last changed, where that is known."""

    path: str
    changed: datetime.datetime | None = None


#: What has pages for everybody besides the articles: each is called for ``/sitemap-pages.xml``, once it
#: is asked for, and gives at most some thousands.
others: list[Callable[[], Iterable[Place]]] = []


def index() -> str:
    """Return ``/sitemap.xml``: the addresses of all parts."""
    paths = [reverse("sitemap_pages"), *(reverse("sitemap_part", args=[part]) for part in parts())]
    return _written("sitemapindex", "sitemap", map(Place, paths))


def parts() -> list[int]:
    """Return the numbers of the ranges in which there are articles for everybody to see."""
    last = Article.objects.aggregate(last=Max("pk"))["last"]
    numbers = range((last or 0) // PART + 1) if last else range(0)
    found: list[int] = []
    for start in range(0, len(numbers), _RANGES_AT_ONCE):
        found += _that_hold_any(numbers[start : start + _RANGES_AT_ONCE])
    return found


def _that_hold_any(numbers: range) -> Iterator[int]:
    """Ask for many ranges with one query, of which each looks for its first article only."""
    asked = [_of_part(number).values("pk")[:1].query.sql_with_params() for number in numbers]
    listed = ", ".join(f"EXISTS ({sql})" for sql, _ in asked)
    values = [value for _, values in asked for value in values]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {listed}", values)
        return (
            number for number, is_there in zip(numbers, cursor.fetchone(), strict=True) if is_there
        )


def _of_part(number: int) -> "QuerySet[Article]":
    # The range first: of two bounds SQLite goes by the one said first.
    first = number * PART
    articles = Article.objects.filter(pk__gte=first, pk__lt=first + PART).published()
    return articles.order_by("pk")


def part(number: int) -> str | None:
    """Return ``/sitemap-articles-N.xml``, or None where there are no such articles."""
    rows = _of_part(number).values_list("slug", "published_at", "updated_at")
    places = [Place(_path(slug), max(filter(None, moments))) for slug, *moments in rows]
    return _written("urlset", "url", places) if places else None


def _path(slug: str) -> str:
    return reverse("article", args=[slug])


def pages() -> str:
    """Return ``/sitemap-pages.xml``: the front page, and whatever else has pages for everybody."""
    listed = (place for give in others for place in give())
    return _written("urlset", "url", (Place(reverse("index")), *listed))


def _written(root: str, item: str, places: Iterable[Place]) -> str:
    out = StringIO()
    xml = SimplerXMLGenerator(out, "utf-8")
    xml.startDocument()
    xml.startElement(root, AttributesImpl({"xmlns": NAMESPACE}))
    for place in places:
        xml.startElement(item, _PLAIN)
        xml.addQuickElement("loc", absolute(place.path))
        if place.changed is not None:
            xml.addQuickElement("lastmod", moment(place.changed))
        xml.endElement(item)
    xml.endElement(root)
    return out.getvalue()
