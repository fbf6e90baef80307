"""Addresses of the pages for reading."""

from django.urls import path, register_converter

from articles import views


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
    path("style/site.<str:digest>.css", views.style, name="style"),
    path("articles/<article_slug:slug>/", views.article, name="article"),
]
