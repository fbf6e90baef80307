"""Addresses of the pages for reading."""

from django.urls import path, register_converter

from articles import views
from articles.feeds import views as feeds
from articles.feeds.addresses import elsewhere_paths, feed_paths


class SlugConverter:
    """Any one part of a path: slugs may hold letters of every script."""

    regex = r"[^/\x00]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(SlugConverter, "article_slug")

urlpatterns = [
    path("", views.index, name="index"),
    path("articles/<article_slug:slug>/", views.article, name="article"),
    path("tags/<article_slug:slug>/", views.tag, name="tag"),
    path("series/<article_slug:slug>/", views.series, name="series"),
    path("subscribe/", feeds.subscribe, name="subscribe"),
    *feed_paths("", feeds.feed, "feed"),
    *feed_paths("tags/<article_slug:slug>/", feeds.of_tag, "tag_feed"),
    *elsewhere_paths,
]
