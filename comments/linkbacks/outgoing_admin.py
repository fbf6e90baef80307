"""The links that go out, in the admin: beside each article, before and after it is published."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin import AdminSite
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from articles.admin import ArticleAdmin
from articles.models import Article
from comments.linkbacks import sending, tasks, websub
from comments.linkbacks.models import OutgoingLinkback
from comments.stored_words import shown
from comments.untrusted import web_address

if TYPE_CHECKING:
    OutgoingModelAdmin = admin.ModelAdmin[OutgoingLinkback]
else:
    OutgoingModelAdmin = admin.ModelAdmin

CHANGE = "articles.change_article"


@admin.register(OutgoingLinkback)
class OutgoingLinkbackAdmin(OutgoingModelAdmin):
    """Everything that was sent or is to be. What is sent is chosen beside its article."""

    list_display = (
        "target", "article", "state", "protocol", "last_status", "answer",
        "sent_at", "next_attempt_at",
    )  # fmt: skip
    list_filter = ("state", "protocol")
    list_select_related = ("article",)
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("target_url", "article__title")
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: OutgoingLinkback | None = None
    ) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: OutgoingLinkback | None = None
    ) -> bool:
        return False

    @admin.display(description=_("target"), ordering="target_url")
    def target(self, outgoing: OutgoingLinkback) -> str:
        # The first column leads to the row: a link in a link is none.
        return outgoing.target_url

    @admin.display(description=_("last answer"), ordering="last_answer")
    def answer(self, outgoing: OutgoingLinkback) -> str:
        return shown(outgoing.last_answer)


def panel(article: Article) -> str:
    """Return what the article's form says of the links in its text."""
    links = sending.links_of(article)
    unwanted = sum(not link.is_wanted for link in links)
    context = {"article": article, "count": len(links), "unwanted": unwanted}
    return render_to_string("admin/linkbacks/_outgoing.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def links_page(request: HttpRequest, object_id: int, site: AdminSite) -> HttpResponse:
    """Show each link of an article: what is to be told and what was; take ticks and buttons."""
    if not request.user.has_perm(CHANGE):
        raise PermissionDenied(gettext("You may not change articles."))
    article = get_object_or_404(Article, pk=object_id)
    if request.method == "POST":
        return _take(request, article)
    links = [
        (row, web_address(row.target_url), web_address(row.status_url))
        for row in sending.links_of(article)
    ]
    context = {
        **site.each_context(request),
        "title": gettext("Links in “%(article)s”") % {"article": article},
        "opts": Article._meta,
        "article": article,
        "links": links,
        "sends": settings.LINKBACK_SENDING,
        "states": OutgoingLinkback.State,
    }
    return TemplateResponse(request, "admin/linkbacks/outgoing.html", context)


def _take(request: HttpRequest, article: Article) -> HttpResponse:
    """Keep the ticks, then do what the button says."""
    act, _, digest = request.POST.get("act", "").partition(":")
    if act not in ACTS:
        raise BadRequest("There is no such button.")
    sending.choose(article, request.POST.getlist("shown"), request.POST.getlist("wanted"))
    rows = article.outgoing_linkbacks.all()
    said, level = ACTS[act](list(rows.filter(target_digest=digest) if digest else rows))
    messages.add_message(request, level, said)
    return redirect("admin:articles_article_linkbacks", article.pk)


def _save(rows: list[OutgoingLinkback]) -> tuple[str, int]:
    return gettext("Saved which links are told."), messages.SUCCESS


@transaction.atomic
def _look_up(rows: list[OutgoingLinkback]) -> tuple[str, int]:
    for row in rows:
        tasks.look_up_endpoint.enqueue(row.pk)
    said = gettext("Looking up in the background: %(count)s. Nothing is sent by that.")
    return said % {"count": len(rows)}, messages.SUCCESS


def _send(rows: list[OutgoingLinkback]) -> tuple[str, int]:
    planned = [row for row in rows if sending.send_again(row)]
    if planned:
        said = gettext("Sending in the background: %(count)s.")
        return said % {"count": len(planned)}, messages.SUCCESS
    why = gettext("Nothing was sent: the article must be public, the link ticked, and sending on.")
    return why, messages.WARNING


ACTS = {"save": _save, "look-up": _look_up, "send": _send}

ArticleAdmin.after_save += [sending.plan, websub.follow]
ArticleAdmin.panels.append(panel)
ArticleAdmin.pages["linkbacks"] = links_page
