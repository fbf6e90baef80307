import datetime
from functools import partial
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from articles.models import Article


class CommentsConfig(AppConfig):
    """Everything public said about an article, and its moderation."""

    name = "comments"
    verbose_name = _("Comments")

    def ready(self) -> None:
        """Connect what is decided with what follows from it."""
        from articles import derived, views
        from articles.feeds import addresses, lists
        from articles.hooks import hook
        from articles.search import index
        from comments import feeds, following, searchable, tallying, thread_pages
        from comments.models import ModerationEvent

        hook(ModerationEvent.followers, following.expect)
        hook(views.guides, thread_pages.guide)
        hook(views.ends, _closes_at)
        hook(lists.conversations, feeds.conversations)
        # As WordPress asks for them: /?feed=comments-rss2.
        for spelled, form in (("rss2", "rss"), ("atom", "atom")):
            asked = partial(addresses.feed_path, "comments_feed", form)
            addresses.asked_by_query[f"comments-{spelled}"] = asked
        index.register(searchable.RESPONSES)
        hook(derived.derivations, tallying.DERIVATION)


def _closes_at(request: HttpRequest, article: "Article") -> datetime.datetime | None:
    from comments.models import DiscussionSettings

    return DiscussionSettings.for_request(request).closes_at(article)
