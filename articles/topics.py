"""What articles are about: tags, and series of articles that are read one after another."""

import unicodedata
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from articles import slugs
from articles.neighbours import neighbour
from articles.rendering import render_article
from articles.search.asked import fold

if TYPE_CHECKING:
    import datetime

    from articles.models import Article, ArticleQuerySet


def name_key(name: str) -> str:
    """Return what is the same for names that differ in case and blanks only."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def by_letters(topic: "Topic") -> tuple[str, int]:
    """Return what topics are listed by: databases differ in where accents and capitals stand."""
    return fold(topic.name), topic.pk


class TopicQuerySet(models.QuerySet[Any]):
    def named(self, names: Iterable[str]) -> list[Any]:
        """Return the topics of these names, once each; make those that are not there yet.

        A name that a renamed topic once had means that topic.
        """
        wanted = {name_key(name): " ".join(name.split()) for name in names if name.strip()}
        found = {topic.key: topic for topic in self.filter(key__in=wanted)}
        if len(found) < len(wanted):
            former = self.model.former_names.objects.filter(key__in=wanted.keys() - found.keys())
            found |= {old.key: old.owner for old in former.select_related("owner")}
        topics = [found.get(key) or self._made(name) for key, name in wanted.items()]
        return list({topic.pk: topic for topic in topics}.values())

    def _made(self, name: str) -> Any:
        topic = self.model(name=name)
        topic.store()
        return topic


class Topic(models.Model):
    """A name, an address made from it, and a few words about it."""

    name = models.CharField(_("name"), max_length=80)
    key = models.CharField(max_length=240, unique=True, editable=False)
    slug = models.CharField(
        _("slug"),
        max_length=slugs.MAX_LENGTH,
        unique=True,
        blank=True,
        validators=[slugs.validate_slug],
        help_text=_(
            "The last part of the address. Left empty, it is made from the name. "
            "The old address of a changed one leads to the new one."
        ),
    )
    description = models.TextField(
        _("description"),
        blank=True,
        max_length=5_000,
        help_text=_("Markdown, shown on its page."),
    )
    description_html = models.TextField(editable=False, blank=True)

    class Meta:
        abstract = True
        ordering = ["name", "pk"]

    # The tables of former slugs and of former names, whose ``owner`` is of this kind.
    former: "type[OldTopicSlug]"
    former_names: "type[OldTopicName]"

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a name that is there, and a slug whose old links lead to another one."""
        others = type(self)._default_manager.exclude(pk=self.pk)
        if others.filter(key=name_key(self.name)).exists():
            raise ValidationError(
                {
                    "name": ValidationError(
                        _("There is “%(name)s” already."), params={"name": self.name}
                    )
                }
            )
        old = self.former.objects.filter(slug=self.slug).exclude(owner=self.pk).first()
        if self.slug and old:
            raise ValidationError(
                {
                    "slug": ValidationError(
                        _("“%(slug)s” is a former address of “%(owner)s”, and links lead there."),
                        params={"slug": self.slug, "owner": str(old.owner)},
                    )
                }
            )

    def store(self) -> None:
        """Save it with its HTML and slug; a former slug goes on leading here, a former name meaning it."""
        self.key = name_key(self.name)
        self.description_html = render_article(self.description).html if self.description else ""
        with transaction.atomic():
            before = type(self)._default_manager.filter(pk=self.pk).first()
            self.slug = self.slug or self._free_slug()
            self.save()
            self.former.objects.filter(slug=self.slug).delete()
            if before and before.slug != self.slug:
                self.former.objects.update_or_create(slug=before.slug, defaults={"owner": self})
            # Whoever has a name now is meant by it, whoever had it before.
            self.former_names.objects.filter(key=self.key).delete()
            if before and before.key != self.key:
                self.former_names.objects.update_or_create(key=before.key, defaults={"owner": self})

    def _free_slug(self) -> str:
        wanted = slugs.slugify(self.name) or "topic"
        stem = wanted[: slugs.MAX_LENGTH - 6]
        tables: tuple[Any, ...] = (type(self)._default_manager, self.former.objects)
        taken = (
            rows.filter(slug__startswith=stem).values_list("slug", flat=True) for rows in tables
        )
        return slugs.first_free(wanted, set().union(*taken))


class OldTopicSlug(models.Model):
    """An address that a topic once had; it leads there for ever."""

    slug = models.CharField(max_length=slugs.MAX_LENGTH, unique=True)
    owner: Any

    objects: "models.Manager[Any]"

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.slug


