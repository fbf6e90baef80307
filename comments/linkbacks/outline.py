"""The microformats of a stranger's page written anew: well-formed, without the rest, bounded.

mf2py reads deep pages by recursion, copies the text of every property around a piece of text, and
walks an element that is both a root and two properties twice, nested ones twice as often again.
The trees it reads cost more still (see `markup`). So it never sees a stranger's page, only this
extract: at most so many elements, so deep, with so much work in it as is counted beforehand.

Sources: microformats2 parsing specification; HTML Standard, 13.1.2.4 "Optional tags".
"""

import re
from collections import Counter
from html import escape
from itertools import islice
from typing import Final

from comments.linkbacks.addresses import MAX_URL_LENGTH
from comments.linkbacks.markup import EndTag, StartTag, names, tokens
from comments.linkbacks.verification import Addresses, resolve

#: A page beyond any of these is read without its microformats.
MAX_CHARACTERS: Final = 500_000
MAX_ELEMENTS: Final = 10_000
MAX_DEPTH: Final = 100
#: Characters written, and copied over all properties; an element in a property counts as 50.
MAX_WORK: Final = 3_000_000

# Style sheets have taken to h-full and h-screen, so only what is known to be a root is one.
_ROOTS: Final = names(
    "h-adr h-card h-cite h-entry h-event h-feed h-geo h-item h-listing h-product h-recipe h-resume"
    " h-review"
)
_PROPERTY: Final = re.compile(r"(?:p|u|dt|e)-[a-z0-9]{1,20}(?:-[a-z0-9]{1,20}){0,3}")
#: Not read; and a portrait inside an author's link would keep that from being the author's address.
_PICTURES: Final = names("u-photo u-logo u-featured")
_VALUES: Final = names("value value-title")
_MAX_CLASSES: Final = 8
#: Of a root's properties only the first of these, or its first at all, is kept.
_PREFERRED: Final = ("in-reply-to", "repost-of", "like-of", "author", "comment")
#: The property by which `Outline` marks a link to the article.
LINK: Final = "x-target"

#: Elements whose name means something to the parser; the others are all alike to it.
_TELLING: Final = names("a abbr area br data del img input ins link p pre time")
_TELLING_ATTRIBUTES: Final = ("href", "alt", "title", "value", "datetime")
_VOID: Final = names("area base br col embed hr img input link meta param source track wbr")
_UNREAD: Final = names("template svg math")
#: HTML Standard, 13.1.2.4: what ends an open paragraph, and which siblings end each other.
_ENDS_P: Final = names(
    "address article aside blockquote dd details dialog div dl dt fieldset figcaption figure footer"
    " form h1 h2 h3 h4 h5 h6 header hgroup hr li main menu nav ol p pre search section table ul"
)
_SIBLINGS: Final = {
    name: row for row in map(names, ("li", "dt dd", "td th", "tr", "option", "a")) for name in row
}


class TooMuch(Exception):
    """The page would cost more than its microformats are worth."""


