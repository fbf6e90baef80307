"""Reading a linking page for one article: what the tests of verification share."""

from pathlib import Path

import pytest

from comments.linkbacks.exceptions import SourceDoesNotLink
from comments.linkbacks.verification import SourcePage, read_source

TARGET = "https://blog.example/articles/recovery/"
PAGE = "https://source.example/2026/march/post"
LINK = f'<a href="{TARGET}">the article</a>'


def read(html: str, *targets: str, page_url: str = PAGE) -> SourcePage:
    return read_source(html, page_url, frozenset(targets or [TARGET]))


def refusal(html: str, *targets: str) -> str:
    with pytest.raises(SourceDoesNotLink) as caught:
        read(html, *targets)
    return str(caught.value)


def stored(name: str) -> str:
    return (Path(__file__).parent / "pages" / name).read_text(encoding="utf-8")
