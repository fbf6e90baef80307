"""Every message that the project asks gettext for, found without gettext's own programs."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent.parent
# Context and message (singular, where there is a plural), as ``Message.key`` says it.
Key = str

# Names by which the sources call gettext: whether a context comes first, and whether a plural follows.
CALLS = {
    name + ending: ("pgettext" in name, name.startswith("n"))
    for name in ("gettext", "ngettext", "pgettext", "npgettext")
    for ending in ("", "_lazy")
} | {"gettext_noop": (False, False), "_": (False, False)}
_IN_TEMPLATE = re.compile(
    r"""\b(n?p?gettext)\((u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")(?:,\s*u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))*)"""
)


def in_python() -> Iterator[tuple[Path, Key]]:
    """Yield each message of the project's modules, with its file."""
    for package in ("articles", "comments", "recovery"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                for key in _calls(ast.parse(path.read_text())):
                    yield path, key


def _calls(tree: ast.AST) -> Iterator[Key]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        if node.func.id in CALLS:
            needed = 2 if CALLS[node.func.id][0] else 1
            texts = [arg.value for arg in node.args[:needed] if isinstance(arg, ast.Constant)]
            # What is given as a variable was marked where it is written.
            if len(texts) == needed:
                yield "\x04".join(map(str, texts))


def in_templates() -> Iterator[tuple[Path, Key]]:
    """Yield each message of the templates, with its file."""
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in (".html", ".txt", ".md"):
            for name, arguments in _IN_TEMPLATE.findall(templatize(path.read_text())):
                texts = ast.literal_eval(f"[{arguments}]")
                yield path, "\x04".join(texts[: 1 + CALLS[name][0]])
