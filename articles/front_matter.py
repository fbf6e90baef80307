"""Reads a Markdown file with YAML front matter: bytes in, a ``Post`` out, no Django.

Every scalar is taken as it was written and read by its key, so that ``title: 1984`` is a title and
an impossible date is named with its line. Nothing is ever constructed from YAML tags; anchors and
aliases, with which a few lines can unfold into gigabytes, are refused.
"""

import datetime
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote

import yaml
from yaml import MappingNode, Node, ScalarNode, SequenceNode

from articles.numbers import whole_number

MAX_FRONT_MATTER: Final = 100_000
"""Longest front matter, in characters: PyYAML reads about 100,000 a second."""

MAX_DEPTH: Final = 10
SUMMARY_LENGTH: Final = 500
NAME_LENGTH: Final = 80
MOST_TAGS: Final = 50
LAST_PART: Final = 32_767

_FENCE: Final = "---"
# Line ends to YAML, but to no editor: they would shift the numbers of the lines.
_OTHER_LINE_ENDS: Final = dict.fromkeys(map(ord, "\x85\u2028\u2029"), " ")
_OWN_PATH: Final = re.compile(r"/?articles/([^/?#]+)/?")
_BLANK_BEFORE_ZONE: Final = re.compile(r"\s+(?=(?:[+-]\d\d:?\d\d|Z)$)")
_BOOLEANS: Final = {
    "true": True,
    "yes": True,
    "on": True,
    "false": False,
    "no": False,
    "off": False,
}
_EXPLAINED: Final = {
    "found character '\\t' that cannot start any token": "a tab: YAML wants blanks here.",
    "could not find expected ':'": "“key: value” is expected here.",
    "mapping values are not allowed here": "a second colon: put the value between quotation marks.",
    "found unexpected end of stream": "a quotation mark is not closed.",
}


class Problem(Exception):
    """A file cannot be imported; ``str()`` is the reason, ``line`` counts from 1 (None: no line)."""

    def __init__(self, line: int | None, reason: str) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(frozen=True)
class Remark:
    """Something to tell the author about a line; the file is imported all the same."""

    line: int | None
    text: str


@dataclass(frozen=True)
class Question:
    """One item of ``faq:`` and its line."""

    question: str
    answer: str
    line: int


@dataclass(frozen=True)
class Alias:
    """A former slug and its line."""

    slug: str
    line: int


@dataclass(frozen=True)
class Post:
    """What a file says. None stands for what it does not mention."""

    title: str
    body: str
    slug: str | None = None
    date: datetime.datetime | None = None
    updated: datetime.datetime | None = None
    status: str | None = None
    summary: str | None = None
    author: str | None = None
    comments_open: bool | None = None
    linkbacks_open: bool | None = None
    language: str | None = None
    faq: tuple[Question, ...] | None = None
    aliases: tuple[Alias, ...] = ()
    tags: tuple[str, ...] | None = None
    series: str | None = None
    part: int | None = None
    lines: Mapping[str, int] = field(default_factory=dict)
    remarks: tuple[Remark, ...] = ()


def parse(data: bytes, zone: datetime.tzinfo) -> Post:
    """Return what the file says; a date without a zone is one of ``zone``. Raises ``Problem``."""
    head, body, body_line = _split(_decode(data))
    reader = _Reader(zone)
    values = reader.read(_compose(head))
    lines = {**reader.lines, "body": body_line}
    if not body.strip():
        raise Problem(body_line - 1, "there is no text after the front matter.")
    return Post(**values, body=body, lines=lines, remarks=tuple(reader.remarks))


def _decode(data: bytes) -> str:
    data = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if (at := data.find(b"\0")) >= 0:
        raise Problem(data.count(b"\n", 0, at) + 1, "a NUL character, which no text holds.")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Problem(line, "this is not UTF-8, the encoding that is expected.") from None


def _split(text: str) -> tuple[str, str, int]:
    """Return front matter, body, and the line after the closing fence."""
    lines = text.split("\n")
    if lines[0].rstrip() != _FENCE:
        raise Problem(1, "there is no front matter: the first line must be “---”.")
    for number, line in enumerate(lines[1:], 1):
        if line.rstrip() == _FENCE:
            head = "\n".join(lines[1:number])
            return head, "\n".join(lines[number + 1 :]).strip("\n").rstrip(), number + 2
    raise Problem(1, "the front matter that begins here has no closing “---”.")


# --- YAML, with the numbers of its lines ------------------------------------------------------


