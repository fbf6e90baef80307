"""Which article an address leads to."""

import datetime

from django.db.models import Q
from django.utils import timezone

from articles.former_addresses import GoneAddress
from articles.models import Article
from articles.prepared import MOMENT, TEXT, PreparedModels

_at_slug = PreparedModels(
    lambda slug, now: Article.objects.select_related("author").published(now).filter(slug=slug),
    *(TEXT, MOMENT),
    companion="author",
)


def article_at(slug: str, moment: datetime.datetime) -> Article | None:
    """Return the article that has this slug and is published at that moment, with its author."""
    return next(iter(_at_slug(Article, slug, moment)), None)


def article_once_at(slug: str) -> Article | None:
    """Return the published article that once had this slug, with its author."""
    return Article.objects.published().select_related("author").filter(old_slugs__slug=slug).first()


def article_reached_at(slug: str) -> Article | None:
    """Return the published article that has this slug, or else the one that once had it."""
    return article_at(slug, timezone.now()) or article_once_at(slug)


def is_gone(slug: str) -> bool:
    """Whether an article was at this address that has been deleted or withdrawn.

    To be asked only where no article is to be seen.
    """
    withdrawn = Article.objects.withdrawn().filter(Q(withdrawn_slug=slug) | Q(old_slugs__slug=slug))
    return withdrawn.exists() or GoneAddress.objects.filter(slug=slug).exists()
