"""Writing articles, and what the owner says about the whole site."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from articles import pictures
from articles.blog_admin import BlogAdmin as BlogAdmin
from articles.cards.tasks import make_card
from articles.models import LAST_POSITION, Article, FaqEntry, Series, Tag
from articles.paging import BoundedPaginator

if TYPE_CHECKING:
    ArticleModelAdmin = admin.ModelAdmin[Article]
    FaqModelInline = admin.StackedInline[FaqEntry, Article]
    FaqModelForm = forms.ModelForm[FaqEntry]
    ArticleModelForm = forms.ModelForm[Article]
    FaqModelFormSet = forms.BaseInlineFormSet[FaqEntry, Article, forms.ModelForm[FaqEntry]]
    AnyModelAdmin = admin.ModelAdmin[Any]
else:
    ArticleModelAdmin = AnyModelAdmin = admin.ModelAdmin
    FaqModelInline = admin.StackedInline
    FaqModelForm = ArticleModelForm = forms.ModelForm
    FaqModelFormSet = forms.BaseInlineFormSet

# Of more pictures that are not seen, the others are named when these are mended.
MOST_NAMED = 5

Panel = Callable[[Article], str]
Page = Callable[..., HttpResponse]

admin.site.site_header = admin.site.site_title = "Recovery"
admin.site.index_title = _("Everything")


class TakenMeanwhile(Exception):
    """Two people saved at the same moment, and what both of them wanted is there only once."""


class FaqEntryForm(FaqModelForm):
    """A question and its answer; without a position it comes last."""

    position = forms.IntegerField(
        label=_("Position"),
        required=False,
        min_value=0,
        max_value=LAST_POSITION,
        help_text=_("Lower numbers come first. Left empty, it comes last."),
    )
    credit_name = forms.CharField(
        label=_("Asked by"),
        required=False,
        max_length=245,
        show_hidden_initial=True,
        help_text=_("Shown with the answer: “Asked by …”. Left empty, nobody is named."),
    )

    class Meta:
        model = FaqEntry
        fields = ("question", "answer", "position", "is_published", "credit_name")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            self.initial["position"] = None

    def clean_credit_name(self) -> str:
        """Return what was typed: a name that was erased while the form was open does not come back."""
        is_typed = "credit_name" in self.changed_data
        typed: str = self.cleaned_data["credit_name"]
        return typed if is_typed else self.instance.credit_name


class FaqEntryFormSet(FaqModelFormSet):
    """The questions of an article, with places at the end for those without a position."""

    def clean(self) -> None:
        super().clean()
        forms_used = [form for form in self.forms if form.has_changed() or form.instance.pk]
        last = max((form.cleaned_data.get("position") or 0 for form in forms_used), default=0)
        for form in forms_used:
            if form.cleaned_data.get("position") is None:
                last = form.instance.position = min(last + 1, LAST_POSITION)


class FaqEntryInline(FaqModelInline):
    """Questions and answers, edited with their article."""

    model = FaqEntry
    form = FaqEntryForm
    formset = FaqEntryFormSet
    fields = ("question", "answer", "position", "is_published", "credit_name")
    extra = 1

    def view_on_site(self, obj: FaqEntry) -> str | None:
        """The entry's place on the page; a draft has none."""
        return obj.get_absolute_url() if obj.is_published else None


class ArticleForm(ArticleModelForm):
    """An article; without a number it has no place of its own in its series."""

    part = forms.IntegerField(
        label=_("Part"),
        required=False,
        min_value=0,
        max_value=LAST_POSITION,
        help_text=_(
            "Its place in the series. Left empty everywhere, they come in order of their dates."
        ),
    )

    class Meta:
        model = Article
        fields = ("part",)

    def clean_part(self) -> int:
        """Return 0 for nothing."""
        return self.cleaned_data["part"] or 0


