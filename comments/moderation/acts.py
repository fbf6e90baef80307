"""What the buttons of the queue do: each is a POST that leads back to the page it came from."""

from collections.abc import Callable, Iterable
from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, ValidationError
from django.core.signing import BadSignature, Signer
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from comments.faq_drafts import FaqRefused, draft_from
from comments.models import Comment, DiscussionSettings, ModerationEvent
from comments.moderation import (
    answering,
    blocking,
    decisions,
    drafts,
    faq_panel,
    folding,
    typed_addresses,
)
from comments.moderation.seen import Seen
from comments.untrusted import parse_id, without_controls

UNDO_TAG = "undo-"
UNBLOCK_TAG = "unblock-"
NOTHING_LEFT = "#queue-empty"
# A page of rows, each with all that is folded behind it, is less.
MOST_UNDONE = 10_000
MESSAGE_LENGTH: int = ModerationEvent._meta.get_field("message").max_length or 0


def perform(request: HttpRequest) -> HttpResponse | None:
    """Do what a button of a row, of the page or of a message asks for; None when none was pressed.

    What was typed into other rows is kept for the next page.
    """
    if request.method != "POST":
        return None
    drafts.keep(request)
    act = next((act for button, act in _ACTS.items() if button in request.POST), None)
    if act is None:
        return None
    return HttpResponseRedirect(act(request) or request.get_full_path())


def decide(request: HttpRequest, name: str, comments: QuerySet[Comment], message: str = "") -> None:
    """Decide about these and those folded behind them, and report it with its undo."""
    verb, seen = decisions.verb_named(name), Seen.read(request.POST)
    chosen = folding.unfold(comments, seen.folds)
    _report(request, decisions.decide(verb, chosen, by=request.user, seen=seen, message=message))


def decide_about_selected(
    request: HttpRequest, name: str, comments: QuerySet[Comment]
) -> HttpResponse:
    """Decide about the selected rows, and lead to the row after them, as a single act does."""
    decide(request, name, comments)
    return HttpResponseRedirect(request.get_full_path() + _after_selected(request))


def one(pk: str) -> QuerySet[Comment]:
    """Return the comment with this number, if there is one; raise ``BadRequest`` for no number."""
    wanted = parse_id(pk)
    if wanted is None:
        raise BadRequest("There is no such comment.")
    return Comment.objects.filter(pk=wanted)


# --- The buttons, each returning where it leads, if that is elsewhere ------------------------------


def _moderate(request: HttpRequest) -> str | None:
    name, _, number = request.POST["_moderate"].partition(":")
    comments, pk = one(number), parse_id(number) or 0
    said = drafts.typed(request.POST, pk).reason if name in decisions.DECLINING else ""
    if fault := _fault(said):
        return _refuse(request, pk, fault, "words")
    decide(request, name, comments, said)
    drafts.forget(request, pk)
    return None


def _decide_about_all(request: HttpRequest) -> str:
    """Decide about what is alike: exactly what the page said it was, in the state it was in."""
    verb, seen = decisions.verb_named(request.POST["_all"]), Seen.read_all(request.POST)
    comments = Comment.objects.filter(pk__in=list(seen.states)[: folding.MOST_DECIDED])
    chosen = comments.order_by("pk")
    _report(request, decisions.decide(verb, chosen, by=request.user, seen=seen))
    return request.get_full_path() + NOTHING_LEFT


def _answer(request: HttpRequest) -> str | None:
    comment = one(request.POST["_answer"]).select_related("article").first()
    if comment is None:
        raise BadRequest("There is no such comment.")
    draft, seen = drafts.typed(request.POST, comment.pk), Seen.read(request.POST)
    try:
        outcome = answering.answer(comment, draft, by=cast(User, request.user), seen=seen)
    except answering.AnswerRefused as refusal:
        return _refuse(request, comment.pk, str(refusal), _to_be_mended(request, draft))
    drafts.forget(request, comment.pk)
    _report(request, outcome)
    return None


def _block(request: HttpRequest) -> None:
    """Take nothing more from the typed place, or from the host that the button names."""
    place = request.POST.get("place") or request.POST["_block"]
    before = _blocked_places()
    try:
        outcome = blocking.block(place, by=request.user)
    except ValidationError as error:
        why = {"why": error.messages[0]}
        messages.error(request, gettext("Nothing was blocked. %(why)s") % why)
        return
    added = [line for line in _blocked_places() if line not in before]
    tags = UNBLOCK_TAG + _signer(request).sign(added[0]) if added else ""
    messages.info(request, _blocked(request, place), tags)
    _report(request, outcome)


