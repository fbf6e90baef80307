"""What the owner says about the whole site."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles import appearance
from articles import navigation as own_links
from articles.colour import is_colour
from articles.prepared import PreparedModels
from articles.rel_me import validate_addresses
from articles.rendering import render_answer

MOST_PER_PAGE = MOST_PER_FEED = 100


def validate_accent(text: str) -> None:
    """Raise ``ValidationError`` unless this is a colour such as ``#b4122c``."""
    if not (is_colour(text) and len(text) == len("#rrggbb")):
        raise ValidationError(
            _("“%(text)s” is no colour such as #b4122c."), code="accent", params={"text": text}
        )


def first_tagline() -> str:
    """Return the tagline of a site whose owner has not said one yet."""
    return gettext("A blog in which the conversation is part of the article")


class Blog(models.Model):
    """What the owner says about the whole site: one row, edited in the admin."""

    name = models.CharField(_("name"), max_length=100, default="Recovery")
    tagline = models.CharField(
        _("tagline"),
        max_length=200,
        blank=True,
        default=first_tagline,
    )
    accent = models.CharField(
        _("accent colour"),
        max_length=7,
        blank=True,
        validators=[validate_accent],
        help_text=_(
            "Of the thread, the buttons and the marks. In the light and in the dark scheme the "
            "nearest colour that can be read well is used."
        ),
    )
    author_line = models.CharField(
        _("author line"),
        max_length=300,
        blank=True,
        help_text=_("Who writes here, in a sentence, at the foot of every page. Markdown."),
    )
    author_line_html = models.TextField(editable=False, default="")
    navigation = models.TextField(
        _("links"),
        max_length=2000,
        blank=True,
        validators=[own_links.validate],
        help_text=_(
            "Below the name on every page. One on a line: a text, a blank, and an address that "
            "begins with / or https://, such as “About me /articles/about/”."
        ),
    )
    footer = models.TextField(
        _("footer"),
        max_length=5000,
        blank=True,
        help_text=_("At the foot of every page: an imprint, a licence, thanks. Markdown."),
    )
    footer_html = models.TextField(editable=False, default="")
    rel_me = models.TextField(
        _("the author elsewhere"),
        blank=True,
        validators=[validate_addresses],
        help_text=_(
            "Addresses of the author's profiles, one a line. Those that link back here, "
            "as Mastodon shows, are known to be the same person (rel=me)."
        ),
    )
    articles_per_page = models.PositiveSmallIntegerField(
        _("articles per page"),
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_PER_PAGE)],
    )
    entries_per_feed = models.PositiveSmallIntegerField(
        _("entries per feed"),
        default=20,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_PER_FEED)],
        help_text=_(
            "How many of the newest articles, or responses, a feed holds with their full text."
        ),
    )

    class Meta:
        app_label = "articles"
        verbose_name = verbose_name_plural = _("blog")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="one_blog"),
            # Here too: pages are divided by this number, whoever wrote it.
            models.CheckConstraint(
                condition=Q(articles_per_page__gte=1, entries_per_feed__gte=1),
                name="blog_lists_something",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> "Blog":
        """Return the one row, or its defaults while nobody has saved it."""
        return next(iter(_blog(cls)), None) or cls(pk=1)

    @property
    def links(self) -> list[own_links.Link]:
        """The owner's own links."""
        return own_links.links(self.navigation)

    @property
    def stylesheet(self) -> str:
        """The address of the style sheet in the owner's colour."""
        return appearance.sheet(self.accent).url

    def store(self) -> None:
        """Save the row with the HTML of what is Markdown."""
        self.author_line_html = render_answer(self.author_line, anchor="author-line", top=2)
        self.footer_html = render_answer(self.footer, anchor="site-footer", top=2)
        self.save()


_blog = PreparedModels(lambda: Blog.objects.filter(pk=1))