@admin.register(Article)
class ArticleAdmin(ArticleModelAdmin):
    """Articles with their questions and answers."""

    list_display = ("title", "shown", "published_at", "page")
    list_filter = ("status",)
    form = ArticleForm
    autocomplete_fields = ("tags", "series")
    list_per_page = 50
    show_full_result_count = False
    paginator = BoundedPaginator
    search_fields = ("title", "body")
    actions = ("publish", "make_draft")
    inlines = (FaqEntryInline,)
    fieldsets = (
        (None, {"fields": ("title", "body", "summary", "status", "published_at", "slug")}),
        (_("Topics"), {"fields": ("tags", "series", "part")}),
        (_("Author and language"), {"fields": ("author", "author_name", "language")}),
        (_("Conversation"), {"fields": ("comments_open", "linkbacks_open")}),
    )

    # What other apps add. Each is called with an article whose new text is stored; each returns HTML
    # for the article's form, or nothing; each is a view of (request, object_id, site) by its name.
    after_save: list[Callable[[Article], None]] = []
    panels: list[Panel] = []
    pages: dict[str, Page] = {}

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path(
                f"<int:object_id>/{name}/",
                self.admin_site.admin_view(view),
                {"site": self.admin_site},
                f"articles_article_{name}",
            )
            for name, view in self.pages.items()
        ]
        return [*pages, *super().get_urls()]

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Article | None = None,
    ) -> HttpResponse:
        shown = [html for panel in self.panels if (html := panel(obj))] if obj else []
        context = {**context, "panels": shown}
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, str | list[str]]:
        return {"author": str(request.user.pk), **super().get_changeform_initial_data(request)}

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show or take the form without Django's transaction around it all: rendering takes seconds.

        What belongs together is written together in ``save_related()``.
        """
        view = self._changeform_view  # type: ignore[attr-defined]
        answer: HttpResponse
        try:
            answer = view(request, object_id, form_url, extra_context)
        except TakenMeanwhile:
            # Now the form itself finds what somebody else took, and says so beside what was typed.
            answer = view(request, object_id, form_url, extra_context)
        return answer

    def save_model(self, request: HttpRequest, obj: Article, form: Any, change: bool) -> None:
        """Make the HTML only; Django calls ``save_related()`` next."""
        obj.render()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Write the article and its questions, all or nothing.

        Raises ``TakenMeanwhile`` when somebody else took its address since the form was checked.
        """
        article: Article = form.instance
        entries = [entry for formset in formsets for entry in formset.save(commit=False)]
        gone = [entry for formset in formsets for entry in formset.deleted_objects]
        article.render_faq(entries, gone=[entry.pk for entry in gone])
        try:
            self._write(article, entries, gone, form.save_m2m)
        except IntegrityError as error:
            raise TakenMeanwhile from error
        self._saved(article)
        self._name_unseen_pictures(request, article, entries)

    @transaction.atomic
    def _write(
        self,
        article: Article,
        entries: list[FaqEntry],
        gone: list[FaqEntry],
        save_tags: Callable[[], None],
    ) -> None:
        article.store_rendered()
        save_tags()
        # First, so that a new question may take the anchor of one that it replaces.
        for entry in gone:
            entry.delete()
        for entry in entries:
            entry.save()

    def _name_unseen_pictures(
        self, request: HttpRequest, article: Article, entries: list[FaqEntry]
    ) -> None:
        answers = (entry.answer_html for entry in entries)
        unseen = pictures.unseen(article.body_html, *answers)
        for address in unseen[:MOST_NAMED]:
            self.message_user(
                request,
                gettext(
                    "Browsers may not show the picture %(address)s: give it an address with https."
                )
                % {"address": address},
                messages.WARNING,
            )

    def _saved(self, article: Article) -> None:
        if article.status == Article.Status.PUBLISHED:
            make_card.enqueue(article.pk)
        for follow in self.after_save:
            follow(article)

    def view_on_site(self, obj: Article) -> str:
        """The article's page; of a draft, whoever may view it here sees a preview there."""
        return obj.get_absolute_url()

    @admin.display(description=_("state"))
    def shown(self, article: Article) -> str:
        if article.status == Article.Status.PUBLISHED and not article.is_published:
            return gettext("Scheduled")
        return article.get_status_display()

    @admin.display(description=_("page"))
    def page(self, article: Article) -> SafeString:
        label = gettext("View") if article.is_published else gettext("Preview")
        return format_html(
            '<a href="{}" aria-label="{}">{}</a>',
            article.get_absolute_url(),
            f"{label}: {article}",
            label,
        )

    @admin.action(permissions=["change"], description=_("Publish"))
    def publish(self, request: HttpRequest, articles: QuerySet[Article]) -> None:
        count = self._set_status(request, articles, Article.Status.PUBLISHED)
        said = ngettext("Published %(count)s article.", "Published %(count)s articles.", count)
        self.message_user(request, said % {"count": count})

    @admin.action(permissions=["change"], description=_("Make a draft again"))
    def make_draft(self, request: HttpRequest, articles: QuerySet[Article]) -> None:
        count = self._set_status(request, articles, Article.Status.DRAFT)
        said = ngettext(
            "Made a draft of %(count)s article.", "Made a draft of %(count)s articles.", count
        )
        self.message_user(request, said % {"count": count})

    def _set_status(
        self, request: HttpRequest, articles: QuerySet[Article], status: Article.Status
    ) -> int:
        """Store the status of those that have another, and return how many these were."""
        changed = list(articles.exclude(status=status))
        for article in changed:
            article.status = status
            article.store()
            self._saved(article)
            self.log_change(request, article, [{"changed": {"fields": ["Status"]}}])
        return len(changed)


class TopicAdmin(AnyModelAdmin):
    """Names, addresses and words about them."""

    list_display: tuple[str, ...] = ("name", "slug")
    search_fields = ("name",)
    list_per_page = 100
    paginator = BoundedPaginator
    show_full_result_count = False
    fields = ("name", "slug", "description")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save it with all that follows: HTML, address, the former address."""
        obj.store()


@admin.register(Tag)
class TagAdmin(TopicAdmin):
    """What articles are about."""

    list_display = ("name", "slug", "listed")


@admin.register(Series)
class SeriesAdmin(TopicAdmin):
    """Articles to be read one after another."""
