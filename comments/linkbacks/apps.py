from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LinkbacksConfig(AppConfig):
    """Other blogs' answers: pingbacks, trackbacks and webmentions."""

    name = "comments.linkbacks"
    verbose_name = _("Linkbacks")

    def ready(self) -> None:
        """Have article pages say where they take linkbacks, and what is said of these translated."""
        from articles import views
        from articles.hooks import hook
        from comments import stored_words
        from comments.linkbacks import targets
        from comments.linkbacks.sentences import SENTENCES

        hook(views.headers, targets.headers)
        stored_words.learn(SENTENCES)
