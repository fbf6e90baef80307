"""Reads a stranger's HTML as a flat stream of tags and text, in time linear in its length.

The page comes from whoever sent the linkback, so the work it can cause must be bounded. Parsers
that build a tree are not: by the rules of the HTML Standard an unclosed ``<b>`` is reopened in
every later paragraph, so 27 KB of ``<p><b a=1><b a=2>…<p>x<p>x…`` become four million elements and
1.4 GB, and each ``<div>`` looks through all the elements still open. A stream needs no tree, and
what decides whether a link is really there (comments, raw text, quoted attributes) is settled
before the tree is.

Source: HTML Standard, 13.2.5 "Tokenization".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from html.entities import html5 as named_characters

_SPACE = "\t\n\f\r "
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


def names(text: str) -> frozenset[str]:
    """The set of the blank-separated names in `text`."""
    return frozenset(text.split())


# Each is matched at one known place inside a tag, never searched for, and cannot backtrack: the
# classes on both sides of every repetition are disjoint.
_TAG_NAME = re.compile(rf"[^{_SPACE}/>]+")
_ATTRIBUTE = re.compile(
    rf"""[{_SPACE}/]*
    ([^{_SPACE}/>][^{_SPACE}/>=]*)                              # 1: its name
    (?:[{_SPACE}]*=[{_SPACE}]*
        (?: "([^"]*)" | '([^']*)'                               # 2, 3: a value in quotes
          | ([^"'{_SPACE}>][^{_SPACE}>]*) | (["']) | (?=>) ) )? # 4: without; 5: a quote never closed
    """,
    re.VERBOSE,
)
_TAG_REST = re.compile(rf"[{_SPACE}/]*")
_REFERENCE = re.compile(r"&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]*)[;=]?")

#: Their content is text however much it looks like markup; `noscript` as in a browser with scripts.
_RAW = names("script style textarea title xmp iframe noembed noframes noscript")
_FOREIGN = names("svg math")
#: Start tags that end a drawing or formula left open (13.2.6.5).
_BREAKOUT = names(
    "b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li"
    " menu meta ol p pre ruby s small span strong strike sub sup table tt u ul var"
)


@dataclass(frozen=True, slots=True)
class StartTag:
    """A start tag: its name in lower case and its raw attributes, the first of each name."""

    name: str
    attributes: dict[str, str]

    def get(self, name: str) -> str | None:
        """The value of an attribute with its character references replaced, or None."""
        value = self.attributes.get(name)
        return value if value is None else _attribute_text(value)


@dataclass(frozen=True, slots=True)
class EndTag:
    """An end tag, whether or not it closes anything."""

    name: str


Token = StartTag | EndTag | str


def tokens(html: str) -> Iterator[Token]:
    """Yield the start tags, end tags and text of `html` in order.

    Comments, doctypes and the content of `script`, `style`, `textarea`, `noscript`, `iframe` and
    their like are left out; of the raw text elements only `title` yields its text. Never fails:
    every string is some HTML.
    """
    return _Tokenizer(html).run()


def plain_text(html: str) -> str:
    """Replace the character references of a text, e.g. ``&amp;`` (13.2.5.72)."""
    try:
        return unescape(html) if "&" in html else html
    except ValueError:  # a numeric reference of thousands of digits
        return html


def _attribute_text(value: str) -> str:
    return _REFERENCE.sub(_replace_in_attribute, value) if "&" in value else value


def _replace_in_attribute(match: re.Match[str]) -> str:
    """In attributes ``&copy=`` and ``&copyright`` stay: they are query parameters (13.2.5.73)."""
    reference = match[0]
    if reference.startswith("&#") or reference.endswith(";"):
        return plain_text(reference)
    return plain_text(reference) if reference[1:] in named_characters else reference


class _Tokenizer:
    def __init__(self, html: str) -> None:
        self.html = html
        self.at = 0
        self.foreign = 0

    def run(self) -> Iterator[Token]:
        size = len(self.html)
        while self.at < size:
            mark = self.html.find("<", self.at)
            text = self.html[self.at : mark if mark >= 0 else size]
            if text:
                yield plain_text(text)
            if mark < 0:
                return
            yield from self._markup(mark)

    def _markup(self, mark: int) -> Iterator[Token]:
        """One piece of markup that begins with the "<" at `mark`; moves on past it."""
        following = self.html[mark + 1 : mark + 3]
        if following[:1] in _LETTERS:
            yield from self._start_tag(mark)
        elif following[:1] == "/" and following[1:] in _LETTERS:
            yield from self._end_tag(mark)
        elif following[:1] in ("!", "?") or (following[:1] == "/" and len(following) > 1):
            self._skip_comment(mark)
        else:
            self.at = mark + 1
            yield "<"

    def _start_tag(self, mark: int) -> Iterator[Token]:
        tag = self._tag(mark + 1)
        if tag is None:
            return
        if self.foreign and tag.name in _BREAKOUT:
            yield from [EndTag("math"), EndTag("svg")] * self.foreign
            self.foreign = 0
        yield tag
        if tag.name in _FOREIGN and self.html[self.at - 2] != "/":
            self.foreign += 1
        elif tag.name in _RAW and not self.foreign:
            yield from self._raw_text(tag.name)

    def _end_tag(self, mark: int) -> Iterator[Token]:
        tag = self._tag(mark + 2)
        if tag is None:
            return
        if tag.name in _FOREIGN:
            self.foreign = max(0, self.foreign - 1)
        yield EndTag(tag.name)

    def _tag(self, at: int) -> StartTag | None:
        """The tag whose name begins at `at`, or None if the page ends inside it (it is no tag)."""
        html = self.html
        attributes: dict[str, str] = {}
        name = _TAG_NAME.match(html, at)
        at = name.end() if name else at
        while (match := _ATTRIBUTE.match(html, at)) is not None:
            if match[5]:
                at = len(html)
                break
            attributes.setdefault(match[1].lower(), match[2] or match[3] or match[4] or "")
            at = match.end()
        rest = _TAG_REST.match(html, at)
        at = rest.end() if rest else at
        self.at = at + 1
        return StartTag(name[0].lower(), attributes) if name and html[at : at + 1] == ">" else None

    def _raw_text(self, name: str) -> Iterator[Token]:
        begin, closing = self.at, "</" + name
        at = self.html.find("</", begin)
        while at >= 0:
            after = at + len(closing)
            if self.html[at:after].lower() == closing and self.html[after : after + 1] in _TAG_ENDS:
                break
            at = self.html.find("</", at + 2)
        self.at = at if at >= 0 else len(self.html)
        if name == "title":
            yield plain_text(self.html[begin : self.at])

    def _skip_comment(self, mark: int) -> None:
        """Move past a comment, a doctype or what the Standard calls a bogus comment."""
        if self.html.startswith("<!--", mark):
            self.at = self._comment_end(mark + 4)
        elif self.foreign and self.html.startswith("<![CDATA[", mark):
            self.at = self._after("]]>", mark + 9)
        else:
            self.at = self._after(">", mark + 2)

    def _comment_end(self, at: int) -> int:
        if self.html.startswith((">", "->"), at):
            return self.html.index(">", at) + 1
        while (at := self.html.find("--", at)) >= 0:
            if self.html.startswith((">", "!>"), at + 2):
                return self.html.index(">", at) + 1
            at += 1
        return len(self.html)

    def _after(self, end: str, at: int) -> int:
        found = self.html.find(end, at)
        return found + len(end) if found >= 0 else len(self.html)


_TAG_ENDS = frozenset([*_SPACE, "/", ">"])
