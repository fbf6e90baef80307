"""What is said on a page outside of the marks that the fixture “marked” puts around translations."""

import re

from tests.languages.spoken import Spoken

# What the tests type, names of programs and protocols, addresses.
DATA = re.compile(
    r"Qu+x\w*|https?://\S+|\S+\.example\S*|\S+@\S+|user\d+|quux\S*"
    r"|#[0-9a-f]{6}|\b(?:RSS|Atom|JSON Feed|Recovery|UTC|pingback|webmention|Pingback|Spam|NUL|approve|text|en|de)\b"
)
# Django's own words of two icons.
ALLOWED = {"True", "Search"}
WORD = re.compile(r"[^\W\d_]{2,}")
MARKED = re.compile(r"⟦[^⟦⟧]*⟧")
CUT = "\x1f"


def unmarked(markup: str, within: str) -> set[str]:
    """Return what stands outside of the marks; elements may begin and end inside of them."""
    page, found = Spoken(markup, within), set()
    for text in (CUT.join(page.text), *page.said):
        while (bare := MARKED.sub(CUT, text)) != text:
            text = bare
        for piece in DATA.sub(" ", text).split(CUT):
            if WORD.search(piece):
                found.add(" ".join(piece.split()))
    return found - ALLOWED


def look(client, url: str, within: str, **post: str) -> set[str]:
    response = client.post(url, post) if post else client.get(url)
    assert response.status_code < 500
    return unmarked(response.content.decode(), within)
