"""Addresses of the conversation."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from articles.feeds.addresses import feed_paths
from comments.views import feeds, mail, own, privacy, replying


class PrivateKeyConverter(StringConverter):
    """What ``models.new_private_key`` makes: 22 characters of URL-safe base64."""

    regex = "[A-Za-z0-9_-]{22}"


class MailTokenConverter(StringConverter):
    """What ``models.mail.new_token`` makes: 32 characters of URL-safe base64."""

    regex = "[A-Za-z0-9_-]{32}"


register_converter(PrivateKeyConverter, "private_key")
register_converter(MailTokenConverter, "mail_token")

urlpatterns = [
    path("articles/<article_slug:slug>/comments/", replying.reply, name="reply"),
    path("comments/<private_key:key>/", own.your_comment, name="your_comment"),
    path("comments/<private_key:key>/download/", own.download, name="download_your_comment"),
    path("privacy/", privacy.privacy, name="privacy"),
    path("mail/<mail_token:token>/", mail.mailbox, name="mailbox"),
    path("mail/mute/<mail_token:token>/", mail.mute, name="mute_mail"),
    path("moderate/<str:token>/", mail.moderate, name="moderate"),
    *feed_paths("comments/", feeds.of_site, "comments_feed"),
    *feed_paths("articles/<article_slug:slug>/", feeds.of_article, "article_feed"),
]
