"""Articles out of Markdown files: each file is one article, and its own transaction.

Which article a file means is decided by its slug: the ``slug:`` it names, else its own name without
a date in front (``2026-11-22-on-rest.md`` → ``on-rest``; ``on-rest/index.md`` → ``on-rest``). So a
title may change, and a file may move, without making a second article. A file that names a new
``slug:`` and the article's present one under ``aliases:`` renames the article.

What a file does not mention stays as it is; a key without a value empties. A new article without a
status is published, and without a date it is dated now. Questions that are drafts, or came from what
a reader asked on the page, are the site's own: no file removes them.
"""

import enum
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.db.models import Value
from django.db.models.functions import Concat
from django.utils import timezone

from articles.front_matter import Alias, Post, Problem, Question, Remark, parse
from articles.models import Article, FaqEntry, OldSlug, Series, Tag
from articles.slugs import slugify

MAX_BYTES: Final = 1_000_000
"""Largest file: 170,000 words, and some seconds to render."""

SUFFIXES: Final = frozenset({".md", ".markdown"})

_DATE_IN_NAME: Final = re.compile(r"\d{4}-\d\d-\d\d[-_ ]+(?=.)")
_COMPARED: Final = (
    *("title", "slug", "body", "summary", "author_id", "author_name", "status", "published_at"),
    *("updated_at", "comments_open", "linkbacks_open", "language"),
)
_KEY_OF_FIELD: Final = {
    "published_at": "date",
    "updated_at": "updated",
    "author_name": "author",
    "language": "lang",
}


class Result(enum.Enum):
    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    BROKEN = "broken"


@dataclass(frozen=True)
class Report:
    """What became of one file; for a broken one ``problem`` says why."""

    path: Path
    result: Result
    article: Article | None = None
    problem: Remark | None = None
    remarks: tuple[Remark, ...] = ()


@dataclass
class MarkdownImport:
    """One run: a second file for the same article is a mistake, not an update."""

    files_by_article: dict[int, Path] = field(default_factory=dict)

    def run(self, paths: Iterable[Path]) -> Iterator[Report]:
        """Import files and folders one by one; a broken file stops nothing. Never raises ``Problem``."""
        done: set[str] = set()
        for path in paths:
            for file in find_files(path):
                if (real := os.path.realpath(file)) not in done:
                    done.add(real)
                    yield self._attempt(file)

    def _attempt(self, path: Path) -> Report:
        try:
            return self.import_file(path)
        except Problem as problem:
            return Report(path, Result.BROKEN, problem=Remark(problem.line, str(problem)))
        except DatabaseError as error:
            return Report(
                path, Result.BROKEN, problem=Remark(None, f"the database refuses it: {error}")
            )

    def import_file(self, path: Path) -> Report:
        """Add or update the article of one file, or leave everything. Raises ``Problem``."""
        prepared = self.prepare(path)
        with transaction.atomic():
            return prepared.write()

    def prepare(self, path: Path) -> "Prepared":
        """Read, check and render one file, which may take seconds, and write nothing. Raises ``Problem``."""
        post = parse(read(path), timezone.get_default_timezone())
        slug = post.slug or slug_of(path)
        article = _find(slug, post)
        if other := self.files_by_article.get(article.pk):
            raise Problem(post.lines.get("slug", 1), f"this is the article of {other} already.")
        has_changed = _changed(article, post, slug)
        return Prepared(self, path, post, article, has_changed, _Faq.of(article, post))


@dataclass(frozen=True)
class Prepared:
    """One file that was read, checked and rendered, and not written yet."""

    run: MarkdownImport
    path: Path
    post: Post
    article: Article
    has_changed: bool
    faq: "_Faq"

    def write(self) -> Report:
        """Add or update the article; to be called within a transaction. Raises ``Problem``."""
        is_new = self.article.pk is None
        if self.has_changed:
            self.article.store_rendered()
            _set_updated_at(self.article, self.post, is_new=is_new)
        is_led_to = _store_aliases(self.article, self.post)
        is_sorted_anew = _store_topics(self.article, self.post)
        self.faq.write()
        changed = self.has_changed or is_led_to or is_sorted_anew or self.faq.has_changed
        result = Result.UPDATED if changed else Result.UNCHANGED
        self.run.files_by_article[self.article.pk] = self.path
        return Report(
            self.path,
            Result.ADDED if is_new else result,
            self.article,
            remarks=self.post.remarks,
        )


