"""Questions about an article, and their answers."""

from typing import TYPE_CHECKING, Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles import slugs
from articles.rendering import render_answer

if TYPE_CHECKING:
    from articles.models import Article  # noqa: F401 - named in a string below


class FaqEntryQuerySet(models.QuerySet["FaqEntry"]):
    def published(self) -> Self:
        """The entries that readers see on the page of their article."""
        return self.filter(is_published=True)


class FaqEntry(models.Model):
    """A question about an article and its answer."""

    article = models.ForeignKey(
        "articles.Article",
        models.CASCADE,
        related_name="faq_entries",
        verbose_name=_("article"),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    question = models.CharField(_("question"), max_length=300)
    answer = models.TextField(
        _("answer"), blank=True, help_text=_("Markdown. A draft can do without.")
    )
    answer_html = models.TextField(editable=False)
    # Made once from the question: a link to an answer survives a reworded question.
    anchor = models.CharField(max_length=slugs.MAX_LENGTH + 4, editable=False)
    is_published = models.BooleanField(
        _("published"), default=True, help_text=_("Off: a draft that only you see, here.")
    )
    # Who asked, where a reader did, and the place on the article's page that shows it.
    credit_name = models.CharField(_("asked by"), max_length=245, blank=True)
    credit_anchor = models.CharField(max_length=40, blank=True, editable=False)

    objects = FaqEntryQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("FAQ entry")
        verbose_name_plural = _("FAQ entries")
        constraints = [
            models.UniqueConstraint(
                fields=["article", "anchor"], name="faq_anchor_once_per_article"
            )
        ]

    def __str__(self) -> str:
        if self.is_published:
            return self.question
        return gettext("Draft: %(question)s") % {"question": self.question}

    def get_absolute_url(self) -> str:
        return f"{self.article.get_absolute_url()}#{self.anchor}"

    def clean(self) -> None:
        """Refuse to publish a question without an answer."""
        if self.is_published and not self.answer.strip():
            raise ValidationError(
                {
                    "answer": _(
                        "Readers see no question without its answer: write one, "
                        "or untick “published”."
                    )
                }
            )

    def store(self) -> None:
        """Save the entry with its anchor and the HTML of its answer."""
        self.article.render_faq([self])
        self.save()

    def render(self, taken: set[str]) -> None:
        """Make the anchor, none of those taken, and the HTML, unless this very answer is stored."""
        self.anchor = self.anchor or self._free_anchor(taken)
        stored = FaqEntry.objects.filter(pk=self.pk, anchor=self.anchor, answer=self.answer)
        self.answer_html = only(stored.values_list("answer_html")) or render_answer(
            self.answer, anchor=self.anchor
        )

    def _free_anchor(self, taken: set[str]) -> str:
        words = slugs.slugify(self.question)[:60].strip("-")
        return slugs.first_free(f"faq-{words or 'entry'}", taken)


def only(rows: models.QuerySet[Any, tuple[str]]) -> str:
    """Return the one value of the one row, empty where there is none."""
    return next((value for (value,) in rows), "")
