"""Addresses of the conversation."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from comments.views import own, replying


class PrivateKeyConverter(StringConverter):
    """What ``models.new_private_key`` makes: 22 characters of URL-safe base64."""

    regex = "[A-Za-z0-9_-]{22}"


register_converter(PrivateKeyConverter, "private_key")

urlpatterns = [
    path("articles/<article_slug:slug>/comments/", replying.reply, name="reply"),
    path("comments/<private_key:key>/", own.your_comment, name="your_comment"),
]
