"""A reader's text to safe HTML: a small Markdown, bounded in time for any input.

Plain Python, no Django. Kept: paragraphs with their line breaks, emphasis, links, code, quotes,
lists. Everything else a reader may type (headings, rules, images, tables, raw HTML) is shown as typed.

Python-Markdown is quadratic on unclosed brackets and backticks (its issue #798) and recurses once per
nested quote or list. So links and code spans are matched by linear patterns here, and the prose
outside fenced code is weighed first: beyond ``BUDGETS`` or ``MAX_DEPTH`` it takes the plain path,
escaped paragraphs with line breaks and links, where nothing typed is lost.
"""

from __future__ import annotations

import html
import logging
import re
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

import nh3
from markdown import Markdown
from markdown.blockprocessors import HRProcessor
from markdown.extensions.sane_lists import SaneListExtension
from markdown.inlinepatterns import BacktickInlineProcessor, InlineProcessor
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import ETX, STX, AtomicString

logger = logging.getLogger(__name__)

MAX_LENGTH: Final = 10_000
"""Longest text, in characters, that is read as Markdown."""

MAX_DEPTH: Final = 10
"""Deepest nesting of quotes and lists that is read as Markdown."""

BUDGETS: Final[dict[str, tuple[re.Pattern[str], int]]] = {
    "emphasis": (re.compile(r"\*+|(?<!\w)_+|_+(?!\w)"), 600),
    "backticks": (re.compile(r"`+"), 400),
    "escapes": (re.compile(r"\\[^\w\s]"), 400),
    "links": (re.compile(r"(?i)\bhttps?://|\bmailto:"), 300),
    "rules": (re.compile(r"(?m)^[ >]*+(?:[-_*][ ]*+){3,}+$"), 100),
    "blocks": (re.compile(r"\n\s*\n"), 1_000),
}
"""Most marks of each kind in the prose of one text; above it the text is shown plainly."""

MAX_ITEMS: Final = 1_000
"""Most marks of quotes and lists at the starts of lines."""

MAX_FENCES: Final = 100
"""Most pieces of fenced code."""

TAGS: Final = frozenset(
    {"p", "br", "em", "strong", "a", "code", "pre", "blockquote", "ul", "ol", "li"}
)
LINK_REL: Final = "nofollow ugc noopener"

# A host must follow the slashes: browsers read "http:x" and "http:\\x" as links too.
_URL_START = r"(?i:https?://)[^\s/?#\\<>\"'()\[\]\x00-\x20]"
_SAFE_HREF = re.compile(rf"{_URL_START}|(?i:mailto:)[^\s<>]")
_URL_CHAR = r"[^\s<>\"\x00-\x20]"
_BARE_URL = rf"\b{_URL_START}{_URL_CHAR}*+"
_AUTOLINK = rf"<({_URL_START}{_URL_CHAR}*+)>"
# One level of brackets in the text and of parentheses in the address: no scan passes the next "[" or "(".
_TARGET = r"(?:[^\s<>\"()\x00-\x20]|\([^\s<>\"()\x00-\x20]*+\)|\x02[0-9]++\x03)*+"
_LINK = (
    r"(?<!!)\[((?:[^\[\]]|\[[^\[\]]*+\])++)\]"
    rf"\([ ]?((?:{_URL_START}|(?i:mailto:)){_TARGET})(?:\s++\"([^\"]*+)\")?[ ]?\)"
)

_BREAK: Final = f"{STX}br{ETX}"
_FENCE = re.compile(r"[ ]{0,3}(?P<marks>`{3,}|~{3,})(?P<info>[^`\n]*)")
_TICKS = re.compile(r"`+")
_PREFIX = re.compile(r"(?m)^(?P<indent>[ ]*+)(?P<marks>(?:(?:>|(?:[*+-]|\d++\.)(?=[ ]|$))[ ]*+)++)")
_MARK = re.compile(r">|[*+-]|\d+\.")
_BLANK_LINES = re.compile(r"\n[ ]*\n\s*")
_URL_IN_TEXT = re.compile(_BARE_URL)
_AUTHORITY = re.compile(r"(?i)https?://([^\s/?#\\<>\"'`()\[\]]++)")
_SENTENCE_END = ".,;:!?'*_~]"


# Those that read their last text to its end, and have forgotten it: to make one costs more than to read a
# text, and one that failed keeps what it was at. A list: it is taken from and given to in one step.
_parsers: list[Markdown] = []


