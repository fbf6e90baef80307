"""A made-up site of any size, to see how the real one would do: the same for the same seed, keys apart.

Rows are made and written a chunk at a time, past the models: a million comments in a minute, in little
memory. The triggers that watch and count rest meanwhile; at the end everything is counted once.
"""

import datetime
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, islice, pairwise
from random import Random
from typing import Any, Final

from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.models import Max
from django.utils import timezone

from articles import derived
from articles.contents import contents
from articles.models import Article, FaqEntry
from articles.rendering import headings_in, render_answer, render_article
from comments import contacts
from comments.linkbacks.models import Linkback, page_digest
from comments.models import (
    FIRST_SHOWN,
    Comment,
    Kind,
    ModerationEvent,
    ResponseType,
    Status,
    digest,
    new_private_key,
)
from comments.rendering import render_reply
from recovery import sample_words as words
from recovery.page_cache import triggers
from recovery.sample_topics import Topics

MOST: Final = 10_000_000
CHUNK: Final = 5_000  # rows
CACHE: Final = 100_000  # KiB
CONTACTS: Final = 500  # sealing one takes as long as writing twenty comments
YEARS: Final = datetime.timedelta(days=3650)
STATUSES: Final = ((0.90, Status.APPROVED), (0.95, Status.SPAM), (0.98, Status.PENDING))
LINKBACKS: Final = 0.03
REPLIES, DEEPER = 0.6, 0.25
# What is answered: one of the last few of the article.
RECENT: Final = 12

Row = dict[str, Any]
Tell = Callable[[str, int, int], None]


