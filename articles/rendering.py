"""An author's Markdown to safe HTML: articles, FAQ answers and summaries. Plain Python, no Django.

The text goes through Python-Markdown, nh3, the rewriting of ids and boxes below, and nh3 again: what
leaves this module was sanitised last. nh3 escapes ``<`` and ``>`` in text and attributes alike, so
between its two passes a tag is exactly what ``<[a-z]…>`` matches.

Ids: every id of a body starts with ``s-`` and every id of an answer with that entry's own anchor, so no
text can make the id of a page part (``comment-12``, ``respond``). They follow from the text alone: the
same in every process, whatever was rendered before.

Time: authors are trusted to wait. A megabyte of prose takes seconds; Python-Markdown is quadratic on
unclosed ``[`` (10,000 of them: about 10 s; its issue #798) and on headings without blank lines between
them (3,000: 0.7 s; 20,000: 34 s). Render when a text is saved, not per request.
"""

from __future__ import annotations

import html
import logging
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote

import nh3
from markdown import Markdown
from markdown.extensions.codehilite import CodeHiliteExtension
from markdown.extensions.fenced_code import FencedBlockPreprocessor, FencedCodeExtension
from markdown.extensions.footnotes import FootnoteExtension
from markdown.extensions.tables import TableExtension
from pygments.token import STANDARD_TYPES

logger = logging.getLogger(__name__)

BODY_PREFIX: Final = "s-"
"""What every id in an article's body starts with."""

BODY_TOP: Final = 2
"""The level of a body's outermost headings, whatever the author began with: the page's h1 is the title."""

ANSWER_TOP: Final = 4
"""The same in an answer, which stands under an h3 question in an h2 section."""

MAX_SLUG: Final = 80
"""Longest id made from a heading, in characters, without prefix and number."""


@dataclass(frozen=True)
class Heading:
    """One heading of a rendered text: its level on the page (2 to 6), its id and its plain text."""

    level: int
    id: str
    text: str


@dataclass(frozen=True)
class Rendered:
    """Safe HTML and its headings in order of appearance."""

    html: str
    headings: tuple[Heading, ...]


def render_article(text: str) -> Rendered:
    """The HTML and headings of an article's body. Never raises."""
    return _render(text, BODY_PREFIX, BODY_TOP)


def render_answer(text: str, *, anchor: str, top: int = ANSWER_TOP) -> str:
    """The HTML of a FAQ answer, or of another text beside the article, with headings from level ``top``.

    Ids in it start with ``anchor`` and two hyphens, which no anchor holds. Never raises.
    """
    return _render(text, f"{anchor}--", top).html


def headings_in(rendered: str) -> list[str]:
    """The texts of the headings of rendered HTML, in order."""
    return [plain_text(match[3], len(match[3])) for match in _HEADING.finditer(rendered)]


def plain_text(rendered: str, limit: int) -> str:
    """The text of rendered HTML without headings, code and footnotes, cut at a word's end to ``limit`` characters.

    What lies behind the limit is not looked at: a list of articles costs the same however long they are.
    """
    return _cut(_beginning(rendered, limit, _PARTS), limit)


def all_text(rendered: str, limit: int) -> str:
    """The same with headings, code and footnotes: all that is said, for who does not see it rendered."""
    return _cut(_beginning(rendered, limit, _ALL_PARTS), limit)


def _cut(pieces: Iterable[str], limit: int) -> str:
    text = " ".join("".join(pieces).split())
    if len(text) <= limit:
        return text
    cut = text[: max(limit - 1, 0)]
    if text[len(cut)] != " " and " " in cut:
        cut = cut.rsplit(" ", 1)[0]
    return (cut.rstrip(" ,;:.-") + "…")[: max(limit, 0)]


def _beginning(rendered: str, limit: int, parts: re.Pattern[str]) -> Iterator[str]:
    """The pieces of the text, with a blank for each block, until there are more characters than wanted."""
    seen = 0
    for part in parts.finditer(rendered):
        piece = html.unescape(part["text"] or "")
        seen += len(" ".join(piece.split()))
        yield " " if part["block"] or part["aside"] else piece
        if seen > limit:
            return


def heading_id(text: str) -> str:
    """``text`` as an id: letters, marks and digits of any script, lower case, joined by hyphens."""
    return _id_part(unicodedata.normalize("NFKC", text).lower())[:MAX_SLUG].strip("-") or "section"