def render_reply(text: str) -> str:
    """The HTML of a reader's ``text``: tags of ``TAGS`` only, links with ``LINK_REL``. Never raises."""
    text = _normalise(text)
    if len(text) > MAX_LENGTH or over_budget(text):
        return _sanitise(_plain(text))
    try:
        parser = _parser()
        markup = parser.convert(text)
    except Exception:  # a fault of the parser must not lose what somebody wrote
        logger.exception("A reply could not be read as Markdown")
        return _sanitise(_plain(text))
    _parsers.append(parser.reset())
    return _sanitise(markup)


def _parser() -> Markdown:
    """A parser that nobody else is using."""
    try:
        return _parsers.pop()
    except IndexError:
        return _markdown()


def over_budget(text: str) -> str:
    """The name of the first bound that ``text`` exceeds (see ``BUDGETS``), or an empty string.

    Linear in the length of ``text``. What stands in fenced code is not counted: it is never parsed.
    """
    segments = list(_segments(text.expandtabs(4)))
    if len(segments) > 2 * MAX_FENCES:
        return "fences"
    prose = "\n\n".join(part for part, is_code in segments if not is_code)
    levels = [_level(match) for match in _PREFIX.finditer(prose)]
    if max(levels, default=0) > MAX_DEPTH:
        return "depth"
    if sum(levels) > MAX_ITEMS:
        return "items"
    for name, (pattern, limit) in BUDGETS.items():
        if sum(1 for _ in pattern.finditer(prose)) > limit:
            return name
    return ""


def link_hosts(html_or_text: str) -> tuple[str, ...]:
    """The hosts of every http(s) address in a rendered reply or in plain text, once each, in order.

    Lower case, without port, credentials and final dot. An address shown but not linked counts too.
    """
    unescaped = html.unescape(html_or_text)
    hosts = (_host(match[1]) for match in _AUTHORITY.finditer(unescaped))
    return tuple(dict.fromkeys(host for host in hosts if host))


def count_links(rendered: str) -> int:
    """How many links there are in the HTML of ``render_reply``."""
    return rendered.count("<a href=")


def _host(authority: str) -> str:
    """The host a browser would ask for: decoded and normalised as in UTS 46, but not in Punycode."""
    host, _, port = authority.rpartition("@")[2].partition(":")
    if port and not port.strip(_SENTENCE_END).isdecimal():
        return ""
    host = unicodedata.normalize("NFKC", unquote(host)).replace("\u3002", ".")
    visible = "".join(c for c in host if unicodedata.category(c) != "Cf")
    return visible.rstrip(_SENTENCE_END).lower()


