from functools import partial

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class CommentsConfig(AppConfig):
    """Everything public said about an article, and its moderation."""

    name = "comments"
    verbose_name = _("Comments")

    def ready(self) -> None:
        """Connect what is decided with what follows from it."""
        from articles import views
        from articles.feeds import addresses, lists
        from articles.search import index
        from comments import feeds, following, searchable, thread_pages
        from comments.models import DiscussionSettings, ModerationEvent

        ModerationEvent.followers = [following.expect]
        views.guides[:] = [thread_pages.guide]
        views.ends[:] = [
            lambda request, article: DiscussionSettings.for_request(request).closes_at(article)
        ]
        lists.conversations[:] = [feeds.conversations]
        # As WordPress asks for them: /?feed=comments-rss2.
        for spelled, form in (("rss2", "rss"), ("atom", "atom")):
            asked = partial(addresses.feed_path, "comments_feed", form)
            addresses.asked_by_query[f"comments-{spelled}"] = asked
        index.register(searchable.RESPONSES)
        # SQLite rewrites tables to change them, and refuses to while triggers of others name them.
        pre_migrate.connect(_stop_counting, sender=self)
        post_migrate.connect(_count, sender=self)


def _stop_counting(*, plan: object = (), **_: object) -> None:
    # Where nothing is to be changed the site may be running, and goes on counting.
    from comments import tallying

    if plan:
        tallying.remove()


def _count(**_: object) -> None:
    from comments import tallying

    if tallying.missing():
        tallying.install()