class OldTopicName(models.Model):
    """A name that a topic once had, by its key; until another one is called so, it means that topic.

    The slug says nothing of it: many names make one slug (“C”, “C++”), and a new name may keep the old slug.
    """

    key = models.CharField(max_length=240, unique=True)
    owner: Any

    objects: "models.Manager[Any]"

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.key


class TagQuerySet(TopicQuerySet):
    def shown(self, at: "datetime.datetime | None" = None) -> Self:
        """Tags of articles that readers see, each with their number (``article_count``)."""
        moment = at or timezone.now()
        later = TagListing.objects.filter(tag=models.OuterRef("pk"), published_at__gt=moment)
        scheduled = (
            later.order_by().values("tag").annotate(number=models.Count("pk")).values("number")
        )
        count = models.F("listed") - Coalesce(models.Subquery(scheduled), 0)
        return self.filter(listed__gt=0).annotate(article_count=count).filter(article_count__gt=0)


class Tag(Topic):
    """What an article is about, in a word or two."""

    # How many articles of the status “published” have it: kept by the database, see ``TagListing``.
    listed = models.IntegerField(_("listed"), default=0, editable=False)

    objects = TagQuerySet.as_manager()

    class Meta(Topic.Meta):
        verbose_name = _("tag")
        verbose_name_plural = _("tags")

    def get_absolute_url(self) -> str:
        return reverse("tag", args=[self.slug])

    def newest_articles(self, number: int) -> "ArticleQuerySet":
        """Return so many of the newest articles that everybody may see; quick however many there are."""
        from articles.models import Article

        newest = self.listings.published().newest_first().values("article")[:number]
        return Article.objects.filter(pk__in=newest).newest_first()


class SeriesQuerySet(TopicQuerySet):
    def shown(self, at: "datetime.datetime | None" = None) -> Self:
        """Series with a part that readers see."""
        from articles.models import Article

        parts = Article.objects.published(at).filter(series=models.OuterRef("pk"))
        return self.filter(models.Exists(parts))


class Series(Topic):
    """Articles to be read one after another."""

    objects = SeriesQuerySet.as_manager()

    class Meta(Topic.Meta):
        verbose_name = _("series")
        verbose_name_plural = pgettext_lazy("many", "series")

    def get_absolute_url(self) -> str:
        return reverse("series", args=[self.slug])


class OldTagSlug(OldTopicSlug):
    """An address that a tag once had."""

    owner = models.ForeignKey(Tag, models.CASCADE, related_name="old_slugs")


class OldSeriesSlug(OldTopicSlug):
    """An address that a series once had."""

    owner = models.ForeignKey(Series, models.CASCADE, related_name="old_slugs")


class OldTagName(OldTopicName):
    """A name that a tag once had."""

    owner = models.ForeignKey(Tag, models.CASCADE, related_name="old_names")


class OldSeriesName(OldTopicName):
    """A name that a series once had."""

    owner = models.ForeignKey(Series, models.CASCADE, related_name="old_names")


Tag.former, Series.former = OldTagSlug, OldSeriesSlug
Tag.former_names, Series.former_names = OldTagName, OldSeriesName


class TagListingQuerySet(models.QuerySet["TagListing"]):
    """Speaks as a set of articles does, so that lists of both are paged alike."""

    def published(self, at: "datetime.datetime | None" = None) -> Self:
        """Those of articles that everybody may see: rows of drafts there are none."""
        return self.filter(published_at__lte=at or timezone.now())

    def newest_first(self) -> Self:
        return self.order_by("-published_at", "-article_id")

    def before(self, article: "Article") -> Self:
        older = neighbour("lt", article.published_at, article.pk, "article_id")
        return self.newest_first().filter(older)

    def after(self, article: "Article") -> Self:
        newer = neighbour("gt", article.published_at, article.pk, "article_id")
        return self.order_by("published_at", "article_id").filter(newer)


class TagListing(models.Model):
    """That an article of the status “published” has a tag, and since when it is to be seen.

    Written by triggers only (``articles.tag_lists``): a tag's page is read off an index, in order.
    """

    tag = models.ForeignKey(
        Tag, models.DO_NOTHING, related_name="listings", db_constraint=False, db_index=False
    )
    article = models.ForeignKey(
        "articles.Article", models.DO_NOTHING, related_name="+", db_constraint=False
    )
    published_at = models.DateTimeField()

    objects = TagListingQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["tag", "published_at", "article"], name="tag_listing_by_date")
        ]
        constraints = [models.UniqueConstraint(fields=["tag", "article"], name="tag_listing_once")]

    def __str__(self) -> str:
        return f"{self.tag_id}: {self.article_id}"