def _render(text: str, prefix: str, top: int) -> Rendered:
    clean = _CLEANER.clean(_convert(_normalise(text)))
    outermost = min((int(level) for level, *_ in _HEADING.findall(clean)), default=1)
    markup, headings = _anchor(clean, _Ids(prefix), top - outermost)
    return Rendered(_final_cleaner(prefix).clean(_box(_contents(markup, headings))), headings)


def _normalise(text: str) -> str:
    """``text`` without lone surrogates and the control characters that HTML forbids."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "", text)


def _convert(text: str) -> str:
    try:
        return _markdown().convert(text)
    except (
        Exception
    ):  # RecursionError, or a fault of an extension: the author must still see the text
        logger.exception("An author's text could not be read as Markdown")
        return "".join(f"<p>{html.escape(part)}</p>\n" for part in re.split(r"\n\s*\n", text))


class _Fences(FencedBlockPreprocessor):
    """Fences whose braces may colour lines and set the language, and pass nothing else to Pygments."""

    def handle_attrs(
        self, attrs: Iterable[tuple[str, str | None]]
    ) -> tuple[str, list[str], dict[str, Any]]:
        ident, classes, options = super().handle_attrs(attrs)  # type: ignore[arg-type]
        return ident, classes[:1], {k: v for k, v in options.items() if k == "hl_lines"}


class _FencedCode(FencedCodeExtension):
    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the name is Markdown's
        super().extendMarkdown(md)
        md.preprocessors.register(_Fences(md, self.getConfigs()), "fenced_code_block", 25)


class _Footnotes(FootnoteExtension):
    def setFootnote(self, id: str, text: str) -> None:  # noqa: A002, N802
        """Gives an empty note a text: one without a paragraph stops the whole conversion."""
        super().setFootnote(id, text if text.strip() else "&#160;")


def _markdown() -> Markdown:
    """A parser of the authors' Markdown: a new one for each text, as it keeps state."""
    return Markdown(
        extensions=[
            TableExtension(use_align_attribute=True),
            _Footnotes(SEPARATOR="-", USE_DEFINITION_ORDER=False),
            _FencedCode(),
            CodeHiliteExtension(guess_lang=False, noclasses=False, linenums=False),
            *("def_list", "abbr", "attr_list", "admonition", "sane_lists", "md_in_html"),
        ]
    )


# What may stay -----------------------------------------------------------------------------------

TAGS: Final = frozenset(
    re.findall(
        r"\w+",
        "a abbr b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt em"
        " figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark nav ol p pre q rp rt ruby s samp"
        " small span strong sub summary sup table tbody td tfoot th thead time tr u ul var wbr",
    )
)
ATTRIBUTES: Final[dict[str, frozenset[str]]] = {
    "*": frozenset({"id", "lang", "dir", "title"}),
    "a": frozenset({"href", "hreflang", "rel"}),
    "col": frozenset({"span"}),
    "colgroup": frozenset({"span"}),
    "del": frozenset({"datetime"}),
    "details": frozenset({"open"}),
    "img": frozenset({"src", "alt", "width", "height", "loading"}),
    "ins": frozenset({"datetime"}),
    "li": frozenset({"value"}),
    "ol": frozenset({"start", "reversed"}),
    "td": frozenset({"colspan", "rowspan"}),
    "th": frozenset({"colspan", "rowspan", "scope"}),
    "time": frozenset({"datetime"}),
}
URL_SCHEMES: Final = frozenset({"http", "https", "mailto"})
ADMONITIONS: Final = frozenset(
    {"note", "tip", "hint", "important", "attention", "caution", "warning", "danger", "error"}
)
CLASSES: Final[dict[str, frozenset[str]]] = {
    "a": frozenset({"footnote-ref", "footnote-backref"}),
    "div": frozenset({"admonition", "codehilite", "footnote", "scroll"}) | ADMONITIONS,
    "li": frozenset(f"toc-{level}" for level in range(2, 7)),
    "nav": frozenset({"toc"}),
    "p": frozenset({"admonition-title"}),
    "span": frozenset(name for name in STANDARD_TYPES.values() if name) | {"hll"},
    "td": frozenset({"align-left", "align-center", "align-right"}),
    "th": frozenset({"align-left", "align-center", "align-right"}),
}
_ALIGNMENTS: Final = {"align": {"left", "center", "right"}}
_BOX: Final = '<div class="scroll" tabindex="0" role="region" aria-label="Table">'
_BOX_VALUES: Final = {"tabindex": {"0"}, "role": {"region"}, "aria-label": {"Table"}}

