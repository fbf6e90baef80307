"""Linkbacks in the admin: what came in, what became of it, and the evidence beside its comment."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.html import format_html

from comments.admin import CommentAdmin
from comments.linkbacks import (
    outgoing_admin,  # noqa: F401 - registers the links that go out
    tasks,
)
from comments.linkbacks.models import Linkback
from comments.models import Comment
from comments.moderation.changelist import web_address

if TYPE_CHECKING:
    LinkbackModelAdmin = admin.ModelAdmin[Linkback]
else:
    LinkbackModelAdmin = admin.ModelAdmin


@admin.register(Linkback)
class LinkbackAdmin(LinkbackModelAdmin):
    """The list of pages that say they link here."""

    list_display = ("source", "article", "state", "refusal", "received_at", "verified_at")
    list_filter = ("state",)
    list_select_related = ("article",)
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("source_url", "article__title")
    actions = ("check_again",)
    fields = (
        "source", "target_url", "article", "comment", "protocols",
        "state", "refusal", "evidence", "received_at", "verified_at",
    )  # fmt: skip
    readonly_fields = ("source",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Linkback | None = None) -> bool:
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        # They go with their article; the permission to delete is asked for there.
        return {
            name: action
            for name, action in super().get_actions(request).items()
            if name != "delete_selected"
        }

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        raise PermissionDenied

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return super().change_view(
            request, object_id, form_url, {"show_delete": False, **(extra_context or {})}
        )

    def has_recheck_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("linkbacks.change_linkback")

    @admin.display(ordering="source_url")
    def source(self, linkback: Linkback) -> str:
        if web_address(linkback.source_url):
            return format_html(
                '<a href="{0}" rel="nofollow noopener noreferrer">{0}</a>', linkback.source_url
            )
        return linkback.source_url

    @admin.action(permissions=["recheck"], description="Check again (refused ones)")
    def check_again(self, request: HttpRequest, linkbacks: QuerySet[Linkback]) -> None:
        """Fetch the sources of refused linkbacks once more, in the background."""
        refused = list(linkbacks.filter(state=Linkback.State.REFUSED))
        for linkback in refused:
            with transaction.atomic():
                linkback.take_up_again(linkback.target_url)
                tasks.verify_linkback.enqueue(linkback.pk)
        level = messages.SUCCESS if refused else messages.WARNING
        self.message_user(
            request, f"Checking again: {len(refused)}. Only refused linkbacks are checked.", level
        )


def evidence(comment: Comment) -> str:
    """Return the panel about the page behind a comment, or nothing when a person wrote it."""
    linkback = Linkback.objects.filter(comment=comment).first()
    if linkback is None:
        return ""
    safe_source = web_address(linkback.source_url)
    return render_to_string(
        "admin/linkbacks/_evidence.html", {"linkback": linkback, "source": safe_source}
    )


CommentAdmin.panels.append(evidence)
