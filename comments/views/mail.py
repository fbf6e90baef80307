"""What mails lead to. Reading these pages never changes anything: mail scanners open every link."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from articles.sessions import has_session
from comments import origin
from comments.mailing import links, subscriptions
from comments.mailing.links import LinkRefused, Offer
from comments.models import Mailbox, ModerationEvent, Subscription
from comments.moderation.decisions import decide, take_back, verb_named
from comments.moderation.seen import Seen
from comments.private_pages import keep_private

FOREIGN_POST = _("Your browser says that this came from another site. Nothing was done.")
YES = _("Thank you. From now on you get a mail when somebody replies to your comments.")
NEVER = _("That address gets no mail from here again, whoever types it.")
STOPPED = _("You get no more mail about replies to what has been written here with that address.")
MUTED = _("You get no more mail about replies to that comment.")

# What is said when one comment was decided about, by the verb of the link.
DONE = {
    "approve": _("Approved the comment."),
    "spam": _("Marked the comment as spam."),
    "trash": _("Moved the comment to the trash."),
}

# comments.origin checks where a post came from, with Django's CSRF for sessions.
_page = require_http_methods(["GET", "HEAD", "POST"])


# --- Moderators --------------------------------------------------------------------------------


@csrf_exempt
@_page
def moderate(request: HttpRequest, token: str) -> HttpResponse:
    """Show what a signed link offers; do it, or take it back, only by the button on that page."""
    try:
        offer = links.open_link(token)
        if request.method == "POST":
            return _moderate(request, offer)
        offer.check()
    except LinkRefused as refusal:
        return _say(request, _("Nothing was done"), str(refusal), refusal.status)
    verb = verb_named(offer.verb)
    return _show(request, "moderate", {"comment": offer.comment, "verb": verb})


def _moderate(request: HttpRequest, offer: Offer) -> HttpResponse:
    if not origin.is_ours(request):
        raise LinkRefused(FOREIGN_POST, 403)
    if undo := request.POST.get("undo"):
        return _undo(request, offer, undo)
    offer.check()
    pk = offer.comment.pk
    seen = Seen(states={pk: offer.state}, texts={pk: offer.words})
    outcome = decide(verb_named(offer.verb), [offer.comment], by=offer.moderator, seen=seen)
    if not outcome.events:
        raise LinkRefused(links.DECIDED, 409)
    return _done(request, offer, outcome.events[0])


def _done(request: HttpRequest, offer: Offer, event: ModerationEvent) -> HttpResponse:
    context = {
        "comment": offer.comment,
        "said": gettext(DONE[offer.verb]),
        "undo": links.undo_token(event, offer),
    }
    return _show(request, "moderated", context)


def _undo(request: HttpRequest, offer: Offer, token: str) -> HttpResponse:
    outcome = take_back([links.event_to_undo(token, offer)], by=offer.moderator)
    if not outcome.events:
        raise LinkRefused(links.DECIDED, 409)
    return _say(request, _("Taken back"), _("The comment is where it was before."))


# --- Readers -----------------------------------------------------------------------------------


@csrf_exempt
@_page
def mailbox(request: HttpRequest, token: str) -> HttpResponse:
    """Ask the owner of a mailbox about what was wished in their name, and take the answer.

    An address that was never given out, one that was refused and one about which nothing is asked
    get the same page.
    """
    found = Mailbox.objects.filter(token=token).first()
    if request.method != "POST":
        return _ask(request, found)
    if not origin.is_ours(request):
        return _say(request, _("Nothing was done"), FOREIGN_POST, 403)
    answer = request.POST.get("answer")
    answers: dict[str | None, tuple[Callable[[Mailbox], object], str]] = {
        "yes": (subscriptions.confirm, YES),
        "stop": (subscriptions.stop, STOPPED),
        "never": (subscriptions.refuse, NEVER),
    }
    if answer not in answers:
        return _say(request, _("Nothing was done"), _("Please answer by one of the buttons."), 400)
    act, sentence = answers[answer]
    if found:
        act(found)
    return _say(request, _("Replies by mail"), sentence)


def _ask(request: HttpRequest, found: Mailbox | None) -> HttpResponse:
    is_open = found is not None and found.refused_at is None
    context: dict[str, object] = {
        "waiting": subscriptions.waiting(found) if found and is_open else [],
        "confirmed": subscriptions.confirmed(found) if found and is_open else [],
    }
    return _show(request, "mailbox", context)


@csrf_exempt
@_page
def mute(request: HttpRequest, token: str) -> HttpResponse:
    """End the notices about one comment, by its page's button or by a mail program (RFC 8058, 3.2).

    Mail servers post without cookies, and from nowhere: the address is the only proof asked, and
    the answer is the same for one that was never given out.
    """
    if request.method != "POST":
        return _show(request, "mute", {})
    subscription = Subscription.objects.filter(token=token).first()
    if subscription:
        subscriptions.mute(subscription)
    return _say(request, _("No more mail"), MUTED)


# --- Pages -------------------------------------------------------------------------------------


def _say(request: HttpRequest, title: str, sentence: str, status: int = 200) -> HttpResponse:
    """Show one sentence and its title, both as they are in the source."""
    context: dict[str, object] = {"title": gettext(title), "sentence": gettext(sentence)}
    return _show(request, "answer", context, status)


def _show(
    request: HttpRequest, page: str, context: dict[str, object], status: int = 200
) -> HttpResponse:
    context["needs_csrf"] = has_session(request)
    template = f"comments/mail_{page}.html"
    return keep_private(TemplateResponse(request, template, context, status=status))