class Outline:
    """Writes the microformats of a page anew: well-formed, without the rest, within the limits."""

    def __init__(self, page_url: str, targets: frozenset[str]) -> None:
        self.addresses = Addresses(page_url, targets)
        self.pieces: list[str] = []
        self.has_entry = False
        #: Name, end tag, and how many elements with microformats this is in, itself included.
        self.open: list[tuple[str, str, int]] = []
        self.open_names: Counter[str] = Counter()
        self.unread: tuple[str, int] | None = None
        self.elements = 0
        self.work = 0

    def read(self, html: str) -> None:
        """Read a page. Raises TooMuch as soon as it is beyond a limit."""
        if len(html) > MAX_CHARACTERS:
            raise TooMuch
        for token in tokens(html):
            if self.unread is not None:
                self._skip(token, *self.unread)
            elif isinstance(token, StartTag):
                self._start(token)
            elif isinstance(token, EndTag):
                self._end(token.name)
            elif self._inside():
                self._write(escape(token, quote=False), len(token))
        while self.open:
            self._pop()

    def _skip(self, token: StartTag | EndTag | str, name: str, count: int) -> None:
        """Pass over what is in a template or drawing, which may hold others of its kind."""
        if not isinstance(token, str) and token.name == name:
            count += 1 if isinstance(token, StartTag) else -1
            self.unread = (name, count) if count else None

    def _inside(self) -> int:
        return self.open[-1][2] if self.open else 0

    def _start(self, tag: StartTag) -> None:
        self.elements += 1
        if self.elements > MAX_ELEMENTS:
            raise TooMuch
        while self.open and _ends(tag.name, self.open[-1][0]):
            self._pop()
        if tag.name in _UNREAD:
            self.unread = (tag.name, 1)
        elif tag.name == "base":
            self.addresses.rebase(tag.get("href"))
        else:
            self._element(tag)

    def _element(self, tag: StartTag) -> None:
        classes = _classes(tag)
        inside = self._inside()
        inside += bool(classes) and (inside > 0 or not _ROOTS.isdisjoint(classes))
        self.has_entry = self.has_entry or "h-entry" in classes
        # A div would end an open paragraph.
        alike = "span" if self.open_names["p"] else "div"
        name = tag.name if tag.name in _TELLING else alike
        if inside:
            alternative = len(tag.attributes.get("alt", ""))  # copied like text
            self._write(f"<{name}{self._attributes(tag, classes)}>", 50 + alternative)
        if tag.name not in _VOID:
            self._push(tag.name, f"</{name}>" if inside else "", inside)
        elif name == alike and inside:
            self.pieces.append(f"</{name}>")

    def _attributes(self, tag: StartTag, classes: list[str]) -> str:
        if tag.name == "a" and _ROOTS.isdisjoint(classes) and self._links(tag):
            classes = [*classes, f"u-{LINK}"]
        pairs = [("class", " ".join(classes))] if classes else []
        if tag.name in _TELLING or "value-title" in classes:
            found = ((name, tag.get(name)) for name in _TELLING_ATTRIBUTES)
            pairs += [
                (name, self._value(name, value)) for name, value in found if value is not None
            ]
        return "".join(f' {name}="{escape(value)}"' for name, value in pairs)

    def _value(self, name: str, value: str) -> str:
        is_address = name == "href" and len(value) <= MAX_URL_LENGTH
        return resolve(self.addresses.base, value) if is_address else value

    def _links(self, tag: StartTag) -> bool:
        return self.addresses.find(tag.get("href") or "") in self.addresses.wanted

    def _push(self, name: str, end_tag: str, inside: int) -> None:
        if len(self.open) >= MAX_DEPTH:
            raise TooMuch
        self.open.append((name, end_tag, inside))
        self.open_names[name] += 1

    def _end(self, name: str) -> None:
        if self.open_names[name]:
            while self._pop() != name:
                pass

    def _pop(self) -> str:
        name, end_tag, _ = self.open.pop()
        self.open_names[name] -= 1
        self.pieces.append(end_tag)
        return name

    def _write(self, piece: str, copied: int) -> None:
        self.work += len(piece) + self._inside() * copied
        if self.work > MAX_WORK:
            raise TooMuch
        self.pieces.append(piece)


def _ends(name: str, last: str) -> bool:
    """Whether a start tag ends the element before it, as its end tag may be left out."""
    return last in _SIBLINGS.get(name, ()) or (last == "p" and name in _ENDS_P)


def _classes(tag: StartTag) -> list[str]:
    """The classes of an element that are microformats2, a root's properties reduced to one.

    What is embedded markup (``e-``) is read as text (``p-``): only its text is wanted.
    """
    found = list(islice(filter(_is_ours, (tag.get("class") or "").split()), _MAX_CLASSES))
    if "title" not in tag.attributes:
        found = [name for name in found if name != "value-title"]  # mf2py joins the None it finds
    roots = [name for name in found if name in _ROOTS]
    others = ["p" + name[1:] if name.startswith("e-") else name for name in found]
    others = [name for name in others if name not in _ROOTS]
    return roots + (sorted(others, key=_preference)[:1] if roots else others)


def _is_ours(name: str) -> bool:
    if name in _ROOTS or name in _VALUES:
        return True
    return _PROPERTY.fullmatch(name) is not None and name not in _PICTURES


def _preference(name: str) -> int:
    rest = name.partition("-")[2]
    return _PREFERRED.index(rest) if rest in _PREFERRED else len(_PREFERRED)
