from django.apps import AppConfig


class CommentsConfig(AppConfig):
    """Everything public said about an article, and its moderation."""

    name = "comments"
