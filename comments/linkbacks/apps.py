from django.apps import AppConfig


class LinkbacksConfig(AppConfig):
    """Other blogs' answers: pingbacks now, trackbacks and webmentions to come."""

    name = "comments.linkbacks"
