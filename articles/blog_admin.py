"""The form for what the owner says about the whole site."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles import appearance
from articles.cards.tasks import make_missing_if_wanted
from articles.colour import contrast
from articles.dead_links import leads_nowhere
from articles.models import Blog
from articles.one_row_admin import OneRowAdmin

if TYPE_CHECKING:
    BlogModelForm = forms.ModelForm[Blog]
else:
    BlogModelForm = forms.ModelForm

# Drawn, not styled: the site allows no inline style.
_SAMPLE = (
    '<svg viewBox="0 0 260 64" width="260" height="64" role="img" aria-label="{label}">'
    '<rect width="260" height="64" fill="{paper}"/>'
    '<path d="M20 0v64" stroke="{colour}" stroke-width="2"/><circle cx="20" cy="32" r="7" fill="{paper}" '
    'stroke="{colour}" stroke-width="2"/><text x="40" y="37" font-size="15" fill="{colour}">{colour}</text>'
    '<rect x="130" y="16" width="112" height="32" rx="4" fill="{colour}"/><text x="186" y="37" '
    'text-anchor="middle" font-size="14" fill="{paper}">{button}</text></svg> '
)


class BlogForm(BlogModelForm):
    """The site's settings, with a field that picks the colour."""

    accent = forms.CharField(
        label=_("Accent colour"),
        required=False,
        max_length=7,
        widget=forms.TextInput(attrs={"type": "color"}),
        help_text=_(
            "Of the thread, the buttons and the marks. Shown is, in either scheme, the nearest "
            "colour that can be read well."
        ),
    )

    class Meta:
        model = Blog
        fields = (
            *("name", "tagline", "accent", "navigation", "author_line", "footer"),
            *("rel_me", "articles_per_page", "entries_per_feed"),
        )
        widgets = {
            "navigation": forms.Textarea(
                attrs={
                    "rows": 4,
                    "cols": 60,
                    "placeholder": _(
                        "About me /articles/about/\nPhotographs https://photos.example/"
                    ),
                }
            ),
            "tagline": forms.TextInput(attrs={"size": 60}),
            "author_line": forms.TextInput(attrs={"size": 60}),
            "footer": forms.Textarea(attrs={"rows": 5, "cols": 60}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A browser's field for a colour is never empty.
        self.initial["accent"] = self.instance.accent or appearance.DEFAULT_ACCENT

    def clean_accent(self) -> str:
        """Return the colour, or nothing for the one that the site has by itself."""
        chosen: str = self.cleaned_data["accent"].lower()
        return "" if chosen == appearance.DEFAULT_ACCENT else chosen


@admin.register(Blog)
class BlogAdmin(OneRowAdmin):
    """What the owner says about the whole site."""

    form = BlogForm
    readonly_fields = ("in_both_schemes",)
    fieldsets = (
        (None, {"fields": ("name", "tagline")}),
        (_("Appearance"), {"fields": ("accent", "in_both_schemes")}),
        (_("On every page"), {"fields": ("navigation", "author_line", "footer")}),
        (_("Elsewhere"), {"fields": ("rel_me",)}),
        (_("Lists"), {"fields": ("articles_per_page", "entries_per_feed")}),
    )

    def save_model(self, request: HttpRequest, obj: Blog, form: Any, change: bool) -> None:
        obj.store()
        for link in filter(leads_nowhere, obj.links):
            self.message_user(
                request,
                gettext("“%(text)s” leads nowhere: there is no page at %(address)s yet.")
                % {"text": link.text, "address": link.address},
                messages.WARNING,
            )
        make_missing_if_wanted()

    @admin.display(description=_("as it is now"))
    def in_both_schemes(self, blog: Blog) -> SafeString:
        """The accent as readers see it, on the paper of either scheme."""
        css = appearance.written()
        colours = appearance.palette(
            appearance.with_accent(css, blog.accent) if blog.accent else css
        )
        schemes = zip(_scheme_words(), colours["thread"], colours["paper"], strict=True)
        return format_html_join("", "{}", ((_sample(*scheme),) for scheme in schemes))


def _scheme_words() -> tuple[str, str]:
    light = gettext("Light scheme: %(colour)s, contrast %(ratio)s to 1")
    return light, gettext("Dark scheme: %(colour)s, contrast %(ratio)s to 1")


def _sample(scheme: str, colour: str, paper: str) -> SafeString:
    ratio = f"{contrast(colour, paper):.1f}"
    label = scheme % {"colour": colour, "ratio": ratio}
    button = gettext("Post Comment")
    return format_html(_SAMPLE, label=label, colour=colour, paper=paper, button=button)
