from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LinkbacksConfig(AppConfig):
    """Other blogs' answers: pingbacks, trackbacks and webmentions."""

    name = "comments.linkbacks"
    verbose_name = _("Linkbacks")

    def ready(self) -> None:
        """Have what is said of linkbacks translated where it is shown."""
        from comments import stored_words
        from comments.linkbacks.sentences import SENTENCES

        stored_words.learn(SENTENCES)
