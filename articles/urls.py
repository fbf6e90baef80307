"""Addresses of the pages for reading."""

from django.urls import path, register_converter

from articles import list_views, views
from articles.feeds import views as feeds
from articles.feeds.addresses import elsewhere_paths, feed_paths
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


register_converter(SlugConverter, "article_slug")
register_converter(YearConverter, "year")
register_converter(MonthConverter, "month")

urlpatterns = [
    path("", views.index, name="index"),
    path("articles/<article_slug:slug>/", views.article, name="article"),
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
