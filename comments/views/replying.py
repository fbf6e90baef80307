"""Posting a reply."""

import logging
from typing import Any, cast

from django.contrib.auth.models import User
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from articles.at_address import article_reached_at
from articles.views import article_page
from comments import origin, pace, tokens
from comments.forms import ReplyForm
from comments.models import Comment, DiscussionSettings, Status
from comments.submission import ParentUnavailable, Reply, SubmissionRefused, submit

logger = logging.getLogger(__name__)

FOREIGN_POST = _(
    "Your browser says that this came from another site. Your text is still here: please post it again."
)
DATABASE_TROUBLE = _(
    "Something is wrong here, not with your comment. Your text is still here: please post it again in a minute."
)
STALE_SESSION = _(
    "You have signed in or out since this page was opened. Your text is still here: please post it again."
)


@csrf_exempt  # comments.origin checks where the post came from, with Django's CSRF for sessions
@sensitive_post_parameters("email")
@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a reply; show the page again, with every character typed, when it cannot be taken."""
    article = article_reached_at(slug)
    if article is None:
        raise Http404("There is no article at this address.")
    if request.method != "POST":
        return redirect(f"{article.get_absolute_url()}#respond")
    user = origin.signed_in_user(request)
    rules = DiscussionSettings.for_request(request)
    form = ReplyForm(article, request.POST, user=user, offers_notices=rules.reply_notices_enabled)
    if not origin.is_ours(request):
        form.refuse(gettext(FOREIGN_POST if user is None else STALE_SESSION))
        return _form_again(request, form, 403)
    if not form.is_valid():
        return _form_again(request, form, 400)
    try:
        comment = submit(_reply(form, user, request), rules)
    except DatabaseError:
        logger.exception("A reply could not be written")
        form.add_error(None, gettext(DATABASE_TROUBLE))
        return _form_again(request, form, 503)
    except SubmissionRefused as refusal:
        form.add_error(None, str(refusal))
        return _form_again(
            request, form, refusal.status, keep_parent=not isinstance(refusal, ParentUnavailable)
        )
    return HttpResponseRedirect(_destination(comment), status=303)


def _reply(form: ReplyForm, user: User | None, request: HttpRequest) -> Reply:
    data: dict[str, Any] = form.cleaned_data
    return Reply(
        article=form.article,
        text=data["comment"],
        author_name=user.get_full_name() or data["author"] if user else data["author"],
        author_url=data.get("url", ""),
        address=data.get("email", ""),
        parent_id=data["parent"],
        user=user,
        network=pace.client_network(request),
        earlier_keys=data["earlier"],
        form_age=form.age,
        is_decoy_filled=data.get("more_about", False),
        wants_notices=data.get("notify", False),
    )


def _form_again(
    request: HttpRequest, form: ReplyForm, status: int, *, keep_parent: bool = True
) -> HttpResponse:
    # A new token in the same form if the old one was what was wrong; else the form keeps its age.
    data = cast(QueryDict, form.data).copy()
    if not tokens.is_valid(data.get("token", ""), form.article):
        data["token"] = tokens.issue(form.article)
    if not keep_parent or "parent" in form.errors:
        data["parent"] = ""
    form.data = data
    response = article_page(request, form.article, status, reply_form=form)
    add_never_cache_headers(response)
    return response


def _destination(comment: Comment) -> str:
    # Readers get to know their own page, also when there is nothing to wait for; with JavaScript
    # it leads on to the comment by itself.
    if comment.status != Status.APPROVED:
        return comment.private_path
    return comment.get_absolute_url() if comment.user_id else f"{comment.private_path}#posted"
