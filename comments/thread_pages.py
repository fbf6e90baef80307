"""Which responses a page of an article shows: fifty threads, or a part of one, and the ways to the others.

Threads come in the order in which they began, and of each the replies that came first; whoever came
early is on the first page for ever (``Comment.is_late``), and every other permalink names its comment
(``?comment=12#comment-12``), which leads to the page that shows it now. However much has been said, a page takes
two queries, and as much work as it shows.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Case, F, Q, QuerySet, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from articles.models import Article
from articles.prepared import NUMBER, Prepared, Row
from comments.models import FIRST_SHOWN, Comment, CommentQuerySet, Tally, Thread
from comments.threads import Response, Said, arrange
from comments.untrusted import parse_id

THREADS_SHOWN = REPLIES_SHOWN = FIRST_SHOWN
# On the page of a thread of its own.
MORE_REPLIES_SHOWN = 200
_LAST_PAGE = 999_999


@dataclass(frozen=True)
class Place:
    """A page of an article's threads, or of one thread: the one with this head."""

    number: int = 1
    head: int | None = None

    @property
    def query(self) -> str:
        """As it stands in addresses; nothing for the first page of all."""
        asked = {"thread": self.head, "page": self.number if self.number > 1 else None}
        fields = "&".join(f"{name}={value}" for name, value in asked.items() if value)
        return f"?{fields}" if fields else ""


class Counts(NamedTuple):
    """What readers see of an article's conversation, in numbers: its ``Tally``."""

    responses: int = 0
    threads: int = 0
    likes: int = 0
    reposts: int = 0


