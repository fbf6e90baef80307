"""What people read or hear of a page: its text, and the attributes that are spoken."""

from html.parser import HTMLParser

ATTRIBUTES = {"alt", "aria-label", "aria-description", "content", "label", "placeholder", "title"}
# Buttons say their value.
SAID_BY_BUTTONS = ("submit", "button", "reset")
SILENT = ("script", "style", "code", "kbd")


class Spoken(HTMLParser):
    """Collects what people read in some markup; ``within`` is the id of the only part that counts."""

    def __init__(self, markup: str, within: str = "") -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.text: list[str] = []
        self.said: list[str] = []  # the attributes alone
        self.silent = 0
        self.within, self.depth = within, 0 if within else 1
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        if tag in ("input", "br", "hr", "img", "meta", "link", "col", "wbr", "rect", "line"):
            self._take(tag, said)
            return
        if self.within:
            self.depth += self.depth > 0 or self.within in (said.get("id"), tag)
        self.silent += tag in SILENT
        self._take(tag, said)

    def handle_startendtag(self, tag, attrs):
        self._take(tag, dict(attrs))

    def handle_endtag(self, tag):
        if self.within and self.depth:
            self.depth -= 1
        self.silent -= tag in SILENT

    def handle_data(self, data):
        if self.depth and not self.silent:
            self.found.append(data)
            self.text.append(data)

    def _take(self, tag, said):
        if not self.depth:
            return
        is_button = tag == "input" and said.get("type") in SAID_BY_BUTTONS
        spoken = [
            value or ""
            for name, value in said.items()
            if name in ATTRIBUTES or (name == "value" and is_button)
        ]
        self.found += spoken
        self.said += spoken
