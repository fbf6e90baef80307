"""From comment to FAQ: a reader's question and the author's answer as a draft entry of the article.

Whether somebody may do this is asked by the caller: it takes ``comments.moderate_comment``. To edit
and publish the draft takes ``articles.change_article`` and ``articles.change_faqentry``, which
Django's admin asks for.
"""

import html
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import zip_longest
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext

from articles.models import LAST_POSITION, FaqEntry
from articles.rendering import plain_text
from comments.models import Actor, Comment, FaqOrigin, Status
from comments.moderators import decides_about
from comments.untrusted import without_controls

QUESTION_LENGTH: Final[int] = FaqEntry._meta.get_field("question").max_length or 0  # characters
ATTEMPTS: Final = 3

_INLINE: Final = frozenset({"a", "code", "em", "strong"})
_NOT_SAID_HERE: Final = frozenset({"blockquote", "pre"})
_QUESTION_MARKS: Final = "?？؟\u037e፧⁇⁈⁉"
_ENDS: Final = f".…!！。{_QUESTION_MARKS}"
_CLOSERS: Final = "\"'”’»›)]」』）"
# Marks that end a sentence where no blank follows.
_CLOSED_UP: Final = re.compile(r"([。！？])(?=[^\s。！？」』）])")


class FaqRefused(Exception):
    """No entry is made of a comment; ``str()`` is the sentence for the moderator."""


def draft_from(comment: Comment, *, by: Actor) -> FaqEntry:
    """Return the entry made of a reader's question and the author's answer: a draft, when it is new.

    The comment is the question, or the author's answer to it. Where there is no answer yet, that of
    the draft is empty; nobody can publish it like this. The same question makes one entry however
    often and from wherever it is asked for. Renders Markdown: call it outside any transaction.
    Raises ``FaqRefused``.
    """
    question, answer = _question_and_answer(comment)
    made = _made_of(question)
    return made or _make(question, _question_in(question), answer, by)


# --- Who asks, who answers ------------------------------------------------------------------------


def _question_and_answer(comment: Comment) -> tuple[Comment, str]:
    _refuse_what_is_gone(comment)
    asked = comment.parent
    if asked is None or not _is_by_the_house(comment) or _is_by_the_house(asked):
        return comment, _answer_below(comment)
    _refuse_what_is_gone(asked)
    return asked, comment.text


def _is_by_the_house(comment: Comment) -> bool:
    """Whether the article's author said it, or a moderator."""
    return decides_about(comment.user, comment.article)


def _answer_below(comment: Comment) -> str:
    """Return the Markdown of the first answer, empty while there is none."""
    answers = comment.children.approved().filter(user__isnull=False).oldest_first()
    found = answers.select_related("user", "article")
    return next((answer.text for answer in found if _is_by_the_house(answer)), "")


def _refuse_what_is_gone(comment: Comment) -> None:
    if comment.withdrawn_at is not None:
        raise FaqRefused(gettext("Its author has withdrawn this comment."))
    if comment.status == Status.SPAM:
        raise FaqRefused(gettext("This comment is marked as spam: approve it first."))
    if comment.status == Status.TRASH:
        raise FaqRefused(gettext("This comment is in the trash: restore it first."))


# --- The entry ------------------------------------------------------------------------------------


def _made_of(question: Comment) -> FaqEntry | None:
    origin = FaqOrigin.objects.filter(comment=question).select_related("entry__article").first()
    return origin.entry if origin else None


def _make(
    question: Comment, text: str, answer: str, by: Actor, attempts: int = ATTEMPTS
) -> FaqEntry:
    entry = FaqEntry(
        article=question.article,
        question=text,
        answer=answer,
        is_published=False,
        credit_name=question.author_name,
        credit_anchor=f"comment-{question.pk}",
    )
    # Before the transaction: nobody else waits while this text is made into HTML.
    entry.article.render_faq([entry])
    try:
        return _store(entry, question, by)
    except IntegrityError:  # another entry took its anchor in the meantime
        if attempts == 1:
            raise
        return _make(question, text, answer, by, attempts - 1)


