"""Addresses of the pages for reading."""

from django.urls import path, register_converter
from django.urls.converters import IntConverter, StringConverter

from articles import views
from articles.machines import views as machines


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

urlpatterns = [
    path("", views.index, name="index"),
    path("articles/<article_slug:slug>/", views.article, name="article"),
    path("articles/<article_slug:slug>.md", machines.article_markdown, name="article_markdown"),
    path("articles/<article_slug:slug>/card-<card_name:name>.png", machines.card, name="card"),
    path("llms.txt", machines.llms, name="llms"),
    path("oembed", machines.describe, name="oembed"),
    path("sitemap.xml", machines.sitemap, name="sitemap"),
    path("sitemap-pages.xml", machines.sitemap_pages, name="sitemap_pages"),
    path("sitemap-articles-<sitemap_part:number>.xml", machines.sitemap_part, name="sitemap_part"),
]
