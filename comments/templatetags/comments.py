"""What article pages show of the conversation: responses and the blank form by ``comments.patterns``."""

import datetime
from collections.abc import Iterable
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
from django.utils.formats import date_format, number_format
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext

from articles.frames import place
from articles.models import Article
from articles.moments import rfc3339
from articles.sessions import has_session
from comments import avatars, thread_pages, tokens
from comments.forms import ReplyForm
from comments.models import Comment, DiscussionSettings, Kind, ResponseType
from comments.origin import signed_in_user
from comments.patterns import Places, fill
from comments.thread_pages import KEPT, KEPT_LENGTH, Place, ThreadPage
from comments.threads import Response, Said
from comments.untrusted import parse_id, web_address

register = template.Library()


@register.simple_tag(takes_context=True)
def asked_by(context: Context, article: Article, name: str, anchor: str) -> str:
    """Say who asked a question, with a link to the response of this anchor if the page shows it."""

    def part(request: HttpRequest) -> str:
        shown = thread_pages.for_request(request, article).responses
        is_here = any(anchor == f"comment-{response.comment.pk}" for response in shown)
        return fill(_draw_asked_by, is_here, name=name, anchor=anchor)

    return place(context, part)


def _draw_asked_by(places: Places, is_here: bool) -> str:
    return _rendered("comments/_asked_by.html", {**places, "is_here": is_here})


@register.simple_tag(takes_context=True)
def responses(context: Context, article: Article) -> str:
    """Show “N responses to “TITLE””: the threads of an article, and the ways to the others."""
    takes_replies = DiscussionSettings.for_request(context["request"]).takes_replies(article)
    page = conditional_escape(article.get_absolute_url())

    def part(request: HttpRequest) -> str:
        return _responses(thread_pages.for_request(request, article), article, page, takes_replies)

    return place(context, part)


def _responses(
    found: ThreadPage, article: Article, page: SafeString, takes_replies: bool
) -> SafeString:
    tally, here = found.tally, found.place
    numbers = {name: getattr(tally, name) for name in ("responses", "likes", "reposts")}
    return fill(
        _draw_responses,
        # The wording depends on whether it is none, one or more.
        *(min(number, 2) for number in numbers.values()),
        here.head is not None,
        found.pages > 1,
        found.older is not None,
        found.newer is not None,
        **numbers,
        title=article.title,
        page=page,
        head=here.head or 0,
        number=here.number,
        pages=found.pages,
        older=SafeString(found.older.query if found.older else ""),
        newer=SafeString(found.newer.query if found.newer else ""),
        thread=_thread(found.responses, article, page, takes_replies),
    )


def _draw_responses(places: Places, *traits: Any) -> str:
    *numbers, is_one_thread, has_pages, has_older, has_newer = traits
    names = ("responses", "likes", "reposts")
    context = {
        **places,
        **{
            name: places[name] if number > 1 else number
            for name, number in zip(names, numbers, strict=True)
        },
        # Which words go with each: those for one, or those for more.
        **{f"{name}_form": number for name, number in zip(names, numbers, strict=True)},
        "is_one_thread": is_one_thread,
        "has_pages": has_pages,
        "has_older": has_older,
        "has_newer": has_newer,
    }
    return _rendered("comments/_responses.html", context)


@register.simple_tag(takes_context=True)
def respond(context: Context, article: Article) -> str:
    """Show “Leave a Reply”: the form, or that comments are closed."""
    request: HttpRequest = context["request"]
    rules = DiscussionSettings.for_request(request)
    takes_replies, notices = rules.takes_replies(article), rules.reply_notices_enabled
    if context.get("reply_form") is not None or has_session(request):
        return _respond_in_full(context, article, takes_replies, notices)
    addresses = {
        "page": conditional_escape(article.get_absolute_url()),
        "action": conditional_escape(reverse("reply", args=[article.slug])),
    }

    def part(request: HttpRequest) -> str:
        return _respond(request, article, takes_replies, notices, addresses)

    return place(context, part)


def _respond(
    request: HttpRequest,
    article: Article,
    takes_replies: bool,
    offers_notices: bool,
    addresses: dict[str, SafeString],
) -> SafeString:
    """Return what everybody without a session gets, with a blank form."""
    parent = _parent(request, article)
    return fill(
        _draw_respond,
        takes_replies,
        offers_notices,
        parent is not None,
        **addresses,
        token=tokens.issue(article),
        parent=parent.pk if parent else "",
        parent_name=parent.author_name if parent else "",
    )


def _draw_respond(
    places: Places, takes_replies: bool, offers_notices: bool, is_answer: bool
) -> str:
    form = ReplyForm(Article(slug="any"), initial=dict(places), offers_notices=offers_notices)
    form.helper.form_action = places["action"]
    context = {
        "page": places["page"],
        "parent": {"author_name": places["parent_name"]} if is_answer else None,
        "ready_form": render_crispy_form(form, context={"needs_csrf": False}),
        "takes_replies": takes_replies,
    }
    return _rendered("comments/_respond.html", context)


def _respond_in_full(
    context: Context, article: Article, takes_replies: bool, offers_notices: bool
) -> SafeString:
    request: HttpRequest = context["request"]
    user = signed_in_user(request)
    parent = _parent(request, article)
    form = context.get("reply_form") or _blank_form(article, user, parent, offers_notices)
    values = {
        "page": article.get_absolute_url(),
        "form": form,
        "parent": parent,
        "user": user,
        "request": request,
        "needs_csrf": has_session(request),
        "csrf_token": context.get("csrf_token"),
        "takes_replies": takes_replies,
    }
    return SafeString(_rendered("comments/_respond.html", values))