def _normalise(text: str) -> str:
    """``text`` with one kind of line end, without control characters and lone surrogates."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", text).strip("\n").rstrip()


def _segments(text: str) -> Iterator[tuple[str, bool]]:
    """The parts of ``text`` and whether each is fenced code, in one pass over the lines.

    An open fence runs to the end of the text, as in CommonMark (spec 0.31, section 4.5).
    """
    part: list[str] = []
    fence = ""
    for line in text.split("\n"):
        match = _FENCE.fullmatch(line)
        if fence and match and match["marks"].startswith(fence) and not match["info"].strip():
            yield "\n".join(part), True
            fence, part = "", []
        elif match and not fence:
            yield "\n".join(part), False
            fence, part = match["marks"], []
        else:
            part.append(line)
    yield "\n".join(part), bool(fence)


def _level(match: re.Match[str]) -> int:
    """How deep a line may be nested: its opening marks, and a level per four spaces before them."""
    return len(match["indent"]) // 4 + len(_MARK.findall(match["marks"]))


def _plain(text: str) -> str:
    """``text`` as escaped paragraphs with line breaks and links; linear in its length."""
    paragraphs = (_link_addresses(part) for part in _BLANK_LINES.split(text) if part.strip())
    return "\n".join(f"<p>{part}</p>" for part in paragraphs).replace(_BREAK, "<br>\n")


def _link_addresses(text: str) -> str:
    parts: list[str] = []
    position = 0
    for match in _URL_IN_TEXT.finditer(text):
        url = html.escape(_trim(match[0]))
        parts += [html.escape(text[position : match.start()]), f'<a href="{url}">{url}</a>']
        position = match.start() + len(_trim(match[0]))
    parts.append(html.escape(text[position:]))
    return "".join(parts).replace("\n", _BREAK)


def _trim(url: str) -> str:
    """``url`` without the punctuation that ends the sentence around it."""
    unopened = url.count(")") - url.count("(")
    end = len(url)
    while end and (url[end - 1] in _SENTENCE_END or (url[end - 1] == ")" and unopened > 0)):
        unopened -= url[end - 1] == ")"
        end -= 1
    return url[:end]


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "href":
        return value if _SAFE_HREF.match(value) else None
    if name == "start":
        return value if re.fullmatch(r"[0-9]{1,9}", value) else None
    return value


_CLEANER: Final = nh3.Cleaner(
    tags=set(TAGS),
    attributes={"a": {"href", "title"}, "ol": {"start"}},
    attribute_filter=_attribute,
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel=LINK_REL,
)


def _sanitise(markup: str) -> str:
    return _CLEANER.clean(markup)


class _Fences(Preprocessor):
    """Takes fenced code out of the text before anything else reads it."""

    def run(self, lines: list[str]) -> list[str]:
        parts = (
            f"\n\n{self._stash(part)}\n\n" if is_code else part
            for part, is_code in _segments("\n".join(lines))
        )
        return "".join(parts).split("\n")

    def _stash(self, code: str) -> str:
        return self.md.htmlStash.store(f"<pre><code>{html.escape(code.rstrip())}\n</code></pre>")


class _RuleAsText(HRProcessor):
    """Shows ``* * *`` as typed: without a rule it would be read as lists in lists."""

    def run(self, parent: ET.Element, blocks: list[str]) -> None:
        typed = self.match.group(0).strip()
        super().run(parent, blocks)
        parent[-1].tag, parent[-1].text = "p", AtomicString(typed)


class _CodeSpan(BacktickInlineProcessor):
    """A span ends at the next run of as many backticks, or is none."""

    def find_code_spans(self, start: int, text: str) -> tuple[int, int | None]:  # type: ignore[override]
        opening = _TICKS.match(text, start)
        after = opening.end() if opening else start + 1
        for run in _TICKS.finditer(text, after):
            if len(run[0]) == after - start:
                return after, run.start()
        return after, None


class _Link(InlineProcessor):
    """``[text](address "title")``; an address of another kind leaves all of it as text."""

    ANCESTOR_EXCLUDES = ("a",)

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[ET.Element, int, int]:  # type: ignore[override]  # noqa: N802
        link = ET.Element("a", href=m[2])
        if m[3]:
            link.set("title", self.unescape(m[3]))
        link.text = m[1]
        return link, m.start(), m.end()


class _Address(InlineProcessor):
    """An address in the text, with or without angle brackets, becomes a link to itself."""

    ANCESTOR_EXCLUDES = ("a",)

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[ET.Element, int, int]:  # type: ignore[override]  # noqa: N802
        bracketed = m[0].startswith("<")
        url = m[1] if bracketed else _trim(m[0])
        link = ET.Element("a", href=url)
        link.text = AtomicString(url)
        return link, m.start(), m.end() if bracketed else m.start() + len(url)


class _KeepBreaks(Treeprocessor):
    """Marks the line breaks of prose before inline markup is read: one match per line would cost more."""

    def run(self, root: ET.Element) -> None:
        for element in root.iter():
            if element.text and not isinstance(element.text, AtomicString):
                element.text = element.text.rstrip().replace("\n", _BREAK)
            if element.tail:
                element.tail = "\n" + element.tail.strip().replace("\n", _BREAK)


class _Breaks(Postprocessor):
    def run(self, text: str) -> str:
        return text.replace(_BREAK, "<br>\n")


_UNUSED_INLINE = (
    *("reference", "image_link", "image_reference", "short_reference", "short_image_ref"),
    *("automail", "linebreak", "html", "entity"),
)
_UNUSED_BLOCKS = ("hashheader", "setextheader", "reference")


def _markdown() -> Markdown:
    """A parser of the readers' Markdown."""
    md = Markdown(extensions=[SaneListExtension()])
    md.preprocessors.deregister("html_block")
    for name in _UNUSED_BLOCKS:
        md.parser.blockprocessors.deregister(name)
    for name in _UNUSED_INLINE:
        md.inlinePatterns.deregister(name)
    md.preprocessors.register(_Fences(md), "fences", 25)
    md.parser.blockprocessors.register(_RuleAsText(md.parser), "hr", 50)
    md.inlinePatterns.register(
        _CodeSpan(r"(?:(?<!\\)((?:\\{2})+)(?=`+)|(?<!\\)`)"), "backtick", 190
    )
    md.inlinePatterns.register(_Link(_LINK, md), "link", 160)
    md.inlinePatterns.register(_Address(_AUTOLINK, md), "autolink", 120)
    md.inlinePatterns.register(_Address(_BARE_URL, md), "address", 115)
    md.treeprocessors.register(_KeepBreaks(md), "keep_breaks", 30)
    md.postprocessors.register(_Breaks(md), "breaks", 10)
    return md
