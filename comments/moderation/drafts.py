"""What a moderator has typed into rows and not sent: kept over the next page, and given back.

All rows are one form, so every button sends the texts of all of them. They wait in the session
until the row they belong to is shown again.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace

from django.http import HttpRequest, QueryDict

from comments.moderation.typed_addresses import without_addresses
from comments.untrusted import parse_id, without_controls

SESSION_KEY = "queue_drafts"


@dataclass(frozen=True)
class Draft:
    """The fields of one row, and what is wrong with them."""

    reply: str = ""
    # What to be called, of those who have told nobody yet.
    name: str = ""
    # Why it is declined: one of the saved reasons, or one's own words.
    why: str = ""
    words: str = ""
    error: str = ""
    # The field to be mended: “reply”, “name” or “words”.
    invalid: str = ""

    @property
    def reason(self) -> str:
        """What is said to the comment's author; own words count for more than saved ones."""
        return " ".join(without_controls(self.words or self.why).split())

    @property
    def opens_reply(self) -> bool:
        """Whether there is something in the reply's fields to see."""
        return bool(self.reply.strip() or self.name.strip()) or self.invalid in ("reply", "name")

    @property
    def opens_why(self) -> bool:
        """Whether there is something in the reason's fields to see."""
        return bool(self.words.strip() or self.why.strip()) or self.invalid == "words"

    @property
    def is_worth_keeping(self) -> bool:
        return self.opens_reply or self.opens_why


_FIELDS = [field.name for field in fields(Draft) if field.name not in ("error", "invalid")]


def typed(post: QueryDict, pk: int) -> Draft:
    """Return what was typed into the row of this comment."""
    return Draft(**{name: post.get(f"{name}-{pk}", "") for name in _FIELDS})


def keep(request: HttpRequest) -> None:
    """Keep what was typed into any row of the page that was sent."""
    names = (name.partition("-") for name in request.POST)
    rows = {pk for field, _, number in names if field in _FIELDS and (pk := parse_id(number))}
    found = {pk: typed(request.POST, pk) for pk in rows}
    _store(request, {pk: draft for pk, draft in found.items() if draft.is_worth_keeping})


def refuse(request: HttpRequest, pk: int, why: str, field: str) -> None:
    """Keep what was typed into the row of this comment, with what is wrong, and in which field."""
    _store(request, {pk: replace(typed(request.POST, pk), error=why, invalid=field)})


def forget(request: HttpRequest, pk: int) -> None:
    """What was typed into this row has been used."""
    take(request, [pk])


def take(request: HttpRequest, pks: Iterable[int]) -> dict[int, Draft]:
    """Return the drafts of these comments, and keep them no longer."""
    kept = request.session.get(SESSION_KEY, {})
    found = {pk: Draft(**kept[str(pk)]) for pk in pks if str(pk) in kept}
    if found:
        left = {pk: draft for pk, draft in kept.items() if int(pk) not in found}
        request.session[SESSION_KEY] = left
    return found


def _store(request: HttpRequest, found: dict[int, Draft]) -> None:
    if found:
        kept = request.session.get(SESSION_KEY, {})
        new = {str(pk): _to_keep(draft) for pk, draft in found.items()}
        request.session[SESSION_KEY] = {**kept, **new}


def _to_keep(draft: Draft) -> dict[str, str]:
    # Sessions are kept in clear too. A reply may hold an address: it is meant to be published.
    said = {"words": without_addresses(draft.words), "why": without_addresses(draft.why)}
    return {**asdict(draft), **said}