def _compose(head: str) -> Node | None:
    if len(head) > MAX_FRONT_MATTER:
        raise Problem(1, f"the front matter is longer than {MAX_FRONT_MATTER:,} characters.")
    head = head.translate(_OTHER_LINE_ENDS)
    try:
        _refuse_dangers(head)
        node: Node | None = yaml.compose(head, Loader=yaml.SafeLoader)
    except yaml.reader.ReaderError as error:
        line = head.count("\n", 0, error.position) + 2
        raise Problem(line, "a control character, which YAML does not allow.") from None
    except yaml.MarkedYAMLError as error:
        raise _yaml_problem(error) from None
    return node


def _refuse_dangers(head: str) -> None:
    """Look at the events only: nothing is built from them, and nothing recurses."""
    depth = 0
    for event in yaml.parse(head, Loader=yaml.SafeLoader):
        line = _line(event)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise Problem(
                line, "anchors (&) and aliases (*) are not accepted; quote the value if it is text."
            )
        if getattr(event, "tag", None):
            raise Problem(line, "tags (!) are not accepted; quote the value if it is text.")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(
            event, yaml.CollectionEndEvent
        )
        if depth > MAX_DEPTH:
            raise Problem(line, "lists within lists, too deep.")


def _yaml_problem(error: yaml.MarkedYAMLError) -> Problem:
    # What is left open is named where it was opened, not where the text ends.
    left_open = re.match(r"while (scanning|parsing a flow)", error.context or "")
    mark = (error.context_mark if left_open else None) or error.problem_mark or error.context_mark
    text = error.problem or "this is no YAML"
    return Problem(mark.line + 2 if mark else 1, _EXPLAINED.get(text, f"YAML: {text}."))


def _line(part: Node | yaml.Event) -> int:
    """Return the line in the file: YAML counts from 0, and the opening fence stands before it."""
    return part.start_mark.line + 2 if part.start_mark else 1


def _entries(node: Node, what: str) -> Iterator[tuple[str, int, Node]]:
    """Go through a mapping: key, line of the key, value. Raises ``Problem`` for a repeated key."""
    if not isinstance(node, MappingNode):
        raise Problem(_line(node), f"{what} must be lines of “key: value”.")
    seen: set[str] = set()
    for key, value in node.value:
        name = str(key.value).strip().lower() if isinstance(key, ScalarNode) else "?"
        if name in seen:
            raise Problem(_line(key), f"“{_short(name)}” is there twice.")
        seen.add(name)
        yield name, _line(key), value


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:59]}…"


def _is_null(node: Node) -> bool:
    return isinstance(node, ScalarNode) and str(node.tag).endswith(":null")


def _text(node: Node, key: str) -> str:
    if not isinstance(node, ScalarNode):
        raise Problem(_line(node), f"{key} must be text, not a list.")
    return "" if _is_null(node) else str(node.value).strip()


def _items(node: Node, key: str) -> list[Node]:
    if _is_null(node):
        return []
    if not isinstance(node, SequenceNode):
        raise Problem(_line(node), f"{key} must be a list: lines that begin with “- ”.")
    return list(node.value)


# --- What the keys mean -----------------------------------------------------------------------