@transaction.atomic
def _store(entry: FaqEntry, question: Comment, by: Actor) -> FaqEntry:
    """Write the entry unless the same question made one in the meantime, which is returned then."""
    # Whoever would make another of the same comment, or throws it away, waits here.
    stands = Comment.objects.select_for_update(no_key=True).standing().filter(withdrawn_at=None)
    now = stands.filter(pk=question.pk).first()
    if now is None:
        raise FaqRefused(gettext("This comment has been withdrawn or thrown away in the meantime."))
    if made := _made_of(question):
        return made
    # Its author may have had their name taken off since.
    entry.credit_name = now.author_name
    last = FaqEntry.objects.filter(article_id=entry.article_id).aggregate(last=Max("position"))
    entry.position = 0 if last["last"] is None else min(last["last"] + 1, LAST_POSITION)
    entry.save()
    FaqOrigin.objects.create(comment=question, entry=entry, user_id=getattr(by, "pk", None))
    return entry


# --- The question ---------------------------------------------------------------------------------


def _question_in(comment: Comment) -> str:
    """Return what the comment asks, as plain text: its questions, else its first sentence."""
    said = [sentence for part in _paragraphs(comment) for sentence in _sentences(part)]
    worded = [sentence for sentence in said if any(char.isalnum() for char in sentence)]
    if not worded:
        raise FaqRefused(gettext("There are no words in this comment to make a question of."))
    asked = [sentence for sentence in worded if _is_question(sentence)]
    # Cut at a word's end by what knows how; to it a "<" is the beginning of a tag.
    return plain_text(html.escape(" ".join(asked or worded[:1])), QUESTION_LENGTH)


def _paragraphs(comment: Comment) -> list[str]:
    """Return the words of each paragraph; what is quoted, and code, only where there is nothing else."""
    if not comment.is_reply:
        return [comment.text]
    reader = _Reader()
    reader.feed(comment.text_html)
    reader.close()
    own = [part.text for part in reader.parts if not part.is_quoted]
    return own if any(text.strip() for text in own) else [part.text for part in reader.parts]


class _Part:
    def __init__(self, is_quoted: bool) -> None:
        self.is_quoted, self.pieces = is_quoted, list[str]()

    @property
    def text(self) -> str:
        return "".join(self.pieces)


class _Reader(HTMLParser):
    """Takes a rendered reply, which was sanitised, apart into paragraphs."""

    def __init__(self) -> None:
        super().__init__()
        self.parts, self._quotes = [_Part(is_quoted=False)], 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._quotes += tag in _NOT_SAID_HERE
        self._turn(tag)

    def handle_endtag(self, tag: str) -> None:
        self._quotes -= tag in _NOT_SAID_HERE
        self._turn(tag)

    def handle_data(self, data: str) -> None:
        self.parts[-1].pieces.append(data)

    def _turn(self, tag: str) -> None:
        if tag == "br":
            self.handle_data(" ")
        elif tag not in _INLINE:
            self.parts.append(_Part(is_quoted=self._quotes > 0))


def _sentences(text: str) -> Iterator[str]:
    """The sentences of a paragraph, each on one line. Linear in the length of the text."""
    words = _CLOSED_UP.sub(r"\1 ", without_controls(text)).split()
    sentence: list[str] = []
    for word, following in zip_longest(words, words[1:], fillvalue=""):
        sentence.append(word)
        marks = _end_marks(word)
        # "e.g. this" goes on.
        if marks and not (set(marks) <= {".", "…"} and following[:1].islower()):
            yield " ".join(sentence)
            sentence = []
    if sentence:
        yield " ".join(sentence)


def _is_question(sentence: str) -> bool:
    return any(mark in _QUESTION_MARKS for mark in _end_marks(sentence))


def _end_marks(text: str) -> str:
    """Return the marks at the end that end a sentence, such as “?!”."""
    bare = text.rstrip(_CLOSERS)
    return bare[len(bare.rstrip(_ENDS)) :]