@dataclass
class Sample:
    """So many articles with so many comments, from a seed."""

    articles: int
    comments: int
    seed: int = 1
    # Called with what is being written, how much of it is, and of how much.
    tell: Tell = lambda what, done, of: None
    now: datetime.datetime = field(default_factory=timezone.now)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)  # noqa: S311 - nothing secret
        self.first_article = _next(Article)
        self.first_comment = _next(Comment)

    def write(self) -> None:
        """Write it all beside what is there."""
        with _resting_triggers():
            self._write_articles()
            self._write_comments()

    def _write_articles(self) -> None:
        done = 0
        topics = Topics(self.random, self.articles)
        for chunk in _chunks(range(self.articles), CHUNK // 10):
            with transaction.atomic():
                _insert(Article, (self._article(number) | topics.place(number) for number in chunk))
                tags = (topics.tags(self.first_article + number) for number in chunk)
                _insert(Article.tags.through, chain.from_iterable(tags))
                entries = (self._questions(number) for number in chunk if number % 5 == 0)
                _insert(FaqEntry, (entry for pair in entries for entry in pair))
            done += len(chunk)
            self.tell("articles", done, self.articles)
        _reset_sequences(Article, FaqEntry)

    def published_at(self, number: int) -> datetime.datetime:
        """Return when an article was published: evenly over ten years; the first has the most comments."""
        return self.now - YEARS * (self.articles - number) / (self.articles + 1)

    def _article(self, number: int) -> Row:
        pk = self.first_article + number
        body, html, contents_html = _body(number % words.BODIES)
        return {
            "id": pk,
            "title": words.title(number),
            "slug": f"sample-{pk}",
            "body": body,
            "body_html": html,
            "headings": "\n".join(headings_in(html)),
            "contents_html": contents_html,
            "author_name": words.name(number),
            "status": Article.Status.PUBLISHED,
            "published_at": self.published_at(number),
            "updated_at": self.published_at(number),
        }

    def _questions(self, number: int) -> Iterator[Row]:
        for position in (1, 2):
            question, answer = words.question(number + position)
            anchor = f"faq-{position}"
            yield {
                "article": self.first_article + number,
                "position": position,
                "question": question,
                "answer": answer,
                "answer_html": _answer(answer, anchor),
                "anchor": anchor,
            }

    def _write_comments(self) -> None:
        made, done = self._comments(), 0
        sealed = max(1, self.comments // CONTACTS)
        while chunk := list(islice(made, CHUNK)):
            with transaction.atomic():
                _insert(Comment, chunk)
                _insert(ModerationEvent, map(_event, chunk))
                _insert(Linkback, (_linkback(row) for row in chunk if row["kind"] != Kind.REPLY))
                self._seal(row for row in chunk if row["id"] % sealed == 0)
            done += len(chunk)
            self.tell("comments", done, self.comments)
        _reset_sequences(Comment, ModerationEvent, Linkback)

    def _seal(self, rows: Iterable[Row]) -> None:
        for row in rows:
            if row["kind"] == Kind.REPLY:
                contacts.seal(Comment(pk=row["id"]), f"reader{row['id'] % 200}@example.org")

    def _comments(self) -> Iterator[Row]:
        pk = self.first_comment
        for number, size in enumerate(shares(self.comments, self.articles)):
            yield from self._conversation(number, pk, size)
            pk += size

    def _conversation(self, number: int, first: int, size: int) -> Iterator[Row]:
        """Yield the comments of one article, oldest first."""
        begun = self.published_at(number)
        pace = (self.now - begun) / (size + 1)
        recent: deque[tuple[int, int]] = deque(maxlen=RECENT)
        for place in range(size):
            row = self._comment(first + place, begun + pace * (place + 1))
            row["article"] = self.first_article + number
            row["is_late"] = place >= FIRST_SHOWN
            if row["kind"] == Kind.REPLY:
                self._answer_one(row, recent)
                if row["status"] == Status.APPROVED:
                    recent.append((row["id"], row["head"] or row["id"]))
            yield row

    def _answer_one(self, row: Row, recent: deque[tuple[int, int]]) -> None:
        """Have it answer one of the last few, or the very last, or nobody: some threads become deep."""
        drawn = self.random.random()
        if recent and drawn < REPLIES:
            row["parent"], row["head"] = recent[-1 if drawn < DEEPER else int(drawn * len(recent))]

    def _comment(self, pk: int, moment: datetime.datetime) -> Row:
        chance = self.random.random
        drawn = chance()
        status = next((status for top, status in STATUSES if drawn < top), Status.TRASH)
        is_spam = status in (Status.SPAM, Status.TRASH)
        paragraphs = self.random.choices(words.SPAM if is_spam else words.SAID, k=1 + pk % 3)
        text = "\n\n".join([*paragraphs, words.ending(pk)])
        score = round(chance() * 0.4 + (0.6 if is_spam else 0.0), 4)
        row: Row = {
            "id": pk,
            "kind": Kind.REPLY,
            "status": status,
            "parent": None,
            "head": None,
            "author_name": words.name(self.random.randrange(5_000)),
            "author_url": f"https://reader{pk % 997}.example.org/" if pk % 4 == 0 else "",
            "text": text,
            "text_html": "\n".join(_paragraph(part) for part in text.split("\n\n")),
            "text_digest": digest(text),
            "private_key": new_private_key(),
            "look_alike": new_private_key(),
            "created_at": moment,
            "status_since": moment,
            "score": score,
            "doubt": round(1 - abs(2 * score - 1), 4),
        }
        return self._as_linkback(row) if chance() < LINKBACKS else row

    def _as_linkback(self, row: Row) -> Row:
        kind = self.random.choice([Kind.PINGBACK, Kind.WEBMENTION, Kind.TRACKBACK])
        said = self.random.choices(
            [ResponseType.MENTION, ResponseType.LIKE, ResponseType.REPOST], weights=[8, 1, 1]
        )
        source = f"https://blog{row['id'] % 1_999}.example.org/{row['id']}/"
        return {
            **row,
            "kind": kind,
            "response_type": said[0] if kind == Kind.WEBMENTION else ResponseType.MENTION,
            "author_url": source,
            "text_html": "",
        }


def shares(comments: int, articles: int) -> Iterator[int]:
    """Yield how many comments each article gets: few have many, and most have few (Zipf)."""
    weights = (1 / (number + 5) for number in range(articles))
    total = sum(1 / (number + 5) for number in range(articles))
    so_far, given = 0.0, 0
    for number, weight in enumerate(weights, 1):
        so_far += weight
        upto = comments if number == articles else round(comments * so_far / total)
        yield upto - given
        given = upto


def _event(row: Row) -> Row:
    return {
        "comment": row["id"],
        "to_status": row["status"],
        "at": row["created_at"],
        "reasons": ["part of the sample"],
        "score": row["score"],
        "is_followed": True,
    }


def _linkback(row: Row) -> Row:
    source = row["author_url"]
    return {
        "article": row["article"],
        "comment": row["id"],
        "source_url": source,
        "source_digest": page_digest(source),
        "target_url": f"{settings.SITE_URL}/articles/sample-{row['article']}/",
        "protocols": [row["kind"]],
        "state": Linkback.State.VERIFIED,
        "status_key": new_private_key(),
        "received_at": row["created_at"],
        "verified_at": row["created_at"],
    }


@lru_cache(maxsize=words.BODIES)
def _body(number: int) -> tuple[str, str, str]:
    body = words.body(number)
    html = render_article(body).html
    return body, html, contents(html)


_paragraph = lru_cache(maxsize=2_000)(render_reply)


@lru_cache(maxsize=500)
def _answer(answer: str, anchor: str) -> str:
    return render_answer(answer, anchor=anchor)


# --- Writing rows past the models ---


def _insert(model: type[models.Model], rows: Iterable[Row]) -> None:
    """Write rows, given by field names; what they leave out is as the model has it by default."""
    table, columns, complete = _shape(model)
    made = [complete(row) for row in rows]
    if not made:
        return
    listed = ", ".join(f'"{column}"' for column in columns)
    if connection.vendor == "postgresql":
        _copy(f'COPY "{table}" ({listed}) FROM STDIN', made)
        return
    places = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(f'INSERT INTO "{table}" ({listed}) VALUES ({places})', made)  # noqa: S608


def _copy(statement: str, rows: Iterable[Sequence[object]]) -> None:
    with connection.cursor() as cursor, cursor.cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


Complete = Callable[[Row], list[Any]]


@lru_cache(maxsize=8)
def _shape(model: type[models.Model]) -> tuple[str, list[str], Complete]:
    """Return the table, its columns, and what makes the values of all of them from a row."""
    numbered = model in (Article, Comment)
    fields = [one for one in model._meta.concrete_fields if numbered or not one.primary_key]
    prepare = [_preparation(one) for one in fields]
    defaults = [made(one.get_default()) for one, made in zip(fields, prepare, strict=True)]
    places = {one.name: place for place, one in enumerate(fields)}

    def complete(row: Row) -> list[Any]:
        values = list(defaults)
        for name, value in row.items():
            place = places[name]
            values[place] = prepare[place](value)
        return values

    return model._meta.db_table, [one.column for one in fields], complete


def _preparation(one: "models.Field[Any, Any]") -> Callable[[Any], object]:
    """Return what makes a value of this field one that the database takes."""
    if isinstance(one, models.JSONField):
        return json.dumps
    if isinstance(one, models.DateTimeField) and connection.vendor == "sqlite":
        return _sqlite_moment
    return _as_it_is


def _as_it_is(value: object) -> object:
    return value


@lru_cache(maxsize=8)
def _sqlite_moment(moment: datetime.datetime | None) -> str | None:
    # As Django's backend writes it, without asking whether it may.
    return None if moment is None else str(moment.astimezone(datetime.UTC).replace(tzinfo=None))


def _next(model: type[models.Model]) -> int:
    newest: int | None = model._default_manager.aggregate(last=Max("pk"))["last"]
    return (newest or 0) + 1


def _reset_sequences(*written: type[models.Model]) -> None:
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), written):
            cursor.execute(statement)


def _chunks(numbers: range, size: int) -> Iterator[range]:
    edges = [*range(numbers.start, numbers.stop, size), numbers.stop]
    return (range(low, high) for low, high in pairwise(edges))


@contextmanager
def _resting_triggers() -> Iterator[None]:
    try:
        triggers.remove()
        derived.remove()
        _in_haste(True)
        yield
    finally:
        try:
            # First: or each row that it counts would be noted as a change.
            derived.install()
            _in_haste(False)
        finally:
            # Also has every page made anew.
            triggers.install()


def _in_haste(is_so: bool) -> None:
    """Have SQLite not wait for the disk, and keep the indexes' pages that are written again and again."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA synchronous={'OFF' if is_so else 'FULL'}")
            cursor.execute(f"PRAGMA cache_size={-CACHE if is_so else -2_000}")
