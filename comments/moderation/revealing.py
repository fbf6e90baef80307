"""The two pages on which an address can be seen or asked for: both by POST, with a reason, logged."""

from typing import cast

from cryptography.fernet import InvalidToken
from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from comments import contacts
from comments.models import Comment, Contact, ContactReveal
from comments.moderation.typed_addresses import REFUSAL, holds_address
from comments.untrusted import parse_id

REASON_LENGTH = 200


class RevealForm(forms.Form):
    """Why somebody wants to see an address."""

    reason = forms.CharField(
        max_length=REASON_LENGTH,
        label=_("Why do you need it?"),
        error_messages={"required": _("Say why you need the address.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "vTextField"}),
    )

    def clean_reason(self) -> str:
        """Refuse an address: the reasons are listed for the owner, and kept in clear."""
        reason: str = self.cleaned_data["reason"]
        if holds_address(reason):
            raise forms.ValidationError(REFUSAL)
        return reason


class AddressForm(RevealForm):
    """A full address whose comments are wanted. Posted, so that no log of requests holds it."""

    field_order = ("address", "reason")

    address = forms.EmailField(
        label=_("Email address"),
        widget=forms.EmailInput(attrs={"autocomplete": "off", "class": "vTextField"}),
    )


def _permitted(request: HttpRequest) -> User:
    if not request.user.has_perm(contacts.REVEAL_PERMISSION):
        raise PermissionDenied(gettext("You may not see the addresses behind comments."))
    return cast(User, request.user)


@sensitive_variables("address")
@require_POST
def reveal(request: HttpRequest, object_id: int, site: AdminSite) -> HttpResponse:
    """Show the address behind a comment once, after writing down who asked and why."""
    user = _permitted(request)
    contacts_of = Contact.objects.select_related("comment")
    # Longer numbers than a row can have are not even asked for.
    contact = get_object_or_404(contacts_of, comment=parse_id(str(object_id)))
    form = RevealForm(request.POST)
    if not form.is_valid():
        return _back(request, contact, str(form.errors["reason"][0]))
    try:
        address = contacts.reveal(contact, reason=form.cleaned_data["reason"], user=user)
    except InvalidToken:
        return _back(
            request, contact, gettext("None of the keys in CONTACT_KEYS opens this address.")
        )
    context = {"title": gettext("Email address"), "comment": contact.comment, "address": address}
    return _page(request, site, "admin/comments/comment/revealed.html", context)


def _back(request: HttpRequest, contact: Contact, why: str) -> HttpResponse:
    messages.error(request, why)
    return redirect("admin:comments_comment_change", contact.comment_id)


@sensitive_post_parameters("address")
@require_http_methods(["GET", "HEAD", "POST"])
def find_by_address(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """List the comments of one full address; each find is written down like a look at the address."""
    user = _permitted(request)
    form = AddressForm(request.POST or None)
    found: list[Comment] | None = None
    if form.is_valid():
        found = _find(form.cleaned_data["address"], form.cleaned_data["reason"], user)
    context = {"title": gettext("Find comments by address"), "form": form, "found": found}
    return _page(request, site, "admin/comments/comment/find_by_address.html", context)


@sensitive_variables("address")
def _find(address: str, reason: str, user: User) -> list[Comment]:
    why = f"By address: {reason}"
    found = contacts.find(address, reason=why, user=user)
    if not found:
        # That nobody wrote under an address is an answer too.
        ContactReveal.objects.create(user=user, reason=why[:REASON_LENGTH])
    comments = Comment.objects.filter(contact__in=found)
    return list(comments.select_related("article"))


def _page(
    request: HttpRequest, site: AdminSite, template: str, context: dict[str, object]
) -> HttpResponse:
    """Answer with a page of the admin; ``admin_view`` forbids every browser and proxy to keep it."""
    return TemplateResponse(
        request, template, {**site.each_context(request), "opts": Comment._meta, **context}
    )