def _unblock(request: HttpRequest) -> None:
    """Take from a place again that this moderator has just blocked; only their messages name it."""
    try:
        place = _signer(request).unsign(request.POST["_unblock"])
    except BadSignature as error:
        raise BadRequest("There is no such place.") from error
    blocking.unblock(place)
    messages.success(request, gettext("%(place)s is blocked no more.") % {"place": place})


def _undo(request: HttpRequest) -> str:
    typed = request.POST["_undo"].split(",")[:MOST_UNDONE]
    numbers = [event for pk in typed if (event := parse_id(pk))]
    outcome = decisions.take_back(numbers, by=request.user)
    _report(request, outcome)
    return request.get_full_path() + _anchor(outcome.events)


def _make_faq(request: HttpRequest) -> str | None:
    comment = one(request.POST["_faq"]).select_related("article").first()
    if comment is None:
        raise BadRequest("There is no such comment.")
    try:
        entry = draft_from(comment, by=request.user)
    except FaqRefused as refusal:
        messages.error(request, gettext("No question was made from it. %(why)s") % {"why": refusal})
        return None
    back = f"{request.get_full_path()}#comment-{comment.pk}"
    if not request.user.has_perm("articles.change_article"):
        messages.success(request, faq_panel.made(entry))
        return back
    messages.success(
        request, format_html('{} <a href="{}">{}</a>', faq_panel.made(entry), back, gettext("Back"))
    )
    return faq_panel.place_of(entry, request.user)


_ACTS: dict[str, Callable[[HttpRequest], str | None]] = {
    "_moderate": _moderate,
    "_all": _decide_about_all,
    "_answer": _answer,
    "_block": _block,
    "_unblock": _unblock,
    "_undo": _undo,
    "_faq": _make_faq,
}


# --- What is said of it ---------------------------------------------------------------------------


def _report(request: HttpRequest, outcome: decisions.Outcome) -> None:
    if outcome.events:
        undo = ",".join(str(event.pk) for event in outcome.events)
        tags = UNDO_TAG + undo if outcome.can_be_undone else ""
        messages.success(request, outcome.sentence, tags)
    if outcome.regret:
        messages.warning(request, outcome.regret)


def _anchor(events: Iterable[ModerationEvent]) -> str:
    """Return the way to the row that has come back, the first if there are several."""
    numbers = [event.comment_id for event in events if event.comment_id]
    return f"#comment-{min(numbers)}" if numbers else ""


def _after_selected(request: HttpRequest) -> str:
    """Return the way to the row after the last selected one; to one before if there is none."""
    page = list(Seen.read(request.POST).states)
    selected = set(map(parse_id, request.POST.getlist("_selected_action")))
    last = max((place for place, pk in enumerate(page) if pk in selected), default=-1)
    found = [pk for pk in [*page[last + 1 :], *reversed(page[: last + 1])] if pk not in selected]
    return f"#comment-{found[0]}" if found else NOTHING_LEFT


def _refuse(request: HttpRequest, pk: int, why: str, field: str) -> str:
    """Give back what was typed, with the reason, and lead to the field it was typed in."""
    drafts.refuse(request, pk, why, field)
    messages.error(request, gettext("Nothing was done. %(why)s") % {"why": why})
    return f"{request.get_full_path()}#{field}-{pk}"


def _to_be_mended(request: HttpRequest, draft: drafts.Draft) -> str:
    """Return the field of a refused reply that comes first to be mended."""
    is_named = answering.name_of(cast(User, request.user)) or without_controls(draft.name).strip()
    return "reply" if is_named else "name"


def _fault(said: str) -> str:
    """Return why this cannot be said to a comment's author; empty when it can."""
    if len(said) > MESSAGE_LENGTH:
        return gettext(
            "The reason is %(count)s characters long; %(most)s is the most it can be."
        ) % {"count": len(said), "most": MESSAGE_LENGTH}
    return str(typed_addresses.REFUSAL) if typed_addresses.holds_address(said) else ""


def _blocked_places() -> list[str]:
    return DiscussionSettings.current().blocked_sources.splitlines()


def _signer(request: HttpRequest) -> Signer:
    return Signer(salt=f"comments.unblock.{request.user.pk}")


def _blocked(request: HttpRequest, place: str) -> SafeString:
    sentence = gettext(
        "No linkback from {place} is taken any more, and replies that lead there go to spam."
    )
    said = format_html(sentence, place=place)
    if not request.user.has_perm("comments.change_discussionsettings"):
        return said
    rules = reverse("admin:comments_discussionsettings_change", args=[1])
    where = gettext('All that is blocked stands in the <a href="{place}">discussion settings</a>.')
    return format_html("{} {}", said, format_html(where, place=rules))
