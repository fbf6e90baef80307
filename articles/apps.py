from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class ArticlesConfig(AppConfig):
    """Articles with their questions and answers, and the pages that show them."""

    name = "articles"
    verbose_name = _("Articles")

    def ready(self) -> None:
        """Have the database keep in step what it derives."""
        from articles import derived, tag_lists
        from articles.hooks import hook
        from articles.search import index, sources

        hook(derived.derivations, tag_lists.DERIVATION)
        index.register(sources.ARTICLES)
        index.register(sources.QUESTIONS)
        # SQLite rewrites tables to change them, and refuses to while triggers of others name them.
        pre_migrate.connect(_stop_deriving, sender=self)
        post_migrate.connect(_derive, sender=self)


def _stop_deriving(*, plan: object = (), **_kwargs: object) -> None:
    # Where nothing is to be changed the site may be running, and goes on.
    from articles import derived

    if plan:
        derived.remove()


def _derive(**_kwargs: object) -> None:
    from articles import derived

    if derived.missing():
        derived.install()