# --- Files --------------------------------------------------------------------------------------


def find_files(path: Path) -> Iterator[Path]:
    """The path itself, or the Markdown files below it in order of name.

    Hidden files and folders are left out, and folders that symbolic links lead back to.
    """
    if os.path.isdir(path):  # unlike Path.is_dir(), never raises
        yield from _walk(path, frozenset())
    else:
        yield path


def _walk(folder: Path, above: frozenset[str]) -> Iterator[Path]:
    real = os.path.realpath(folder)
    if real in above:
        return
    try:
        paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError:
        paths = []
        yield folder  # to be named as broken by whoever reads it
    for path in paths:
        if os.path.isdir(path):
            yield from _walk(path, above | {real})
        elif path.suffix.lower() in SUFFIXES:
            yield path


def read(path: Path) -> bytes:
    """The bytes of a file. Raises ``Problem`` for what is no file, unreadable or too large."""
    try:
        # A pipe would be waited for, for ever.
        if path.exists() and not path.is_file():
            raise Problem(None, "this is neither a file nor a folder that can be read.")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise Problem(None, "there is no such file or folder.") from None
    except OSError as error:
        raise Problem(None, f"it cannot be read: {error.strerror}.") from None
    if len(data) > MAX_BYTES:
        raise Problem(None, f"it is larger than {MAX_BYTES:,} bytes.")
    return data


def slug_of(path: Path) -> str:
    """The slug that a file's name stands for. Raises ``Problem`` where there is none."""
    stem = path.resolve().parent.name if path.stem.lower() == "index" else path.stem
    if slug := slugify(_DATE_IN_NAME.sub("", stem, count=1)):
        return slug
    raise Problem(1, "the file's name makes no address; slug is missing.")


# --- Articles -----------------------------------------------------------------------------------


def _find(slug: str, post: Post) -> Article:
    """The article of this slug, the one it renames, or a new one."""
    if found := Article.objects.filter(slug=slug).first():
        return found
    renamed = (
        Article.objects.filter(slug__in=[alias.slug for alias in post.aliases])
        .order_by("pk")
        .first()
    )
    return renamed or Article(status=Article.Status.PUBLISHED)


def _changed(article: Article, post: Post, slug: str) -> bool:
    """Bring the article, checked and rendered, to what the file says; say whether that is new."""
    is_new, before = article.pk is None, _compared(article)
    article.slug = slug
    _apply(post, article)
    if not is_new and _compared(article) == before:
        return False
    _check(article, post)
    article.render()
    return True


def _compared(article: Article) -> list[object]:
    return [getattr(article, name) for name in _COMPARED]


def _apply(post: Post, article: Article) -> None:
    article.title, article.body = post.title, post.body
    said = {
        "status": post.status,
        "published_at": post.date,
        "updated_at": post.updated,
        "summary": post.summary,
        "comments_open": post.comments_open,
        "linkbacks_open": post.linkbacks_open,
        "language": post.language,
    }
    for name, value in said.items():
        if value is not None:
            setattr(article, name, value)
    if post.author is not None:
        article.author, article.author_name = _author(post.author)


def _author(name: str) -> tuple[User | None, str]:
    """The user of this login name or, where only one has it, full name; else the name as it is."""
    users = User.objects.all()
    if user := users.filter(username=name).first():
        return user, ""
    named = users.annotate(full_name=Concat("first_name", Value(" "), "last_name")).filter(
        full_name=name
    )
    found = list(named[:2])
    return (found[0], "") if len(found) == 1 else (None, name)


def _check(article: Article, post: Post) -> None:
    try:
        article.full_clean(exclude=["body_html", "contents_html"])
    except ValidationError as error:
        raise _problem(error, post) from None


