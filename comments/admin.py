"""Moderation in the admin: the queue, the audit log, and the rules of the conversation."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected as confirm_and_delete
from django.contrib.admin.helpers import ActionForm
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from articles.admin import ArticleAdmin
from articles.one_row_admin import OneRowAdmin
from articles.paging import BoundedPaginator
from comments import contacts
from comments.models import (
    Comment,
    Contact,
    ContactReveal,
    DiscussionSettings,
    ModerationEvent,
    Status,
)
from comments.moderation import (
    acts,
    answering,
    changelist,
    decisions,
    drafts,
    faq_panel,
    health,
    preferences,
    revealing,
    rows,
    searching,
    tabs,
)
from comments.moderation.decisions import VERBS
from comments.moderators import MODERATE_PERMISSION, may_moderate
from comments.stored_words import shown
from comments.untrusted import parse_id, web_address

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    CommentModelAdmin = admin.ModelAdmin[Comment]
    LogModelAdmin = admin.ModelAdmin[Any]
else:
    CommentModelAdmin = LogModelAdmin = admin.ModelAdmin

Panel = Callable[[Comment], str]
Page = Callable[..., HttpResponse]
_NAME = "admin:comments_comment"


class Tool(NamedTuple):
    """A link above the list, for those who have the permission."""

    label: "StrOrPromise"
    url_name: str  # such as “admin:comments_comment_health”
    permission: str = MODERATE_PERMISSION


class PageActionForm(ActionForm):
    """Decisions are about what the moderator has seen: one page, however many there are."""

    def clean_select_across(self) -> bool:
        return False


@admin.register(Comment)
class CommentAdmin(CommentModelAdmin):
    """The queue, and everything known of one comment. Nothing here edits what somebody said."""

    list_display = ("text", "author_name")
    sortable_by = ()
    list_display_links = None
    list_filter = tabs.TABS
    list_select_related = ("article", "parent", "proposal")
    list_per_page = 50
    show_full_result_count = False
    paginator = BoundedPaginator
    show_facets = admin.ShowFacets.NEVER
    search_fields = ("text", "author_name", "author_url", "article__title")
    search_help_text = _("Searches text, names, websites and article titles; not email addresses.")
    actions = ("approve", "hold", "restore", "spam", "trash", "delete_selected")
    action_form = PageActionForm
    fields = (
        "text",
        "status",
        "kind",
        "on_article",
        "in_reply_to",
        "author_name",
        "website",
        "created_at",
    )
    readonly_fields = ("on_article", "in_reply_to", "website")
    change_list_template = "admin/comments/comment/change_list.html"
    change_form_template = "admin/comments/comment/change_form.html"

    # What other apps know about a comment: each returns HTML for its page, or nothing.
    panels: list[Panel] = [faq_panel.of_comment]
    # The pages beside the list, each a view of (request, site) by its name, at that name; and the
    # links above the list.
    pages: dict[str, Page] = {
        "health": health.page,
        "by-address": revealing.find_by_address,
        "preferences": preferences.edit,
    }
    tools: list[Tool] = [
        Tool(_("Health"), f"{_NAME}_health"),
        Tool(_("Find by address"), f"{_NAME}_by_address", contacts.REVEAL_PERMISSION),
        Tool(_("My moderation settings"), f"{_NAME}_preferences"),
    ]

    class Media:
        css = {"all": ["css/admin-queue.css"]}

    # --- Who may do what ---

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Comment | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Comment | None = None) -> bool:
        return self.has_moderate_permission(request) or request.user.has_perm(
            "comments.view_comment"
        )

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return may_moderate(request.user)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        # Any other field could be spelled out letter by letter: private_key__startswith=…
        return lookup in {"status", "kind", "order", "like"}

    # --- The queue ---

    def get_urls(self) -> list[URLPattern]:
        view, extra = self.admin_site.admin_view, {"site": self.admin_site}
        return [
            *(
                path(f"{name}/", view(page), extra, f"comments_comment_{name.replace('-', '_')}")
                for name, page in self.pages.items()
            ),
            path(
                "<int:object_id>/reveal/", view(revealing.reveal), extra, "comments_comment_reveal"
            ),
            *super().get_urls(),
        ]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return changelist.CommentQueue

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return tabs.ordering(request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Comment], search_term: str
    ) -> tuple[QuerySet[Comment], bool]:
        return searching.found(queryset, search_term, self.search_fields), False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if self.has_view_permission(request) and (found := searching.answer(request)):
            return found
        if request.method == "POST" and not self.has_moderate_permission(request):
            raise PermissionDenied
        refuse_odd_selection(request)
        context = {
            "title": _("Comments"),
            "tools": [tool for tool in self.tools if request.user.has_perm(tool.permission)],
            "has_keys": preferences.has_keys(request),
            **(extra_context or {}),
        }
        return acts.perform(request) or super().changelist_view(request, context)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        status = tabs.shown_status(request)
        offered = {verb.name for verb in decisions.verbs_for(status)}
        if status in (Status.TRASH, tabs.EVERYTHING):
            offered.add("delete_selected")
        return {
            name: action for name, action in super().get_actions(request).items() if name in offered
        }

    # --- Decisions ---

    @admin.action(permissions=["moderate"], description=VERBS["approve"].label)
    def approve(self, request: HttpRequest, comments: QuerySet[Comment]) -> HttpResponse:
        return acts.decide_about_selected(request, "approve", comments)

    @admin.action(permissions=["moderate"], description=VERBS["hold"].label)
    def hold(self, request: HttpRequest, comments: QuerySet[Comment]) -> HttpResponse:
        return acts.decide_about_selected(request, "hold", comments)

    @admin.action(permissions=["moderate"], description=VERBS["restore"].label)
    def restore(self, request: HttpRequest, comments: QuerySet[Comment]) -> HttpResponse:
        return acts.decide_about_selected(request, "restore", comments)

    @admin.action(permissions=["moderate"], description=_("Mark as spam"))
    def spam(self, request: HttpRequest, comments: QuerySet[Comment]) -> HttpResponse:
        return acts.decide_about_selected(request, "spam", comments)

    @admin.action(permissions=["moderate"], description=_("Move to trash"))
    def trash(self, request: HttpRequest, comments: QuerySet[Comment]) -> HttpResponse:
        return acts.decide_about_selected(request, "trash", comments)

    # --- One comment ---

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method == "POST" and not self.has_moderate_permission(request):
            raise PermissionDenied
        comment = self.get_object(request, object_id)
        about = self._about(request, comment) if comment else {}
        return acts.perform(request) or super().change_view(
            request, object_id, form_url, {**about, **(extra_context or {})}
        )

    def _about(self, request: HttpRequest, comment: Comment) -> dict[str, Any]:
        may_reveal = request.user.has_perm(contacts.REVEAL_PERMISSION)
        may_moderate = self.has_moderate_permission(request)
        typed = drafts.take(request, [comment.pk])
        return {
            "row": rows.row(comment, may_moderate=may_moderate, drafts=typed),
            "asks_name": not answering.name_of(cast(User, request.user)),
            "events": comment.events.select_related("actor", "undoes"),
            "panels": [html for panel in self.panels if (html := panel(comment))],
            "has_contact": Contact.objects.filter(comment=comment).exists(),
            "reveals": comment.reveals.select_related("user") if may_reveal else (),
            "reveal_form": revealing.RevealForm() if may_reveal else None,
            "show_delete": comment.status == Status.TRASH,
        }

    def view_on_site(self, comment: Comment) -> str:
        return rows.place_of(comment)

    @admin.display(description=_("article"))
    def on_article(self, comment: Comment) -> SafeString:
        return format_html('<a href="{}">{}</a>', rows.place_of(comment), comment.article)

    @admin.display(description=_("in reply to"))
    def in_reply_to(self, comment: Comment) -> str:
        return str(comment.parent) if comment.parent else "-"

    @admin.display(description=_("website"), empty_value="-")
    def website(self, comment: Comment) -> str:
        if address := web_address(comment.author_url):
            return format_html('<a href="{0}" rel="nofollow noopener noreferrer">{0}</a>', address)
        return comment.author_url

    # --- Deleting for good ---

    @admin.action(permissions=["delete"], description=_("Delete permanently"))
    def delete_selected(
        self, request: HttpRequest, comments: QuerySet[Comment]
    ) -> HttpResponse | None:
        return confirm_and_delete(self, request, comments.filter(status=Status.TRASH))

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        comment = self.get_object(request, object_id)
        if comment and comment.status != Status.TRASH:
            self.message_user(
                request, _("Only what is in the trash can be deleted for good."), messages.ERROR
            )
            return HttpResponseRedirect("../change/")
        return super().delete_view(request, object_id, extra_context)

    def delete_model(self, request: HttpRequest, obj: Comment) -> None:
        Comment.objects.filter(pk=obj.pk, status=Status.TRASH).purge()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Comment]) -> None:
        Comment.objects.filter(pk__in=queryset.values("pk"), status=Status.TRASH).purge()


def refuse_odd_selection(request: HttpRequest) -> None:
    """Raise ``BadRequest`` if the selected rows are not named by numbers of rows."""
    if None in map(parse_id, request.POST.getlist("_selected_action")):
        raise BadRequest("There are no such rows.")


class LogAdmin(LogModelAdmin):
    """A list that nobody can change."""

    actions = None
    list_per_page = 50
    show_full_result_count = False
    paginator = BoundedPaginator

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ModerationEvent)
class ModerationEventAdmin(LogAdmin):
    """Who decided what, when and why."""

    list_display = ("at", "comment", "__str__", "actor", "why")
    list_filter = ("to_status",)
    list_select_related = ("comment", "actor")
    fields = (
        "at",
        "comment",
        "actor",
        "from_status",
        "to_status",
        "why",
        "message",
        "score",
        "undoes",
    )

    @admin.display(description=_("reasons"))
    def why(self, event: ModerationEvent) -> str:
        return "; ".join(shown(str(reason)) for reason in event.reasons)


@admin.register(ContactReveal)
class ContactRevealAdmin(LogAdmin):
    """Who looked at which address, when and why."""

    list_display = ("at", "comment", "user", "why")
    list_select_related = ("comment", "user")
    fields = ("at", "comment", "user", "why")

    @admin.display(description=_("reason"))
    def why(self, reveal: ContactReveal) -> str:
        return shown(reveal.reason)


@admin.register(DiscussionSettings)
class DiscussionSettingsAdmin(OneRowAdmin):
    """The rules of the conversation."""

    fieldsets = (
        (
            _("Before something is shown"),
            {
                "fields": (
                    *("hold_everything", "hold_first_time_authors", "hold_from_links"),
                    *("held_words", "disallowed_words"),
                )
            },
        ),
        (
            _("What is taken"),
            {
                "fields": (
                    "close_after_days",
                    "pingbacks_enabled",
                    "trackbacks_enabled",
                    "webmentions_enabled",
                    "trusted_sources",
                    "blocked_sources",
                )
            },
        ),
        (_("The spam filter, and mail"), {"fields": ("filter_enabled", "reply_notices_enabled")}),
        (
            _("What is thrown away"),
            {
                "fields": (
                    "erase_contacts_after_days",
                    "erase_declined_contacts_after_days",
                    "purge_trash_after_days",
                    "purge_spam_after_days",
                )
            },
        ),
    )


ArticleAdmin.panels.append(faq_panel.of_article)
