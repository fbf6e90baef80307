"""What article pages show of the conversation: responses and the blank form by ``comments.patterns``."""

import datetime
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from crispy_forms.utils import render_crispy_form
from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template import Context
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from articles.models import Article
from articles.sessions import has_session
from comments import avatars, thread_pages, tokens
from comments.forms import ReplyForm
from comments.models import Comment, DiscussionSettings, Kind, ResponseType
from comments.origin import signed_in_user
from comments.patterns import Places, fill
from comments.thread_pages import Place, ThreadPage
from comments.threads import Response, Said
from comments.untrusted import parse_id, web_address

register = template.Library()


@register.simple_tag(takes_context=True)
def thread(context: Context, article: Article) -> ThreadPage:
    """Return the threads that the page shows, for ``responses`` and for whatever else looks at them."""
    return thread_pages.read(article, thread_pages.wanted(context["request"]))


@register.filter
def shows(found: ThreadPage, anchor: str) -> bool:
    """Say whether the response of this anchor (``comment-12``) is among those that are shown."""
    return any(anchor == f"comment-{response.comment.pk}" for response in found.responses)


@register.inclusion_tag("comments/_responses.html", takes_context=True)
def responses(context: Context, article: Article, found: ThreadPage) -> dict[str, Any]:
    """Show “N responses to “TITLE””: the threads of an article, and the ways to the others."""
    takes_replies = DiscussionSettings.for_request(context["request"]).takes_replies(article)
    return {
        "article": article,
        "page": found,
        "tally": found.tally,
        "thread": _thread(found.responses, article, takes_replies),
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
    # Escaped once, and not for each response.
    page = conditional_escape(article.get_absolute_url())
    author = article.author_id or object()
    draw = _response if settings.DEBUG else _kept_response
    items = (
        draw(
            response.comment,
            page,
            _place_above(response),
            response.in_reply_to.author_name if response.in_reply_to else "",
            frozenset(_traits(response, response.comment.user_id == author, takes_replies)),
            timezone.get_current_timezone_name(),
        )
        + "</ol></li>" * len(response.closes)
        + _more(response, page)
        for response in found
    )
    return SafeString("".join(items))


def _traits(response: Response, is_by_author: bool, takes_replies: bool) -> Iterator[str]:
    comment = response.comment
    flags = (
        ("has_link", web_address(comment.author_url)),
        ("has_text", comment.text),
        ("has_replies", response.has_replies),
        ("by_author", is_by_author),
        ("in_reply_to", response.in_reply_to),
        ("is_below_max_depth", response.is_below_max_depth),
        ("takes_replies", takes_replies),
        ("is_quote", comment.response_type == ResponseType.MENTION),
        ("was_checked", comment.link_checked_at),
        ("is_in_faq", comment.faq_anchor),
    )
    return (name for name, is_set in flags if is_set)


def _response(
    comment: Said, page: SafeString, above: str, above_name: str, traits: frozenset[str], zone: str
) -> str:
    """Return the HTML of a response: the same for the same, so that it is drawn once (in a time zone)."""
    checked = comment.link_checked_at
    return fill(
        _draw_response,
        comment.kind,
        traits,
        pk=comment.pk,
        page=page,
        late=SafeString(f"?comment={comment.pk}" if comment.is_late else ""),
        avatar=_draw_avatar(comment.author_name),
        name=comment.author_name,
        url=comment.author_url,
        iso=SafeString(iso(comment.created_at)),
        moment=SafeString(moment(comment.created_at)),
        text=_words(comment),
        above=above,
        above_name=above_name,
        checked=_day(timezone.localtime(checked).date()) if checked else "",
        faq_anchor=comment.faq_anchor or "",
    )


# Nothing goes in but what is asked for each time, and all of it is part of the key.
_kept_response = lru_cache(maxsize=2_000)(_response)


def _place_above(response: Response) -> str:
    if response.in_reply_to is None:
        return ""
    above = response.in_reply_to.pk
    query = f"?comment={above}" if response.is_answer_to_elsewhere else ""
    return f"{query}#comment-{above}"


def _more(response: Response, page: SafeString) -> str:
    """Return the way to the replies of this thread that are not on the page."""
    if not response.more:
        return ""
    head = response.comment.head_id or response.comment.pk
    replies = "One more reply" if response.more == 1 else f"{response.more:,} more replies"
    address = SafeString(f"{page}{Place(head=head).query}#responses")
    return format_html('<li class="more"><a href="{}">{}</a></li>', address, replies)


def _draw_response(places: Places, kind: str, flags: frozenset[str]) -> str:
    context = {**places, **dict.fromkeys(flags, True), "kind": kind, "kind_name": Kind(kind).label}
    return str(get_template("comments/_response.html").render(context))


def _words(comment: Said) -> str:
    # A reply's HTML was sanitised when it was stored.
    return SafeString(comment.text_html) if comment.kind == Kind.REPLY else comment.text


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
