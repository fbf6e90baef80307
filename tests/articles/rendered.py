"""What the tests of rendering look for in HTML, and texts to try."""

import re

from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser, LexborNode

from articles.rendering import ATTRIBUTES, CLASSES, TAGS

BOXES = {"div": {"tabindex", "role", "aria-label"}, "nav": {"aria-label"}, "pre": {"tabindex"}}
SAFE_URL = re.compile(r"(?i)(?:https?|mailto):|(?![a-z][a-z0-9+.-]*:)")


def body(markup: str) -> LexborNode:
    root = LexborHTMLParser(f"<body>{markup}</body>").body
    assert root is not None
    return root


def ids(markup: str) -> list[str]:
    return [str(node.attributes["id"]) for node in body(markup).css("[id]")]


def local_targets(markup: str) -> list[str]:
    return [str(node.attributes["href"])[1:] for node in body(markup).css("a[href^='#']")]


def assert_safe(markup: str, prefix: str = "s-") -> None:
    """Nothing outside the allow-lists, no address of another scheme, no id without the prefix."""
    for node in body(markup).css("*"):
        if node.tag == "body":
            continue
        assert node.tag in TAGS, markup
        allowed = (
            ATTRIBUTES["*"] | ATTRIBUTES.get(str(node.tag), set()) | BOXES.get(str(node.tag), set())
        )
        assert set(node.attributes) - {"class"} <= allowed, markup
        assert set((node.attributes.get("class") or "").split()) <= CLASSES.get(
            str(node.tag), set()
        )
        for name in ("href", "src"):
            assert SAFE_URL.match((node.attributes.get(name) or "").strip()), markup
        assert str(node.attributes.get("id", prefix)).startswith(prefix), markup
    assert len(ids(markup)) == len(set(ids(markup))), markup


markup_like = st.lists(
    st.sampled_from(
        [
            *("# ", "\n", "\n\n", "    ", "[^1]", "[^1]: ", "*", "_", "`", "```", "|", "|-|", ">"),
            *(
                "- ",
                "1. ",
                "!!! note\n    ",
                ": ",
                "*[a]: ",
                "{: #a }",
                "{: .b c=d }",
                "[TOC]",
                "a",
            ),
            *(
                "<div markdown='1'>",
                "</div>",
                "<p id=a>",
                "<table>",
                "<td>",
                "<pre>",
                "<b>",
                "</b>",
            ),
            *(
                "<h1>",
                "</h1>",
                "<svg>",
                "<style>",
                "<!--",
                "-->",
                "<a href='#a'>",
                "[a](#a)",
                "&lt;",
            ),
            *('"', "'", "<", "///Footnotes Go Here///", "é", "\x02", "\x03"),
        ]
    ),
    max_size=25,
).map("".join)
