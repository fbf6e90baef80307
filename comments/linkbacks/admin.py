"""Linkbacks in the admin: what came in, what became of it, and the evidence beside its comment."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comments.admin import CommentAdmin, refuse_odd_selection
from comments.linkbacks import (
    health,
    outgoing_admin,  # noqa: F401 - registers the links that go out
    tasks,
)
from comments.linkbacks.models import Linkback
from comments.models import Comment, Kind
from comments.moderation.health import sections
from comments.stored_words import shown
from comments.untrusted import web_address

if TYPE_CHECKING:
    LinkbackModelAdmin = admin.ModelAdmin[Linkback]
else:
    LinkbackModelAdmin = admin.ModelAdmin


class ProtocolFilter(admin.SimpleListFilter):
    """Linkbacks that were announced by one protocol, among others perhaps."""

    title = _("protocol")
    parameter_name = "protocol"

    def lookups(
        self, request: HttpRequest, model_admin: "admin.ModelAdmin[Any]"
    ) -> Iterable[tuple[str, str]]:
        return [(kind.value, str(kind.label)) for kind in Kind if kind != Kind.REPLY]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Linkback]) -> QuerySet[Linkback]:
        if self.value() not in Kind.values:
            return queryset
        # Not every database looks into JSON.
        listed = queryset.annotate(protocols_text=Cast("protocols", TextField()))
        return listed.filter(protocols_text__contains=f'"{self.value()}"')


@admin.register(Linkback)
class LinkbackAdmin(LinkbackModelAdmin):
    """The list of pages that say they link here."""

    list_display = ("source", "article", "outcome", "announced_by", "received_at")
    list_filter = ("state", ProtocolFilter)
    list_select_related = ("article",)
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("source_url", "article__title")
    actions = ("check_again",)
    fields = (
        "source", "target_url", "article", "comment", "announced_by",
        "state", "why_refused", "evidence", "received_at", "verified_at",
    )  # fmt: skip
    readonly_fields = ("source", "announced_by", "why_refused")

    class Media:
        css = {"all": ["css/admin-queue.css"]}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Linkback | None = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        # Any other field could be spelled out letter by letter: status_key__startswith=…
        return lookup in {"state", "state__exact", "protocol"}

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        refuse_odd_selection(request)
        return super().changelist_view(request, extra_context)

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

    @admin.display(description=_("source"), ordering="source_url")
    def source(self, linkback: Linkback) -> str:
        if web_address(linkback.source_url):
            return format_html(
                '<a href="{0}" rel="nofollow noopener noreferrer">{0}</a>', linkback.source_url
            )
        return linkback.source_url

    @admin.display(description=_("state"), ordering="state")
    def outcome(self, linkback: Linkback) -> str:
        state = str(linkback.get_state_display())
        return f"{state}: {shown(linkback.refusal)}" if linkback.refusal else state

    @admin.display(description=_("refusal"))
    def why_refused(self, linkback: Linkback) -> str:
        return shown(linkback.refusal)

    @admin.display(description=_("announced by"))
    def announced_by(self, linkback: Linkback) -> str:
        return ", ".join(str(dict(Kind.choices).get(name, name)) for name in linkback.protocols)

    @admin.action(permissions=["recheck"], description=_("Check again (refused ones)"))
    def check_again(self, request: HttpRequest, linkbacks: QuerySet[Linkback]) -> None:
        """Fetch the sources of refused linkbacks once more, in the background."""
        refused = list(linkbacks.filter(state=Linkback.State.REFUSED))
        for linkback in refused:
            with transaction.atomic():
                linkback.take_up_again(linkback.target_url)
                tasks.verify_linkback.enqueue(linkback.pk)
        level = messages.SUCCESS if refused else messages.WARNING
        said = gettext("Checking again: %(count)s. Only refused linkbacks are checked.")
        self.message_user(request, said % {"count": len(refused)}, level)


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
sections.extend((health.incoming, health.outgoing))
