"""Everything a moderator needs to see of a comment to decide about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comments import authorship
from comments.authorship import Record
from comments.models import Comment, ModerationEvent, Proposal, ResponseType, Status
from comments.moderation import likeness
from comments.moderation.blocking import hosts_to_block
from comments.moderation.decisions import DECLINING, SAVED_REASONS, Verb, new_words, verbs_about
from comments.moderation.differences import word_diff
from comments.moderation.drafts import Draft
from comments.moderation.folding import Fold, folds
from comments.policy import percent
from comments.rendering import link_hosts
from comments.stored_words import shown
from comments.untrusted import web_address

LONG = 600  # characters: what is longer, or has more lines, is folded up
LONG_LINES = 8
# Likes and reposts are only counted.
IN_WORDS = (ResponseType.MENTION, ResponseType.REPLY)
MOST_CHIPS = 3
# What an event says of itself when it only takes another back.
BACK = ("restored", "undone")
NO_DRAFT = Draft()
LIKELY, UNLIKELY = 0.75, 0.25
EVEN = 50  # per cent
# By whether it was only taken back, and whether by a person.
_STANDING = {
    (False, True): _("%(state)s by %(moderator)s"),
    (True, False): _("%(state)s (%(taken_back)s)"),
    (True, True): _("%(state)s (%(taken_back)s by %(moderator)s)"),
}


def place_of(comment: Comment) -> str:
    """Return where readers see the comment; the article's address if they don't see its words."""
    is_shown = comment.status == Status.APPROVED and comment.response_type in IN_WORDS
    return comment.get_absolute_url() if is_shown else comment.article.get_absolute_url()


@dataclass(frozen=True, kw_only=True)
class Row:
    """A comment as the queue shows it."""

    comment: Comment
    last_event: ModerationEvent | None = None
    # Why it is where it is, in the words of the last event that gave reasons for it.
    reasons: tuple[str, ...] = ()
    verbs: list[Verb] = field(default_factory=list)
    # The row that a decision about this one leads to.
    following: int | None = None
    fold: Fold | None = None
    record: Record | None = None
    alike: list[likeness.Choice] = field(default_factory=list)
    draft: Draft = NO_DRAFT

    saved_reasons = SAVED_REASONS

    @property
    def standing(self) -> str:
        """Its state, through whom and why: “Pending (undone by ann): 3 links; first-time author”."""
        actor = self.last_event.actor if self.last_event else None
        back = shown(_taken_back(self.last_event))
        said = str(self.comment.get_status_display())
        if sentence := _STANDING.get((bool(back), bool(actor))):
            said = sentence % {"state": said, "taken_back": back, "moderator": actor}
        return f"{said}: {'; '.join(map(shown, self.reasons))}" if self.reasons else said

    @property
    def is_long(self) -> bool:
        return len(self.comment.text) > LONG or self.comment.text.count("\n") > LONG_LINES

    @property
    def link_hosts(self) -> tuple[str, ...]:
        return link_hosts(self.comment.text)

    @property
    def website(self) -> str:
        return web_address(self.comment.author_url)

    @property
    def website_host(self) -> str:
        return urlsplit(self.website).hostname or ""

    @property
    def place(self) -> str:
        return place_of(self.comment)

    @property
    def hosts_to_block(self) -> list[str]:
        return hosts_to_block(self.comment)

    @property
    def change(self) -> "Change | None":
        words = new_words(self.comment)
        return Change(self.comment, words) if words else None

    @property
    def score(self) -> "Score | None":
        """The filter's opinion, where it has one."""
        value = self.comment.score
        return None if value is None else Score(value)

    @property
    def score_reasons(self) -> list[str]:
        return [shown(str(reason)) for reason in self.comment.score_reasons[:MOST_CHIPS]]

    @property
    def site_record(self) -> str:
        """How the site of a linkback has done so far, such as “2 approved, 1 spam”."""
        counted = [self.comment.signals.get(key, 0) for key in ("host_approved", "host_spam")]
        return "" if self.comment.is_reply else ", ".join(authorship.verdicts(*counted))

    @property
    def offered(self) -> set[str]:
        return {verb.name for verb in self.verbs}

    @property
    def can_be_answered(self) -> bool:
        """Whether a reply can be published below it, now or by approving it first."""
        is_shown = self.comment.status == Status.APPROVED or "approve" in self.offered
        return bool(self.verbs) and self.comment.is_reply and is_shown

    @property
    def declining(self) -> list[Verb]:
        """The verbs that can be said with a reason: readers alone have a page to read it on."""
        spoken = [verb for verb in self.verbs if verb.name in DECLINING]
        return spoken if self.comment.is_reply and self.comment.user_id is None else []

    @property
    def can_be_faq(self) -> bool:
        stands = self.comment.status in (Status.PENDING, Status.APPROVED)
        return bool(self.verbs) and stands and self.comment.is_reply


