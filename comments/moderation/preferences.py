"""How a moderator likes to work: everybody edits their own, nobody another's."""

from typing import TYPE_CHECKING, cast

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from comments.models import Comment, ModeratorPreferences
from comments.moderators import may_moderate

if TYPE_CHECKING:
    PreferencesModelForm = forms.ModelForm[ModeratorPreferences]
else:
    PreferencesModelForm = forms.ModelForm


class PreferencesForm(PreferencesModelForm):
    """Keys, and mail."""

    class Meta:
        model = ModeratorPreferences
        fields = ("keys_enabled", "digest")


def has_keys(request: HttpRequest) -> bool:
    """Say whether this moderator has switched the keys of the queue on."""
    return ModeratorPreferences.objects.filter(user=request.user.pk, keys_enabled=True).exists()


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Show and take the preferences of whoever is signed in."""
    if not may_moderate(request.user):
        raise PermissionDenied(gettext("Only moderators have such settings."))
    user = cast(User, request.user)
    mine = ModeratorPreferences.objects.filter(user=user).first() or ModeratorPreferences(user=user)
    form = PreferencesForm(request.POST or None, instance=mine)
    if form.is_valid():
        form.save()
        messages.success(request, gettext("Your settings are saved."))
        return redirect("admin:comments_comment_changelist")
    context = {
        **site.each_context(request),
        "opts": Comment._meta,
        "title": gettext("My moderation settings"),
        "form": form,
        "has_address": bool(user.email),
    }
    return TemplateResponse(request, "admin/comments/comment/preferences.html", context)