def _rendered(name: str, values: dict[str, Any]) -> str:
    return str(get_template(name).render(values)).rstrip("\n")


def _blank_form(
    article: Article, user: Any, parent: Comment | None, offers_notices: bool
) -> ReplyForm:
    initial = {"token": tokens.issue(article), "parent": parent.pk if parent else ""}
    return ReplyForm(article, user=user, initial=initial, offers_notices=offers_notices)


def _parent(request: HttpRequest, article: Article) -> Comment | None:
    """Return the comment that is being answered, as said by ``?reply=12`` or the posted form."""
    wanted = parse_id(request.POST.get("parent") or request.GET.get("reply", ""))
    return None if wanted is None else article.comments.approved().filter(pk=wanted).first()


_draw_avatar = lru_cache(maxsize=2000)(avatars.draw)


def _thread(
    found: Iterable[Response], article: Article, page: SafeString, takes_replies: bool
) -> SafeString:
    author, zone = article.author_id or object(), timezone.get_current_timezone_name()
    # Readers answer in the language of the article.
    spoken = article.language
    # Asked once for all of them.
    keeps, language = not settings.DEBUG, get_language() or ""
    pieces: list[str] = []
    for response in found:
        comment, above = response.comment, response.in_reply_to
        draw = _kept_response if keeps and len(comment.text_html) <= KEPT_LENGTH else _response
        pieces.append(
            draw(
                comment,
                page,
                zone,
                language,
                spoken,
                takes_replies,
                comment.user_id == author,
                response.has_replies,
                response.is_below_max_depth,
                _place_above(response) if above else "",
                above.author_name if above else "",
            )
        )
        if response.closes:
            pieces.append("</ol></li>" * response.closes)
        if response.more:
            pieces.append(_more(response, page))
    return SafeString("".join(pieces))


def _response(
    comment: Said,
    page: SafeString,
    zone: str,
    language: str,
    spoken: str,
    takes_replies: bool,
    by_author: bool,
    has_replies: bool,
    is_below_max_depth: bool,
    above: str,
    above_name: str,
) -> str:
    """Return the HTML of a response: the same for the same, so that it is drawn once (in a time zone
    and a language)."""
    checked = comment.link_checked_at
    flags = {
        "has_link": web_address(comment.author_url),
        "has_text": comment.text,
        "has_language": spoken,
        "has_replies": has_replies,
        "by_author": by_author,
        "in_reply_to": above,
        "is_below_max_depth": is_below_max_depth,
        "takes_replies": takes_replies,
        "is_quote": comment.response_type == ResponseType.MENTION,
        "was_checked": checked,
        "is_in_faq": comment.faq_anchor,
    }
    return fill(
        _draw_response,
        comment.kind,
        frozenset(name for name, is_set in flags.items() if is_set),
        pk=comment.pk,
        page=page,
        late=SafeString(f"?comment={comment.pk}" if comment.is_late else ""),
        avatar=_draw_avatar(comment.author_name),
        name=comment.author_name,
        url=comment.author_url,
        iso=SafeString(rfc3339(comment.created_at)),
        moment=SafeString(_moment(comment.created_at, language)),
        text=_words(comment),
        spoken=spoken,
        above=above,
        above_name=above_name,
        checked=_day(timezone.localtime(checked).date(), language) if checked else "",
        faq_anchor=comment.faq_anchor or "",
    )


# Nothing goes in but what is asked for each time, and all of it is part of the key.
_kept_response = lru_cache(maxsize=KEPT)(_response)


def _place_above(response: Response) -> str:
    if response.in_reply_to is None:
        return ""
    above = response.in_reply_to.pk
    query = f"?comment={above}" if response.is_answer_to_elsewhere else ""
    return f"{query}#comment-{above}"


def _more(response: Response, page: SafeString) -> str:
    """Return the way to the replies of this thread that are not on the page."""
    head = response.comment.head_id or response.comment.pk
    words = ngettext("One more reply", "%(count)s more replies", response.more)
    replies = words % {"count": number_format(response.more, use_l10n=True, force_grouping=True)}
    address = SafeString(f"{page}{Place(head=head).query}#responses")
    return format_html('<li class="more"><a href="{}">{}</a></li>', address, replies)


def _draw_response(places: Places, kind: str, flags: frozenset[str]) -> str:
    context = {**places, **dict.fromkeys(flags, True), "kind": kind, "kind_name": Kind(kind).label}
    return str(get_template("comments/_response.html").render(context))


def _words(comment: Said) -> str:
    # A reply's HTML was sanitised when it was stored.
    return SafeString(comment.text_html) if comment.kind == Kind.REPLY else comment.text


def moment(moment: datetime.datetime) -> str:
    """Return the moment for readers, in the site's time zone and language."""
    return _moment(moment, get_language() or "")


def _moment(moment: datetime.datetime, language: str) -> str:
    local = timezone.localtime(moment)
    return f"{_day(local.date(), language)}, {local:%H:%M}"


@lru_cache(maxsize=500)
def _day(day: datetime.date, _language: str) -> str:
    return date_format(day, "DATE_FORMAT")
