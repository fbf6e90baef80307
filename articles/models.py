"""Articles. What belongs to them is in modules beside this one."""

import datetime
from collections.abc import Iterable
from functools import lru_cache
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles import slugs
from articles.blog import Blog
from articles.cards.models import Card
from articles.contents import contents
from articles.faq import FaqEntry, only
from articles.former_addresses import GoneAddress, OldSlug
from articles.languages import LONGEST_TAG, validate_language
from articles.neighbours import neighbour
from articles.rendering import headings_in, plain_text, render_article
from articles.topics import Series, Tag, TagListing, by_letters
from articles.words_of_site import SearchState, Word

# Those of the modules beside this one are told to Django, and to others, from here.
__all__ = [
    "Article",
    "Blog",
    "Card",
    "FaqEntry",
    "GoneAddress",
    "OldSlug",
    "SearchState",
    "Series",
    "Tag",
    "TagListing",
    "Word",
]
SUMMARY_LENGTH = 240
LAST_POSITION = 32767  # the most that a PositiveSmallIntegerField holds everywhere


class ArticleQuerySet(models.QuerySet["Article"]):
    def published(self, at: datetime.datetime | None = None) -> Self:
        """Articles that everybody may see now, or at that moment: the one place where that is decided."""
        return self.filter(is_published(at))

    def scheduled(self, at: datetime.datetime) -> Self:
        """Articles that appear after that moment by themselves, the next one first."""
        published = self.filter(status=Article.Status.PUBLISHED, published_at__gt=at)
        return published.order_by("published_at", "pk")

    def withdrawn(self) -> Self:
        """Articles that everybody could once see and nobody may now."""
        return self.filter(withdrawn_at__isnull=False).exclude(is_published())

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete the articles; the addresses at which they were seen answer 410 from now on."""
        with transaction.atomic():
            GoneAddress.record(self)
            return super().delete()

    # As Django's own: not to be called by templates, nor on the manager.
    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def tagged(self, tag: Tag) -> Self:
        """Articles with this tag. The newest few of many are found quicker by ``Tag.newest_articles()``."""
        return self.filter(tags=tag)

    def newest_first(self) -> Self:
        return self.order_by("-published_at", "-pk")

    def within(self, start: datetime.datetime, end: datetime.datetime) -> Self:
        """Articles dated from that moment on, and before the other."""
        return self.filter(published_at__gte=start, published_at__lt=end)

    def in_order(self) -> Self:
        """As the articles of a series are read: by part, and by date where it is not said."""
        return self.order_by("part", "published_at", "pk")

    def before(self, article: "Article") -> Self:
        """Articles older than this one, the nearest first. Of two bounds SQLite goes by the one said first:

        said before ``published()``, it leads straight to the article and not past all newer ones.
        """
        return self.newest_first().filter(neighbour("lt", article.published_at, article.pk))

    def after(self, article: "Article") -> Self:
        """Articles newer than this one, the nearest first."""
        return self.order_by("published_at", "pk").filter(
            neighbour("gt", article.published_at, article.pk)
        )


def is_published(at: datetime.datetime | None = None, of: str = "") -> Q:
    """Return that condition; of what belongs to an article, with the way there: ``article__``."""
    moment = at or timezone.now()
    return Q(**{f"{of}status": Article.Status.PUBLISHED, f"{of}published_at__lte": moment})


@lru_cache(maxsize=5_000)
def article_path(slug: str) -> str:
    """Return the path of the page of the article with this slug; a page names a dozen."""
    return reverse("article", args=[slug])


class Article(models.Model):
    """A post: Markdown as it was written, and the HTML made from it."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")

    title = models.CharField(_("title"), max_length=200)
    slug = models.CharField(
        _("slug"),
        max_length=slugs.MAX_LENGTH,
        unique=True,
        blank=True,
        validators=[slugs.validate_slug],
        help_text=_(
            "The last part of the address. Left empty, it is made from the title. "
            "Once published, the old address of a changed slug leads to the new one."
        ),
    )
    body = models.TextField(_("body"), help_text=_("Markdown."))
    body_html = models.TextField(editable=False)
    # The texts of its headings, each a line: what is found in them counts more than in the rest.
    headings = models.TextField(editable=False, blank=True)
    # Links to its headings, where there are enough of them.
    contents_html = models.TextField(editable=False, default="")
    summary = models.TextField(
        _("summary"),
        max_length=500,
        blank=True,
        help_text=_("For lists and previews. Left empty, the first words are shown."),
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="articles",
        verbose_name=_("author"),
    )
    author_name = models.CharField(
        _("author name"),
        max_length=100,
        blank=True,
        help_text=_(
            "Shown as the author. Left empty, the author's full name is; an account without one is not named."
        ),
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    published_at = models.DateTimeField(
        _("published at"),
        null=True,
        blank=True,
        help_text=_("Left empty, the moment of publishing. In the future: shown from then on."),
    )
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    # Since when an article that everybody could see is not to be seen any more.
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The slug under which it was public then: only that, and former ones, were ever seen.
    withdrawn_slug = models.CharField(max_length=slugs.MAX_LENGTH, blank=True, editable=False)
    tags = models.ManyToManyField(Tag, blank=True, related_name="articles", verbose_name=_("tags"))
    series = models.ForeignKey(
        Series,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="articles",
        db_index=False,
        verbose_name=_("series"),
    )
    part = models.PositiveSmallIntegerField(
        _("part"),
        default=0,
        help_text=_("Its place in the series. 0 everywhere: in order of the dates."),
    )
    language = models.CharField(
        _("language"),
        max_length=LONGEST_TAG,
        blank=True,
        validators=[validate_language],
        help_text=_(
            "Of this article, if it is not the site's: “de”, “pt-BR”, “ar”. "
            "Screen readers pronounce it by this, and browsers hyphenate and translate by it."
        ),
    )
    comments_open = models.BooleanField(_("comments open"), default=True)
    linkbacks_open = models.BooleanField(
        _("linkbacks open"),
        default=True,
        help_text=_("Other blogs may answer by linking here."),
    )
    # The picture that is there for it now (see ``articles.cards``); empty while there is none.
    card_name = models.CharField(max_length=12, blank=True, editable=False)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "-pk"]
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        indexes = [
            models.Index(fields=["status", "published_at", "id"], name="article_shown_by_date"),
            models.Index(fields=["published_at", "id"], name="article_by_date"),
            models.Index(
                fields=["series", "status", "published_at", "id"], name="article_of_series"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["draft", "published"]), name="article_status"
            ),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(published_at__isnull=False),
                name="published_article_has_a_date",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return article_path(self.slug)

    @property
    def is_published(self) -> bool:
        """Say of this row what ``published()`` says of many."""
        date_has_come = self.published_at is not None and self.published_at <= timezone.now()
        return self.status == self.Status.PUBLISHED and date_has_come

    @property
    def last_change(self) -> datetime.datetime:
        """When what readers see of the article itself last changed; never before it was published."""
        return max(filter(None, (self.published_at, self.updated_at)))

    @property
    def _was_seen_at_its_slug(self) -> bool:
        return self.is_published or self.slug == self.withdrawn_slug

    @property
    def byline(self) -> str:
        """The author as readers see them; never a login name."""
        return self.author_name or (self.author.get_full_name() if self.author else "")

    @property
    def sorted_tags(self) -> list[Tag]:
        """Its tags in the order in which pages list them."""
        return sorted(self.tags.all(), key=by_letters)

    @property
    def excerpt(self) -> str:
        """The summary, or the first words of the body."""
        return self.summary or plain_text(self.body_html, SUMMARY_LENGTH)

    def clean(self) -> None:
        """Date what is published; refuse a slug that would cut off another article's old address."""
        # Here too, not in store() alone: the constraint on dates is checked before anything is stored.
        self._date_if_published()
        former = OldSlug.objects.filter(slug=self.slug).exclude(article=self.pk).first()
        if self.slug and former:
            raise ValidationError(
                {
                    "slug": ValidationError(
                        _(
                            "“%(slug)s” is a former address of “%(article)s”, and links still lead there."
                        ),
                        params={"slug": self.slug, "article": former.article.title},
                    )
                }
            )

    def store(self) -> None:
        """Save the article with all that follows from its text: HTML, slug, dates, old address."""
        self.render()
        self.store_rendered()

    def render(self) -> None:
        """Make the HTML, or take over what is stored for this very text.

        It may take seconds, and in SQLite nobody else can write during a transaction: call it outside.
        """
        stored = Article.objects.filter(pk=self.pk, body=self.body).values_list("body_html")
        self.body_html = only(stored) or render_article(self.body).html
        self.headings = "\n".join(headings_in(self.body_html))
        self.contents_html = contents(self.body_html)

    @transaction.atomic
    def store_rendered(self) -> None:
        """Save the article, whose HTML ``render()`` made, with its slug, dates and old address."""
        before = Article.objects.filter(pk=self.pk).first()
        self._date_if_published()
        self.slug = self.slug or self._free_slug()
        if before is None or (before.title, before.body) != (self.title, self.body):
            self.updated_at = timezone.now()
        if self.is_published:
            self.withdrawn_at, self.withdrawn_slug = None, ""
            GoneAddress.objects.filter(slug=self.slug).delete()
        elif before and before.is_published:
            self.withdrawn_at, self.withdrawn_slug = timezone.now(), before.slug
        self.save()
        OldSlug.objects.filter(slug=self.slug, article=self).delete()
        # A draft that was shown and taken back has links that lead to it, too.
        if before and before.slug != self.slug and before._was_seen_at_its_slug:
            OldSlug.objects.update_or_create(slug=before.slug, defaults={"article": self})

    def delete(
        self, using: str | None = None, keep_parents: bool = False
    ) -> tuple[int, dict[str, int]]:
        """Delete the article; the addresses at which it was seen answer 410 from now on."""
        with transaction.atomic():
            GoneAddress.record(Article.objects.filter(pk=self.pk))
            return super().delete(using, keep_parents)

    def _date_if_published(self) -> None:
        if self.status == self.Status.PUBLISHED and self.published_at is None:
            self.published_at = timezone.now()

    def render_faq(self, entries: Iterable["FaqEntry"], *, gone: Iterable[int] = ()) -> None:
        """Make the anchors and HTML of entries that are to be saved once those in ``gone`` are deleted.

        Like ``render()``, to be called outside any transaction.
        """
        others = FaqEntry.objects.filter(article_id=self.pk).exclude(pk__in=gone)
        taken = set(others.values_list("anchor", flat=True))
        for entry in entries:
            entry.render(taken)
            taken.add(entry.anchor)

    def _free_slug(self) -> str:
        wanted = slugs.slugify(self.title) or "article"
        stem = wanted[: slugs.MAX_LENGTH - 6]
        taken = (
            Article.objects.exclude(pk=self.pk)
            .filter(slug__startswith=stem)
            .values_list("slug", flat=True)
        )
        former = OldSlug.objects.filter(slug__startswith=stem).values_list("slug", flat=True)
        return slugs.first_free(wanted, {*taken, *former})
