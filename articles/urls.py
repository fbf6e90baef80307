"""Addresses of the pages for reading."""

from django.urls import path, register_converter
from django.urls.converters import IntConverter, StringConverter

from articles import list_views, views
from articles.feeds import views as feeds
from articles.feeds.addresses import elsewhere_paths, feed_paths
from articles.machines import views as machines
from articles.search.views import search_page


class YearConverter:
    """Four digits."""

    regex = "[0-9]{4}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return f"{value:04}"


class MonthConverter(YearConverter):
    """Two digits, as it stands in dates."""

    regex = "0[1-9]|1[0-2]"

    def to_url(self, value: int) -> str:
        return f"{value:02}"


class SlugConverter:
    """Any one part of a path: slugs may hold letters of every script."""

    regex = r"[^/\x00]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class CardNameConverter(StringConverter):
    """What ``articles.cards.making`` calls a picture: twelve hexadecimal digits."""

    regex = "[0-9a-f]{12}"


class PartConverter(IntConverter):
    """The number of a part of the sitemap, in one spelling."""

    regex = "[1-9][0-9]{0,8}"


register_converter(SlugConverter, "article_slug")
register_converter(CardNameConverter, "card_name")
register_converter(PartConverter, "sitemap_part")
register_converter(YearConverter, "year")
register_converter(MonthConverter, "month")

urlpatterns = [
    path("", views.index, name="index"),
    path("style/site.<str:digest>.css", views.style, name="style"),
    path("articles/<article_slug:slug>/", views.article, name="article"),
    path("articles/<article_slug:slug>.md", machines.article_markdown, name="article_markdown"),
    path("articles/<article_slug:slug>/card-<card_name:name>.png", machines.card, name="card"),
    path("llms.txt", machines.llms, name="llms"),
    path("oembed", machines.describe, name="oembed"),
    path("sitemap.xml", machines.sitemap, name="sitemap"),
    path("sitemap-pages.xml", machines.sitemap_pages, name="sitemap_pages"),
    path("sitemap-articles-<sitemap_part:number>.xml", machines.sitemap_part, name="sitemap_part"),
    path("subscribe/", feeds.subscribe, name="subscribe"),
    *feed_paths("", feeds.feed, "feed"),
    *feed_paths("tags/<article_slug:slug>/", feeds.of_tag, "tag_feed"),
    *elsewhere_paths,
    path("tags/", list_views.tags, name="tags"),
    path("tags/<article_slug:slug>/", list_views.tag, name="tag"),
    path("series/<article_slug:slug>/", list_views.series, name="series"),
    path("search/", search_page, name="search"),
    path("archive/", list_views.archive_index, name="archive"),
    path("archive/<year:year>/", list_views.archive_of, name="archive_year"),
    path("archive/<year:year>/<month:month>/", list_views.archive_of, name="archive_month"),
]