def _problem(error: ValidationError, post: Post) -> Problem:
    """The first thing wrong, by its line."""
    found = []
    for name, messages in error.message_dict.items():
        key = _KEY_OF_FIELD.get(name, name)
        found.append((post.lines.get(key, 1), f"{key}: {messages[0]}"))
    return Problem(*min(found))


def _set_updated_at(article: Article, post: Post, *, is_new: bool) -> None:
    """Date an old article that is moving in as the file does, not as of today."""
    said = post.updated or (post.date if is_new else None)
    if said:
        article.updated_at = said if post.updated else min(said, timezone.now())
        article.save(update_fields=["updated_at"])


# --- Tags, series ---------------------------------------------------------------------------------


def _store_topics(article: Article, post: Post) -> bool:
    """Give the article the tags and the place in a series that the file names; say whether that is new."""
    is_new = False
    if post.tags is not None:
        tags = Tag.objects.named(post.tags)
        is_new = set(tags) != set(article.tags.all())
        article.tags.set(tags)
    place = (article.series, article.part)
    if post.series is not None:
        article.series = next(iter(Series.objects.named([post.series])), None)
    if post.part is not None:
        article.part = post.part
    if (article.series, article.part) == place:
        return is_new
    article.save(update_fields=["series", "part"])
    return True


# --- Former addresses, questions ----------------------------------------------------------------


def _store_aliases(article: Article, post: Post) -> bool:
    stored = [_store_alias(article, alias) for alias in post.aliases if alias.slug != article.slug]
    return any(stored)


def _store_alias(article: Article, alias: Alias) -> bool:
    old = OldSlug.objects.filter(slug=alias.slug).select_related("article").first()
    if old and old.article_id == article.pk:
        return False
    owner = old.article if old else Article.objects.filter(slug=alias.slug).first()
    if owner:
        raise Problem(alias.line, f"“{alias.slug}” is an address of “{owner}”.")
    old = OldSlug(slug=alias.slug, article=article)
    try:
        old.full_clean()
    except ValidationError as error:
        raise Problem(alias.line, f"aliases: {error.messages[0]}") from None
    old.save()
    return True


@dataclass(frozen=True)
class _Faq:
    """What a file changes in the questions of its article."""

    gone: tuple[int, ...] = ()
    changed: tuple[FaqEntry, ...] = ()

    @classmethod
    def of(cls, article: Article, post: Post) -> "_Faq":
        """Compare, check and render. Raises ``Problem``."""
        if post.faq is None:
            return cls()
        published = FaqEntry.objects.published().filter(article_id=article.pk)
        entries = list(published.order_by("-position", "-pk"))
        present = {entry.question: entry for entry in entries}
        wanted = {question.question for question in post.faq}
        gone = tuple(
            entry.pk
            for entry in entries
            if not entry.credit_anchor
            and (entry.question not in wanted or present[entry.question] is not entry)
        )
        compared = (
            _entry(present.get(question.question) or FaqEntry(article=article), question, position)
            for position, question in enumerate(post.faq)
        )
        changed = tuple(entry for entry in compared if entry)
        article.render_faq(changed, gone=gone)
        return cls(gone, changed)

    @property
    def has_changed(self) -> bool:
        return bool(self.gone or self.changed)

    def write(self) -> None:
        # First, so that a question whose punctuation changed gets the anchor of the one it replaces.
        FaqEntry.objects.filter(pk__in=self.gone).delete()
        for entry in self.changed:
            entry.save()


def _entry(entry: FaqEntry, question: Question, position: int) -> FaqEntry | None:
    """The entry as it is to be stored; None where it is stored like this. Raises ``Problem``."""
    if entry.pk and (entry.answer, entry.position) == (question.answer, position):
        return None
    entry.question, entry.answer, entry.position = question.question, question.answer, position
    try:
        entry.full_clean(exclude=["article", "answer_html", "anchor"])
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise Problem(question.line, f"faq: {name}: {messages[0]}") from None
    return entry