@dataclass(frozen=True)
class ThreadPage:
    """The responses of one page, in reading order, and what else there is."""

    place: Place
    tally: Counts
    responses: list[Response] = field(default_factory=list)
    # Of one thread: how many replies there are.
    replies: int = 0

    @property
    def pages(self) -> int:
        """How many pages there are of this kind."""
        if self.place.head is None:
            return max(1, -(-self.tally.threads // THREADS_SHOWN))
        return max(1, -(-self.replies // MORE_REPLIES_SHOWN))

    @property
    def older(self) -> Place | None:
        number = self.place.number
        return Place(number - 1, self.place.head) if number > 1 else None

    @property
    def newer(self) -> Place | None:
        number = self.place.number
        return Place(number + 1, self.place.head) if number < self.pages else None


FIRST = Place()


def wanted(request: HttpRequest) -> Place:
    """Return the page that the address asks for; raise ``Http404`` for one that no page links to."""
    number, head = (request.GET.get(name) for name in ("page", "thread"))
    place = Place(
        1 if number is None else parse_id(number) or 0,
        None if head is None else parse_id(head) or 0,
    )
    if place.head == 0 or not 1 <= place.number <= _LAST_PAGE:
        raise Http404("There is no such page of responses.")
    return place


def for_request(request: HttpRequest, article: Article) -> ThreadPage:
    """Return what the page asked for shows, read once for a request however many parts of its page ask."""
    if not hasattr(request, "_thread_page"):
        request._thread_page = read(article, wanted(request))  # type: ignore[attr-defined]
    page: ThreadPage = request._thread_page  # type: ignore[attr-defined]
    return page


def guide(request: HttpRequest, article: Article) -> HttpResponse | None:
    """Lead on who follows a permalink (``?comment=12``) to the page that shows the comment now."""
    if "comment" not in request.GET:
        return None
    pk = parse_id(request.GET["comment"])
    said = article.comments.approved().in_words()
    comment = said.filter(pk=pk).first() if pk else None
    address = article.get_absolute_url()
    if comment is None:
        # With a place of its own: without one browsers keep the one that was asked for.
        return HttpResponseRedirect(f"{address}#responses")
    return HttpResponseRedirect(f"{address}{_place_of(comment).query}#comment-{comment.pk}")


def _place_of(comment: Comment) -> Place:
    """Return the page that shows a comment which readers see."""
    head = comment.head_id or comment.pk
    earlier = _below([head]).filter(_is_before("created_at", comment.created_at, "pk", comment.pk))
    above = earlier.count() if comment.head_id else 0
    if above >= REPLIES_SHOWN:
        return Place(above // MORE_REPLIES_SHOWN + 1, head)
    thread = Thread.objects.get(pk=head)
    before = _is_before("began_at", thread.began_at, "pk", thread.pk)
    threads = Thread.objects.filter(before, article=comment.article_id).count()
    return Place(threads // THREADS_SHOWN + 1)


def _is_before(moment: str, at: object, number: str, pk: int) -> Q:
    # With the condition on the moment alone first, for it is what an index is searched by.
    return Q(**{f"{moment}__lte": at}) & (
        Q(**{f"{moment}__lt": at}) | Q(**{moment: at, f"{number}__lt": pk})
    )


def read(article: Article, place: Place = FIRST) -> ThreadPage:
    """Return what this page of the article shows; raise ``Http404`` when there is no such page."""
    heads = _heads(article, place)
    tally = _counts(article, heads)
    page = _of_threads(place, tally, heads) if place.head is None else _of_one(place, tally, heads)
    if place.number > page.pages:
        raise Http404("There is no such page of responses.")
    return page


class Head(NamedTuple):
    """A thread by its first comment, which may be hidden while replies to it are shown."""

    said: Said
    replies: int  # how many are shown
    counts: Counts  # the article's


_PLAIN = [
    *("pk", "parent_id", "head_id", "kind", "response_type", "status", "user_id", "author_name"),
    *("author_url", "text", "text_html", "created_at", "is_late"),
]
_BESIDE = {
    # The companion's column by its name: comments know nothing else of linkbacks.
    "link_checked_at": F("linkback__verified_at"),
    "faq_anchor": Case(
        When(faq_origin__entry__is_published=True, then="faq_origin__entry__anchor")
    ),
}
# Of the comment above; the first of a thread has none.
_ABOVE = {
    "parent_status": F("parent__status"),
    "parent_name": F("parent__author_name"),
    "parent_is_late": F("parent__is_late"),
    "above_parent": F("parent__parent"),
    "above_that": F("parent__parent__parent"),
}
_OF_HEADS = [*_PLAIN, *_BESIDE]
_FIELDS = [*_OF_HEADS, *_ABOVE]
_HTML = _FIELDS.index("text_html")
_NUMBERS = {f"in_{name}": F(f"article__tally__{name}") for name in Counts._fields}

if TYPE_CHECKING:
    Rows = QuerySet[Comment, tuple[Any, ...]]
else:
    Rows = QuerySet


def _rows(comments: QuerySet[Comment]) -> Rows:
    return comments.annotate(**_BESIDE, **_ABOVE).order_by().values_list(*_FIELDS)


def _threads(**which: object) -> Rows:
    heads = Comment.objects.filter(**which)
    heads = heads.annotate(**_BESIDE, shown_in_thread=F("opened__shown"), **_NUMBERS)
    listed = heads.values_list(*_OF_HEADS, "shown_in_thread", *_NUMBERS)
    return listed.order_by("opened__began_at", "opened")


def _below(heads: Iterable[int]) -> CommentQuerySet:
    return Comment.objects.approved().in_words().filter(head__in=heads)


_first_threads = Prepared(lambda article: _threads(opened__article=article)[:THREADS_SHOWN], NUMBER)
_replies_below = Prepared(lambda *heads: _rows(_below(heads)), *[NUMBER] * THREADS_SHOWN)


# Comments, and the characters that each may have. If all had so many, they and what is drawn of them would
# take 7 MB of a process, or 28 if there were an emoji in each.
KEPT, KEPT_LENGTH = 1_000, 2_000


def _said(row: Row, *, is_raw: bool = False) -> Said:
    """Return the comment of a row: the same for the same, so that whatever is made of it is, too.

    A raw row (``Prepared.raw``) that is known already is not even converted.
    """
    return (_kept if len(row[_HTML]) <= KEPT_LENGTH else _made)(row, is_raw)


def _made(row: Row, is_raw: bool) -> Said:
    return Said(*_replies_below.converted([row])[0] if is_raw else row)


_kept = lru_cache(maxsize=KEPT)(_made)


def _heads(article: Article, place: Place) -> list[Head]:
    """Return the threads that the page shows."""
    start, is_first = (place.number - 1) * THREADS_SHOWN, place == FIRST
    if is_first:
        rows: Iterable[Row] = _first_threads.raw(article.pk)
    elif place.head is None:
        # Those before are passed in the index alone.
        there = Thread.objects.filter(article=article).order_by("began_at", "pk").values("pk")
        rows = _threads(opened__in=there[start : start + THREADS_SHOWN])
    else:
        rows = _threads(opened__article=article, pk=place.head)
    return [_head(row, is_first) for row in rows]


def _head(row: Row, is_raw: bool) -> Head:
    said, (shown, *counts) = _said(row[: len(_OF_HEADS)], is_raw=is_raw), row[len(_OF_HEADS) :]
    return Head(said, shown - said.is_shown, Counts(*counts))


def _counts(article: Article, heads: list[Head]) -> Counts:
    """Return the article's numbers: they came with its threads, if there are any on the page."""
    if heads:
        return heads[0].counts
    tally = Tally.objects.filter(article=article).values_list(*Counts._fields).first()
    return Counts(*tally) if tally else Counts()


def _of_threads(place: Place, tally: Counts, heads: list[Head]) -> ThreadPage:
    found = _first_replies(heads)
    shown = _arranged(heads, found)
    _note_more(shown, heads, found)
    return ThreadPage(place, tally, shown)


def _of_one(place: Place, tally: Counts, heads: list[Head]) -> ThreadPage:
    if not heads:
        raise Http404("There is no such thread.")
    start = (place.number - 1) * MORE_REPLIES_SHOWN
    there = _below([heads[0].said.pk]).oldest_first().values("pk")
    rows = _rows(Comment.objects.filter(pk__in=there[start : start + MORE_REPLIES_SHOWN]))
    found = [_said(row) for row in rows.order_by("created_at", "pk")]
    return ThreadPage(place, tally, _arranged(heads, found), heads[0].replies)


def _arranged(heads: list[Head], found: list[Said]) -> list[Response]:
    threads: dict[int | None, list[Said]] = {
        head.said.pk: [head.said] if head.said.is_shown else [] for head in heads
    }
    for reply in found:
        threads[reply.head_id].append(reply)
    return arrange(chain.from_iterable(threads.values()), _ways_up(heads, found))


def _first_replies(heads: list[Head]) -> list[Said]:
    """Return the replies below these heads, oldest first: of each thread those that came first."""
    long = [head.said.pk for head in heads if head.replies > REPLIES_SHOWN]
    short = [head.said.pk for head in heads if 0 < head.replies <= REPLIES_SHOWN]
    found: list[Said] = []
    if short:
        # As many as the query has places.
        rows = _replies_below.raw(*short, *short[-1:] * (THREADS_SHOWN - len(short)))
        found += [_said(row, is_raw=True) for row in rows]
    if long:
        found += map(_said, _of_long_threads(long))
    return sorted(found, key=_BY_AGE)


_BY_AGE = attrgetter("created_at", "pk")


def _of_long_threads(heads: Iterable[int]) -> Rows:
    # The numbers of the first few are read from the index: however long a thread is, no more of it is.
    first, *others = (
        _rows(
            Comment.objects.filter(pk__in=_below([pk]).oldest_first().values("pk")[:REPLIES_SHOWN])
        )
        for pk in heads
    )
    return first.union(*others, all=True) if others else first


def _ways_up(heads: Iterable[Head], found: Iterable[Said]) -> dict[int, int | None]:
    """Return what is above each comment that is not on the page: its parents, at last its head."""
    above: dict[int, int | None] = {head.said.pk: None for head in heads}
    for reply in found:
        known = [
            pk for pk in (reply.parent_id, reply.above_parent, reply.above_that) if pk is not None
        ]
        for lower, upper in zip(known, [*known[1:], reply.head_id], strict=True):
            if lower != upper:
                above.setdefault(lower, upper)
    return above


def _note_more(shown: list[Response], heads: list[Head], found: list[Said]) -> None:
    """Note at the end of each thread how many of its replies are not on the page."""
    here = Counter(reply.head_id for reply in found)
    last = {response.comment.head_id or response.comment.pk: response for response in shown}
    for head in heads:
        number = head.replies - here[head.said.pk]
        if number > 0 and head.said.pk in last:
            last[head.said.pk].more = number
