"""What article pages show of the conversation: responses and the blank form by ``comments.patterns``."""

import datetime
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from crispy_forms.utils import render_crispy_form
from django import template
from django.http import HttpRequest
from django.template import Context
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.safestring import SafeString

from articles.models import Article
from articles.sessions import has_session
from comments import avatars, tokens
from comments.forms import ReplyForm
from comments.models import Comment, DiscussionSettings, Kind, ResponseType
from comments.origin import signed_in_user
from comments.patterns import Places, fill
from comments.threads import Response
from comments.threads import reactions as reactions_to
from comments.threads import responses as responses_to
from comments.untrusted import parse_id, web_address

register = template.Library()


@register.simple_tag
def thread(article: Article) -> list[Response]:
    """Return the threads of an article, for ``responses`` and for whatever else looks at them."""
    return responses_to(article)


@register.filter
def shows(found: Iterable[Response], anchor: str) -> bool:
    """Say whether the response of this anchor (``comment-12``) is among those that are shown."""
    return any(anchor == f"comment-{response.comment.pk}" for response in found)


@register.inclusion_tag("comments/_responses.html", takes_context=True)
def responses(context: Context, article: Article, found: list[Response]) -> dict[str, Any]:
    """Show “N responses to “TITLE””: the threads of an article."""
    takes_replies = DiscussionSettings.for_request(context["request"]).takes_replies(article)
    return {
        "article": article,
        "responses": found,
        "reactions": reactions_to(article),
        "thread": _thread(found, article, takes_replies),
    }


@register.inclusion_tag("comments/_respond.html", takes_context=True)
def respond(context: Context, article: Article) -> dict[str, Any]:
    """Show “Leave a Reply”: the form, or that comments are closed."""
    request: HttpRequest = context["request"]
    user = signed_in_user(request)
    parent = _parent(request, article)
    form = context.get("reply_form")
    rules = DiscussionSettings.for_request(request)
    notices = rules.reply_notices_enabled
    is_ready = form is None and not has_session(request)
    ready_form = _ready_form(article, parent, notices) if is_ready else ""
    return {
        "article": article,
        "form": form if form or ready_form else _blank_form(article, user, parent, notices),
        "ready_form": ready_form,
        "parent": parent,
        "user": user,
        "request": request,
        "needs_csrf": has_session(request),
        "csrf_token": context.get("csrf_token"),
        "takes_replies": rules.takes_replies(article),
    }


def _blank_form(
    article: Article, user: Any, parent: Comment | None, offers_notices: bool
) -> ReplyForm:
    initial = {"token": tokens.issue(article), "parent": parent.pk if parent else ""}
    return ReplyForm(article, user=user, initial=initial, offers_notices=offers_notices)


def _parent(request: HttpRequest, article: Article) -> Comment | None:
    """Return the comment that is being answered, as said by ``?reply=12`` or the posted form."""
    wanted = parse_id(request.POST.get("parent") or request.GET.get("reply", ""))
    return None if wanted is None else article.comments.approved().filter(pk=wanted).first()


def _ready_form(article: Article, parent: Comment | None, offers_notices: bool) -> SafeString:
    """Return the HTML of the blank form that everybody without a session gets."""
    return fill(
        _draw_form,
        offers_notices,
        action=reverse("reply", args=[article.slug]),
        token=tokens.issue(article),
        parent=parent.pk if parent else "",
    )


def _draw_form(places: Places, offers_notices: bool) -> str:
    form = ReplyForm(Article(slug="any"), initial=dict(places), offers_notices=offers_notices)
    form.helper.form_action = places["action"]
    return str(render_crispy_form(form, context={"needs_csrf": False}))


_draw_avatar = lru_cache(maxsize=2000)(avatars.draw)


def _thread(found: Iterable[Response], article: Article, takes_replies: bool) -> SafeString:
    page = article.get_absolute_url()
    author = article.author_id or object()
    items = (_response(response, page, author, takes_replies) for response in found)
    return SafeString("".join(items))


def _response(response: Response, page: str, author: object, takes_replies: bool) -> str:
    comment, above = response.comment, response.in_reply_to
    flags = {
        "has_link": bool(web_address(comment.author_url)),
        "has_text": bool(comment.text),
        "has_replies": response.has_replies,
        "by_author": comment.user_id == author,
        "in_reply_to": above is not None,
        "is_below_max_depth": response.is_below_max_depth,
        "takes_replies": takes_replies,
        "is_quote": comment.response_type == ResponseType.MENTION,
        "was_checked": response.link_checked_at is not None,
        "is_in_faq": bool(response.faq_anchor),
    }
    drawn = fill(
        _draw_response,
        comment.kind,
        frozenset(flag for flag, is_set in flags.items() if is_set),
        pk=comment.pk,
        page=page,
        avatar=_draw_avatar(comment.author_name),
        name=comment.author_name,
        url=comment.author_url,
        iso=iso(comment.created_at),
        moment=moment(comment.created_at),
        text=_words(comment),
        above=above.pk if above else "",
        above_name=above.author_name if above else "",
        checked=_day(timezone.localtime(response.link_checked_at).date())
        if response.link_checked_at
        else "",
        faq_anchor=response.faq_anchor,
    )
    return drawn + "</ol></li>" * len(response.closes)


def _draw_response(places: Places, kind: str, flags: frozenset[str]) -> str:
    context = {**places, **dict.fromkeys(flags, True), "kind": kind, "kind_name": Kind(kind).label}
    return str(get_template("comments/_response.html").render(context))


def _words(comment: Comment) -> str:
    # A reply's HTML was sanitised when it was stored.
    return SafeString(comment.text_html) if comment.is_reply else comment.text


def iso(moment: datetime.datetime) -> str:
    """Return the moment for machines: RFC 3339, whole seconds, in UTC."""
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(moment: datetime.datetime) -> str:
    """Return the moment for readers, in the site's time zone."""
    local = timezone.localtime(moment)
    return f"{_day(local.date())}, {local:%H:%M}"


@lru_cache(maxsize=500)
def _day(day: datetime.date) -> str:
    return f"{day.day} {MONTHS[day.month]} {day.year}"
