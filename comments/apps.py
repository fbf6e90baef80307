from django.apps import AppConfig


class CommentsConfig(AppConfig):
    """Everything public said about an article, and its moderation."""

    name = "comments"

    def ready(self) -> None:
        """Connect what is decided with what follows from it."""
        from comments import following
        from comments.models import ModerationEvent

        ModerationEvent.followers = [following.expect]
