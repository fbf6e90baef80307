"""The addresses that articles once had; which article is at one now is asked of ``articles.at_address``."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils import timezone

from articles import slugs

if TYPE_CHECKING:
    from articles.models import ArticleQuerySet


class OldSlug(models.Model):
    """An address that a published article once had; it leads to the article for ever."""

    slug = models.CharField(max_length=slugs.MAX_LENGTH, unique=True)
    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="old_slugs")

    def __str__(self) -> str:
        return self.slug


class GoneAddress(models.Model):
    """An address at which everybody could see an article that has been deleted.

    410 and not 404 is what tells other sites to forget it (Webmention 3.1.5).
    """

    slug = models.CharField(max_length=slugs.MAX_LENGTH, unique=True)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.slug

    @classmethod
    def record(cls, articles: "ArticleQuerySet") -> None:
        """Note every address of those articles, about to be deleted, that were ever seen."""
        articles = articles.order_by()
        shown, taken_back = articles.published(), articles.filter(withdrawn_at__isnull=False)
        former = OldSlug.objects.filter(Q(article__in=shown) | Q(article__in=taken_back))
        slugs_seen = set(shown.values_list("slug", flat=True)).union(
            articles.exclude(withdrawn_slug="").values_list("withdrawn_slug", flat=True),
            former.values_list("slug", flat=True),
        )
        gone = [GoneAddress(slug=slug) for slug in sorted(slugs_seen)]
        GoneAddress.objects.bulk_create(gone, batch_size=500, ignore_conflicts=True)
