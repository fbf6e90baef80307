from django.apps import AppConfig


class LinkbacksConfig(AppConfig):
    """Other blogs' answers: pingbacks, trackbacks and webmentions."""

    name = "comments.linkbacks"

    def ready(self) -> None:
        """Have article pages say where they take linkbacks."""
        from articles import views
        from comments.linkbacks import targets

        views.headers[:] = [targets.headers]