@dataclass(frozen=True)
class Score:
    """How probably a comment is spam, from 0 to 1; the words say which way that points."""

    value: float

    def __str__(self) -> str:
        share = percent(self.value)
        likely, unlikely = gettext("%(share)s %% spam"), gettext("probably fine, %(share)s %% spam")
        return (likely if share >= EVEN else unlikely) % {"share": share}

    @property
    def level(self) -> str:
        """How it is coloured; the words say it too."""
        if self.value >= LIKELY:
            return "likely"
        return "unlikely" if self.value <= UNLIKELY else "unsure"


@dataclass(frozen=True)
class Change:
    """What the page behind a comment says now, beside what is shown of it."""

    comment: Comment
    words: Proposal

    @property
    def name(self) -> SafeString | None:
        """The names, where they differ."""
        if self.comment.author_name == self.words.author_name:
            return None
        return word_diff(self.comment.author_name, self.words.author_name)

    @property
    def text(self) -> SafeString:
        return word_diff(self.comment.text, self.words.text)


def row(comment: Comment, *, may_moderate: bool, drafts: Mapping[int, Draft]) -> Row:
    """Return one comment as the queue would show it, on its own page."""
    (only,) = rows([comment], may_moderate=may_moderate, is_folding=False, drafts=drafts)
    return only


def rows(
    comments: list[Comment],
    *,
    may_moderate: bool,
    is_folding: bool,
    drafts: Mapping[int, Draft],
) -> list[Row]:
    """Return the rows for these comments, with seven queries at most."""
    events = _events(comments)
    behind = folds(comments) if is_folding else {}
    records = authorship.records(comments)
    beside = likeness.neighbours(comments)
    return [
        Row(
            comment=comment,
            last_event=next(iter(events[comment.pk]), None),
            reasons=_reasons(comment, events[comment.pk]),
            verbs=verbs_about(comment) if may_moderate else [],
            following=after,
            fold=behind.get(comment.pk),
            record=records.get(comment.pk),
            alike=likeness.choices(comment, beside),
            draft=drafts.get(comment.pk, NO_DRAFT),
        )
        for comment, after in zip(comments, _following(comments), strict=True)
    ]


def _events(comments: list[Comment]) -> dict[int, list[ModerationEvent]]:
    """Return what was decided about each, the last first."""
    found: dict[int, list[ModerationEvent]] = {comment.pk: [] for comment in comments}
    events = ModerationEvent.objects.filter(comment__in=comments).select_related("actor")
    for event in events.order_by("-pk"):
        if event.comment_id is not None:
            found[event.comment_id].append(event)
    return found


def _reasons(comment: Comment, events: list[ModerationEvent]) -> tuple[str, ...]:
    """Return why it is in its state: what took back a decision leads to the reasons before it."""
    if not events:
        return ()
    if not _taken_back(events[0]):
        return tuple(map(str, events[0].reasons))
    given = (
        [str(why) for why in event.reasons if why not in BACK] for event in _into(comment, events)
    )
    return next((tuple(reasons) for reasons in given if reasons), ())


def _into(comment: Comment, events: list[ModerationEvent]) -> list[ModerationEvent]:
    return [event for event in events if event.to_status == comment.status]


def _taken_back(event: ModerationEvent | None) -> str:
    """Return “undone” or “restored” if that is all the event says of itself."""
    said = [str(why) for why in event.reasons] if event else []
    return said[0] if said and set(said) <= set(BACK) else ""


def _following(comments: list[Comment]) -> list[int | None]:
    """Return for each row the one after it; from the last the way leads up."""
    following: list[int | None] = [comment.pk for comment in [*comments[1:], *comments[-2:-1]]]
    return following + [None] * (len(comments) - len(following))