_NUMBER = re.compile(r"-?[0-9]{1,5}")
_VALUES: Final[dict[str, re.Pattern[str]]] = {
    "colspan": re.compile(r"[0-9]{1,3}"),
    "dir": re.compile(r"ltr|rtl|auto"),
    "height": re.compile(r"[0-9]{1,5}"),
    "loading": re.compile(r"lazy|eager"),
    "rel": re.compile(
        r"(?:(?:author|license|me|nofollow|noopener|noreferrer|sponsored|ugc)(?: |$))+"
    ),
    "rowspan": re.compile(r"[0-9]{1,3}"),
    "scope": re.compile(r"row|col|rowgroup|colgroup"),
    "span": re.compile(r"[0-9]{1,3}"),
    "start": _NUMBER,
    "value": _NUMBER,
    "width": re.compile(r"[0-9]{1,5}"),
}


def _attribute(tag: str, name: str, value: str) -> str | None:
    pattern = _VALUES.get(name)
    return value if pattern is None or pattern.fullmatch(value) else None


_CLEANER: Final = nh3.Cleaner(
    tags=set(TAGS),
    attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
    attribute_filter=_attribute,
    tag_attribute_values={"td": _ALIGNMENTS, "th": _ALIGNMENTS},
    allowed_classes={tag: set(names) for tag, names in CLASSES.items()},
    url_schemes=set(URL_SCHEMES),
    link_rel=None,
)


def _final_cleaner(prefix: str) -> nh3.Cleaner:
    """The same allow-list, with our boxes, and with no id but those of this text."""

    def attribute(tag: str, name: str, value: str) -> str | None:
        if name == "id" and not value.startswith(prefix):
            return None
        return _attribute(tag, name, value)

    return nh3.Cleaner(
        tags=set(TAGS),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=attribute,
        tag_attribute_values={
            "div": _BOX_VALUES,
            "nav": {"aria-label": {"Contents"}},
            "pre": {"tabindex": {"0"}},
        },
        allowed_classes={tag: set(names) for tag, names in CLASSES.items()},
        url_schemes=set(URL_SCHEMES),
        link_rel=None,
    )


# Ids, headings and boxes -------------------------------------------------------------------------

_ID = re.compile(r'(<[a-z][^<>]*? id=")([^"<>]*)"')
_LOCAL_LINK = re.compile(r'(<a [^<>]*?href="#)([^"<>]*)"')
_HEADING = re.compile(r"<h([1-6])((?: [^<>]*)?)>(.*?)</h\1>", re.DOTALL)
_HEADING_ID = re.compile(r' id="([^"<>]*)"')
# What a text is taken apart into: the marks that lead to footnotes, what is left aside, tags, and what is between.
_MARK = r'<sup(?: [^<>]*)?><a (?:[^<>]* )?class="footnote-ref".*?</a></sup>'
_ASIDE = r"<(?P<aside>{})\b[^<>]*>.*?</(?P=aside)>"
_BETWEEN = (
    r"(?P<block></?(?:p|div|h[1-6]|li|[ou]l|d[ldt]|br|hr|pre|blockquote|table|t[rdh]|figure|figcaption"
    r"|details|summary|nav)\b[^<>]*>)|</?[a-z][^<>]*>|(?P<text>[^<]+|<)"
)


def _apart(aside: str, left_out: str) -> re.Pattern[str]:
    return re.compile("|".join((left_out, _MARK, _ASIDE.format(aside), _BETWEEN)), re.DOTALL)


