"""Functions and modules stay small enough to be read at once."""

import ast
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = [
    path
    for package in ("recovery", "articles", "comments", "tests")
    for path in sorted((ROOT / package).rglob("*.py"))
    if "migrations" not in path.parts
]


def lengths(path: Path) -> dict[str, int]:
    """Return the lines of each function in a module, by name and first line."""
    return {
        f"{node.name}:{node.lineno}": (node.end_lineno or node.lineno) - node.lineno + 1
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_shape(path):
    assert len(path.read_text().splitlines()) <= 400, "a module has 400 lines at most"
    assert [name for name, lines in lengths(path).items() if lines > 50] == []


@pytest.mark.parametrize("are_tests", [False, True])
def test_most_functions_are_short(are_tests):
    modules = [path for path in MODULES if path.is_relative_to(ROOT / "tests") == are_tests]
    assert median(lines for path in modules for lines in lengths(path).values()) <= 8