class _Reader:
    """Reads one front matter, and remembers lines and remarks."""

    def __init__(self, zone: datetime.tzinfo) -> None:
        self.zone = zone
        self.lines: dict[str, int] = {}
        self.remarks: list[Remark] = []

    def read(self, root: Node | None) -> dict[str, Any]:
        values: dict[str, Any] = {"title": ""}
        for key, line, node in _entries(root, "front matter") if root else ():
            if reader := _KEYS.get(key):
                self.lines[key] = line
                values[key] = reader(self, node, key)
            else:
                self.remarks.append(
                    Remark(line, f"“{_short(key)}” is no known key and was ignored.")
                )
        if not values["title"]:
            raise Problem(self.lines.get("title", 1), "title is missing.")
        values["status"] = self._status(values)
        values["language"] = values.pop("lang", None)
        return values

    def _status(self, values: dict[str, Any]) -> str | None:
        """Bring ``status:``, ``draft:`` and ``published:`` to one word, if they agree."""
        said = {"status": values.get("status")}
        for key, true, false in (
            ("draft", "draft", "published"),
            ("published", "published", "draft"),
        ):
            flag = values.pop(key, None)
            said[key] = None if flag is None else (true if flag else false)
        words = {word for word in said.values() if word}
        if len(words) > 1:
            line = max(self.lines[key] for key, word in said.items() if word)
            raise Problem(line, "this is both a draft and published, it says.")
        return words.pop() if words else None

    def line_of_text(self, node: Node, key: str) -> str:
        return " ".join(_text(node, key).split())

    def optional(self, node: Node, key: str) -> str | None:
        return self.line_of_text(node, key) or None

    def summary(self, node: Node, key: str) -> str:
        text = _text(node, key)
        if len(text) > SUMMARY_LENGTH:
            raise Problem(
                _line(node), f"{key} has {len(text)} characters; {SUMMARY_LENGTH} are allowed."
            )
        return text

    def boolean(self, node: Node, key: str) -> bool | None:
        text = _text(node, key)
        if text and text.lower() not in _BOOLEANS:
            raise Problem(_line(node), f"{key} “{_short(text)}” is neither true nor false.")
        return _BOOLEANS.get(text.lower())

    def status(self, node: Node, key: str) -> str | None:
        text = _text(node, key).lower()
        if text not in {"", "draft", "published"}:
            raise Problem(_line(node), f"{key} “{_short(text)}” is neither draft nor published.")
        return text or None

    def moment(self, node: Node, key: str) -> datetime.datetime | None:
        text = _text(node, key)
        if not text:
            return None
        try:
            moment = datetime.datetime.fromisoformat(_BLANK_BEFORE_ZONE.sub("", text))
            moment = moment if moment.tzinfo else moment.replace(tzinfo=self.zone)
            # In the first and last hours of the calendar there is no such moment in UTC.
            return moment.astimezone(datetime.UTC)
        except (ValueError, OverflowError):
            raise Problem(
                _line(node), f"{key} “{_short(text)}” is not a date such as 2026-11-22."
            ) from None

    def name(self, node: Node, key: str) -> str:
        text = self.line_of_text(node, key)
        if len(text) > NAME_LENGTH:
            raise Problem(
                _line(node), f"{key} “{_short(text)}” is longer than {NAME_LENGTH} characters."
            )
        return text

    def tags(self, node: Node, key: str) -> tuple[str, ...]:
        """Read a list, or one line with commas."""
        if isinstance(node, ScalarNode):
            parts = _text(node, key).split(",")
            items: list[Node] = [
                ScalarNode(node.tag, part, node.start_mark, node.end_mark) for part in parts
            ]
        else:
            items = _items(node, key)
        names = [self.name(item, f"an item of {key}") for item in items]
        if len(names) > MOST_TAGS:
            raise Problem(_line(node), f"{len(names)} tags; {MOST_TAGS} are allowed.")
        return tuple(dict.fromkeys(filter(None, names)))

    def part(self, node: Node, key: str) -> int | None:
        text = _text(node, key)
        number = whole_number(text, 5)
        if text and (number is None or number > LAST_PART):
            raise Problem(_line(node), f"{key} “{_short(text)}” is no number such as 2.")
        return number

    def aliases(self, node: Node, key: str) -> tuple[Alias, ...]:
        items = [node] if isinstance(node, ScalarNode) and not _is_null(node) else _items(node, key)
        return tuple(alias for item in items if (alias := self._alias(item, key)))

    def _alias(self, node: Node, key: str) -> Alias | None:
        text = _text(node, f"an item of {key}")
        path = _OWN_PATH.fullmatch(text)
        if path or (text and "/" not in text):
            return Alias(unquote(path[1]) if path else text, _line(node))
        self.remarks.append(
            Remark(
                _line(node),
                f"“{_short(text)}” was ignored: only /articles/…/ can lead to an article.",
            )
        )
        return None

    def faq(self, node: Node, key: str) -> tuple[Question, ...]:
        questions = [self._question(item) for item in _items(node, key)]
        seen: set[str] = set()
        for question in questions:
            if question.question in seen:
                raise Problem(question.line, f"“{_short(question.question)}” is asked twice.")
            seen.add(question.question)
        return tuple(questions)

    def _question(self, item: Node) -> Question:
        said = {"question": "", "answer": ""}
        for key, line, node in _entries(item, "an item of faq"):
            if key in said:
                said[key] = _text(node, key)
            else:
                self.remarks.append(
                    Remark(line, f"“{_short(key)}” is no part of a question and was ignored.")
                )
        for key in ("question", "answer"):
            if not said[key]:
                raise Problem(_line(item), f"an item of faq has no {key}.")
        return Question(" ".join(said["question"].split()), said["answer"], _line(item))


_KEYS: Final[dict[str, Callable[[_Reader, Node, str], object]]] = {
    "title": _Reader.line_of_text,
    "slug": _Reader.optional,
    "date": _Reader.moment,
    "updated": _Reader.moment,
    "status": _Reader.status,
    "draft": _Reader.boolean,
    "published": _Reader.boolean,
    "summary": _Reader.summary,
    "author": _Reader.line_of_text,
    "comments_open": _Reader.boolean,
    "linkbacks_open": _Reader.boolean,
    "lang": _Reader.line_of_text,
    "tags": _Reader.tags,
    "series": _Reader.name,
    "part": _Reader.part,
    "aliases": _Reader.aliases,
    "faq": _Reader.faq,
}
