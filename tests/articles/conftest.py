"""Fixtures of the tests about articles."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a file below the test's folder."""

    def write_file(name: str, head: str = "title: On rest", body: str = "Text.") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"---\n{head}\n---\n{body}\n", encoding="utf-8")
        return path

    return write_file