# Headings, code and footnotes say little by themselves; the ways back from footnotes say nothing at all.
_PARTS = _apart("h[1-6]|pre|nav", r'<div class="footnote">.*?</ol>\s*</div>')
_ALL_PARTS = _apart("nav", r'<a (?:[^<>]* )?class="footnote-backref".*?</a>')
_BACKLINK = re.compile(r'(?:&nbsp;)?<a class="footnote-backref" href="#([^"<>]*)"[^<>]*>[^<>]*</a>')
_EXTERNAL = re.compile(r'<a ((?:[^<>]* )?href="(?:https?:)?//[^<>]*)>', re.IGNORECASE)
_REL = re.compile(r' ?\brel="([^"<>]*)"')
_ALIGN = re.compile(r'(<t[dh] (?:[^<>]* )?)align="([a-z]+)"')


@dataclass
class _Ids:
    """The ids given out in one text, and what the author wrote for them."""

    prefix: str
    written: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)

    def claim(self, wanted: str, written: str) -> str:
        """An id not given out yet: ``wanted`` with the prefix, and ``-2``, ``-3`` where it is taken."""
        found = base = self.prefix + wanted
        while found in self.used:
            self.counts[base] = self.counts.get(base, 1) + 1
            found = f"{base}-{self.counts[base]}"
        self.used.add(found)
        self.written.setdefault(written, found)
        return found

    def target(self, fragment: str) -> str | None:
        """The id that a link to ``#fragment`` means, or None where the text has no such id."""
        name = unquote(html.unescape(fragment))
        bare = name.removeprefix(self.prefix)
        return (
            self.written.get(name) or self.written.get(bare) or self.written.get(heading_id(bare))
        )


def _id_part(text: str) -> str:
    kept = (c if unicodedata.category(c)[0] in "LMN" or c == "_" else "-" for c in text)
    return re.sub(r"-{2,}", "-", "".join(kept)).strip("-")


def _anchor(markup: str, ids: _Ids, shift: int) -> tuple[str, tuple[Heading, ...]]:
    """``markup`` with final ids, headings and local links, and the headings.

    Ids the author wrote come first; headings without one take what is left.
    """
    headings: list[Heading] = []

    def own(match: re.Match[str]) -> str:
        written = html.unescape(match[2])
        wanted = _id_part(written.removeprefix(ids.prefix))[:MAX_SLUG] or "section"
        return f'{match[1]}{ids.claim(wanted, written)}"'

    def heading(match: re.Match[str]) -> str:
        level = min(int(match[1]) + shift, 6)
        found = _HEADING_ID.search(match[2])
        text = plain_text(match[3], len(match[3]))
        slug = heading_id(text)
        ident = found[1] if found else ids.claim(slug, slug)
        headings.append(Heading(level, ident, text))
        attributes = match[2] if found else f'{match[2]} id="{ident}"'
        return f"<h{level}{attributes}>{match[3]}</h{level}>"

    def link(match: re.Match[str]) -> str:
        return f'{match[1]}{ids.target(match[2]) or match[2]}"'

    def backlink(match: re.Match[str]) -> str:  # a note nobody refers to leads nowhere
        return match[0] if match[1] in ids.used else ""

    markup = _HEADING.sub(heading, _ID.sub(own, markup))
    markup = _LOCAL_LINK.sub(link, markup)
    return _BACKLINK.sub(backlink, markup), tuple(headings)


def _contents(markup: str, headings: tuple[Heading, ...]) -> str:
    """``markup`` with ``[TOC]``, alone in a paragraph, replaced by links to the headings."""
    if "<p>[TOC]</p>" not in markup:
        return markup
    items = "".join(
        f'<li class="toc-{h.level}"><a href="#{h.id}">{html.escape(h.text)}</a></li>'
        for h in headings
    )
    nav = f'<nav class="toc" aria-label="Contents"><ul>{items}</ul></nav>' if items else ""
    return markup.replace("<p>[TOC]</p>", nav)


def _box(markup: str) -> str:
    """Makes wide tables and code scrollable by keyboard; guards links to elsewhere; aligns by class."""
    markup = _ALIGN.sub(r'\1class="align-\2"', markup)
    markup = _EXTERNAL.sub(_guard, markup)
    markup = re.sub(r"<table\b", f"{_BOX}<table", markup).replace("</table>", "</table></div>")
    return re.sub(r"<pre\b", '<pre tabindex="0"', markup)


def _guard(match: re.Match[str]) -> str:
    rel = _REL.search(match[1])
    tokens = dict.fromkeys([*(rel[1].split() if rel else ()), "noopener"])
    return f'<a {_REL.sub("", match[1])} rel="{" ".join(tokens)}">'
