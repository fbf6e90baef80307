"""The sitemap (sitemaps.org 0.9): an index, and parts that stay small however many articles there are.

Parts hold articles oldest first: a new one changes the last part only. Nothing is kept while a part is
written but the part itself.
"""

import datetime
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Final, NamedTuple
from xml.sax.xmlreader import AttributesImpl

from django.urls import reverse
from django.utils.xmlutils import SimplerXMLGenerator

from articles import archive
from articles.models import Article, Series, Tag
from articles.moments import rfc3339
from articles.site_addresses import absolute

#: The standard allows 50,000; of so many, less than a megabyte, the text is kept ready by the page cache.
PART: Final = 5_000
NAMESPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_PLAIN: "Final[AttributesImpl[str]]" = AttributesImpl({})


class Place(NamedTuple):
    """A page of the site by its path, and when it last changed, where that is known."""

    path: str
    changed: datetime.datetime | None = None


#: Of tags, and of series, so many are named; whoever has more of them is found by the articles.
MOST_TOPICS: Final = 5_000


def index() -> str:
    """Return ``/sitemap.xml``: the addresses of all parts."""
    parts = range(1, -(-Article.objects.published().count() // PART) + 1)
    paths = [reverse("sitemap_pages"), *(reverse("sitemap_part", args=[part]) for part in parts)]
    return _written("sitemapindex", "sitemap", map(Place, paths))


def part(number: int) -> str | None:
    """Return ``/sitemap-articles-N.xml``, counted from 1, or None where there are no such articles."""
    # Those before are passed in the index alone.
    oldest_first = Article.objects.published().order_by("published_at", "pk")
    rows = oldest_first.values_list("slug", "published_at", "updated_at")
    found = rows[(number - 1) * PART : number * PART].iterator()
    places = [Place(_path(slug), max(filter(None, moments))) for slug, *moments in found]
    return _written("urlset", "url", places) if places else None


def _path(slug: str) -> str:
    return reverse("article", args=[slug])


def pages() -> str:
    """Return ``/sitemap-pages.xml``: the front page, and every list of articles that is not empty."""
    return _written("urlset", "url", map(Place, _lists()))


def _lists() -> Iterator[str]:
    yield reverse("index")
    for tag in Tag.objects.shown()[:MOST_TOPICS]:
        yield tag.get_absolute_url()
    for series in Series.objects.shown()[:MOST_TOPICS]:
        yield series.get_absolute_url()
    for year in archive.years():
        yield year.period.get_absolute_url()
        yield from (month.period.get_absolute_url() for month in year.months)


def _written(root: str, item: str, places: Iterable[Place]) -> str:
    out = StringIO()
    xml = SimplerXMLGenerator(out, "utf-8")
    xml.startDocument()
    xml.startElement(root, AttributesImpl({"xmlns": NAMESPACE}))
    for place in places:
        xml.startElement(item, _PLAIN)
        xml.addQuickElement("loc", absolute(place.path))
        if place.changed is not None:
            xml.addQuickElement("lastmod", rfc3339(place.changed))
        xml.endElement(item)
    xml.endElement(root)
    return out.getvalue()
