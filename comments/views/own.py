"""The page that only a comment's author knows, and what they can do there."""

import datetime
import logging
from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from articles.reading_only import reading_only
from articles.sessions import has_session
from comments import origin, pace
from comments.forms import TextForm
from comments.models import Comment, Contact, DiscussionSettings, Kind, Status, Subscription
from comments.own_comment import editing, erasing, taking_back
from comments.own_comment.history import history, is_anonymous, verdict
from comments.own_comment.holdings import holdings
from comments.private_pages import keep_private
from comments.submission import SubmissionRefused, TooFast

logger = logging.getLogger(__name__)

FOREIGN_POST = _(
    "Your browser says that this came from another site. Nothing was changed: please try it again here."
)
DATABASE_TROUBLE = _(
    "Something is wrong here, not with what you did. Please try it again in a minute."
)
# From one network: what a person does by hand.
ACTS_AN_HOUR = 60

ACTS: dict[str, Callable[[Comment], None]] = {
    "withdraw": taking_back.withdraw,
    "put-back": taking_back.put_back,
    "ask-again": taking_back.ask_again,
    "mute": taking_back.mute,
    "unmute": taking_back.unmute,
    "anonymise": erasing.keep_as_anonymous,
    "remove": erasing.remove,
}
# The right to be forgotten knows no pace.
AT_ANY_PACE = ("withdraw", "mute", "anonymise", "remove")


@csrf_exempt  # comments.origin checks where the post came from, with Django's CSRF for sessions
@require_http_methods(["GET", "HEAD", "POST"])
def your_comment(request: HttpRequest, key: str) -> HttpResponse:
    """Show the author of a comment what has become of it; do what they ask for by POST.

    The address is the only proof asked.
    """
    comment = _comment(key)
    if request.method != "POST":
        return _page(request, comment)
    act = request.POST.get("act", "")
    if act not in ("edit", *ACTS):
        raise BadRequest("There is no such act.")
    form = TextForm(request.POST) if act == "edit" else None
    if not origin.is_ours(request):
        return _page(request, comment, status=403, refusal=FOREIGN_POST, form=form)
    try:
        return _act(request, comment, act, form)
    except SubmissionRefused as refusal:
        return _page(request, comment, status=refusal.status, refusal=str(refusal), form=form)
    except DatabaseError:
        logger.exception("What a comment's author did could not be written")
        return _page(request, comment, status=503, refusal=DATABASE_TROUBLE, form=form)


def _comment(key: str) -> Comment:
    # Who sent a linkback has a page of that linkback.
    replies = Comment.objects.filter(kind=Kind.REPLY).select_related("article")
    return get_object_or_404(replies, private_key=key)


def _act(request: HttpRequest, comment: Comment, act: str, form: TextForm | None) -> HttpResponse:
    if act not in AT_ANY_PACE:
        _refuse_haste(request)
    if form is None:
        ACTS[act](comment)
    elif form.is_valid():
        editing.edit(comment, form.cleaned_data["comment"])
    else:
        return _page(request, comment, status=400, form=form)
    if act == "remove":
        return keep_private(
            TemplateResponse(
                request, "comments/your_comment_removed.html", {"key": comment.private_key}
            )
        )
    return keep_private(HttpResponseRedirect(comment.private_path, status=303))


@transaction.atomic
def _refuse_haste(request: HttpRequest) -> None:
    network, hour = pace.client_network(request), datetime.timedelta(hours=1)
    if not pace.allow("own comment", network, times=ACTS_AN_HOUR, within=hour):
        raise TooFast(
            gettext("Too much was asked from your network in this hour. Please try again later.")
        )


def _page(
    request: HttpRequest,
    comment: Comment,
    *,
    status: int = 200,
    refusal: str = "",
    form: TextForm | None = None,
) -> HttpResponse:
    comment = _comment(comment.private_key)  # as it is by now; gone, it is not found
    context = {
        "comment": comment,
        "verdict": verdict(comment),
        "history": history(comment),
        "is_anonymous": is_anonymous(comment),
        "refusal": gettext(refusal) if refusal else "",
        "form": form or TextForm(initial={"comment": comment.text}),
        "typed": form["comment"].value() if form else "",
        "may_edit": editing.may_edit(comment),
        "minutes_left": editing.minutes_left(comment),
        "editable_minutes": editing.EDITABLE_FOR // datetime.timedelta(minutes=1),
        "may_ask_again": taking_back.may_ask_again(comment),
        "subscription": Subscription.objects.filter(comment=comment).first(),
        "contact": Contact.objects.filter(comment=comment).only("created_at").first(),
        "deleted_on": _deletion(comment),
        "needs_csrf": has_session(request),
    }
    response = TemplateResponse(request, "comments/your_comment.html", context, status=status)
    return keep_private(response)


def _deletion(comment: Comment) -> datetime.datetime | None:
    """Return when it is deleted for good if it stays where it is."""
    rules = DiscussionSettings.current()
    days = {
        Status.SPAM: rules.purge_spam_after_days,
        Status.TRASH: rules.purge_trash_after_days,
    }.get(Status(comment.status), 0)
    return comment.status_since + datetime.timedelta(days=days) if days else None


@reading_only
def download(request: HttpRequest, key: str) -> HttpResponse:
    """Hand out all that is kept about the comment, as JSON."""
    comment = _comment(key)
    options = {"indent": 2, "ensure_ascii": False}
    response = JsonResponse(holdings(comment), json_dumps_params=options)
    response["Content-Type"] = "application/json; charset=utf-8"
    response["Content-Disposition"] = f'attachment; filename="comment-{comment.pk}.json"'
    return keep_private(response)
