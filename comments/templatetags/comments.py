"""What article pages show of the conversation."""

from typing import Any

from django import template
from django.http import HttpRequest
from django.template import Context
from django.utils.safestring import SafeString

from articles.models import Article
from comments import avatars, tokens
from comments.forms import ReplyForm
from comments.models import Comment, DiscussionSettings
from comments.origin import has_session
from comments.threads import responses as responses_to
from comments.views import signed_in_user

register = template.Library()


@register.inclusion_tag("comments/_responses.html", takes_context=True)
def responses(context: Context, article: Article) -> dict[str, Any]:
    """Show “N responses to “TITLE””: the threads of an article."""
    return {
        "article": article,
        "responses": responses_to(article),
        "takes_replies": DiscussionSettings.current().takes_replies(article),
    }


@register.inclusion_tag("comments/_respond.html", takes_context=True)
def respond(context: Context, article: Article) -> dict[str, Any]:
    """Show “Leave a Reply”: the form, or that comments are closed."""
    request: HttpRequest = context["request"]
    user = signed_in_user(request)
    parent = _parent(request, article)
    form = context.get("reply_form") or _blank_form(article, user, parent)
    return {
        "article": article,
        "form": form,
        "parent": parent,
        "user": user,
        "request": request,
        "needs_csrf": has_session(request),
        "csrf_token": context.get("csrf_token"),
        "takes_replies": DiscussionSettings.current().takes_replies(article),
    }


def _blank_form(article: Article, user: Any, parent: Comment | None) -> ReplyForm:
    initial = {"token": tokens.issue(article), "parent": parent.pk if parent else ""}
    return ReplyForm(article, user=user, initial=initial)


def _parent(request: HttpRequest, article: Article) -> Comment | None:
    """Return the comment that is being answered, as said by ``?reply=12`` or the posted form."""
    wanted = request.POST.get("parent") or request.GET.get("reply", "")
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 16):
        return None
    return article.comments.approved().filter(pk=int(wanted)).first()


@register.simple_tag
def avatar(name: str) -> SafeString:
    """Draw a small picture from a public name."""
    return avatars.draw(name)
