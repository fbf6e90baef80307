"""The forms of a page, so that every button on it can be pressed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

#: What is sent only when somebody ticks or picks it.
_NOT_SENT: Final = {"submit", "button", "image", "reset", "file", "checkbox"}


Fields = list[tuple[str, str]]


@dataclass
class PageForm:
    """A form to POST: where to, what its fields hold, and its buttons by name and value."""

    action: str
    fields: Fields = field(default_factory=list)
    buttons: Fields = field(default_factory=list)

    def filled(self, **values: str) -> Fields:
        """Return what is sent once these fields hold these values."""
        return [*(pair for pair in self.fields if pair[0] not in values), *values.items()]

    def presses(self) -> Iterator[Fields]:
        """Return what is sent by each of the buttons."""
        for button in self.buttons or [("", "")]:
            yield [*self.fields, *([button] if button[0] else [])]


def forms_of(html: str) -> list[PageForm]:
    """Return the forms of a page that are posted."""
    reader = _Reader()
    reader.feed(html)
    return reader.forms


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self._form: PageForm | None = None
        self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form" and found.get("method", "").lower() == "post":
            self._form = PageForm(found.get("action", ""))
            self.forms.append(self._form)
        elif self._form is not None:
            self._add(tag, found, self._form)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        if self._form is not None and self._textarea:
            name, text = self._form.fields.pop()
            # The line end right after the tag is not part of the text (HTML 4.10.11).
            self._form.fields.append((name, text + data if text else data.removeprefix("\n")))

    def _add(self, tag: str, found: dict[str, str], form: PageForm) -> None:
        name, kind = found.get("name", ""), found.get("type", "").lower()
        value = found.get("value", "")
        if (tag == "button" and kind in ("", "submit")) or (tag == "input" and kind == "submit"):
            form.buttons.append((name, value))
        elif tag == "textarea" and name:
            self._textarea = name
            form.fields.append((name, ""))
        elif tag == "input" and name and kind not in _NOT_SENT and not self._is_other(name, kind):
            form.fields.append((name, value))

    def _is_other(self, name: str, kind: str) -> bool:
        """Say whether it is a radio button after the first, which is the one that is taken."""
        return kind == "radio" and self._form is not None and name in dict(self._form.fields)
