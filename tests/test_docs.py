"""docs/configuration.md and the settings say the same."""

import ast
import re
from pathlib import Path

from recovery.page_cache.requests import BESIDE, LISTS, SAID, SHELF, SITE, target_of

ROOT = Path(__file__).resolve().parent.parent
READERS = {"environment", "os.environ", "os"}


def documented_variables():
    text = (ROOT / "docs" / "configuration.md").read_text()
    return re.findall(r"^\| `([A-Z][A-Z_]+)` \|", text, re.MULTILINE)


def read_variables():
    """Return every variable that a module of the project reads, by its name in capitals."""
    return {
        name
        for path in (ROOT / "recovery").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if (name := variable_read_by(node)) and re.fullmatch("[A-Z][A-Z_]+", name)
    } - {"PYTHONPATH", "DJANGO_SETTINGS_MODULE"}


def variable_read_by(node):
    match node:
        case ast.Call(func=ast.Attribute(value=reader), args=[ast.Constant(value=str(name)), *_]):
            return name if ast.unparse(reader) in READERS else None
        case ast.Subscript(value=reader, slice=ast.Constant(value=str(name))):
            return name if ast.unparse(reader) == "os.environ" else None
    return None


def test_every_variable_is_documented_and_every_documented_one_is_read():
    assert set(documented_variables()) == read_variables()


def test_each_is_documented_once():
    assert len(documented_variables()) == len(set(documented_variables()))


def test_the_search_for_variables_finds_them():
    for source in ('environment.flag("X_Y", default=1)', 'os.environ["X_Y"]', 'os.getenv("X_Y")'):
        found = {variable_read_by(node) for node in ast.walk(ast.parse(source))}
        assert "X_Y" in found
    assert {"PORT", "SECRET_KEY", "DATABASE_URL"} <= read_variables()


def test_what_pages_depend_on_is_documented():
    """Each example in the table of docs/operating.md is kept, and depends on what the table says."""
    text = (ROOT / "docs" / "operating.md").read_text()
    table = text.partition("| a page | such as | depends on |")[2].partition("\n\n")[0]
    rows = [line.split("|")[2:4] for line in table.splitlines() if line.count("|") == 4][1:]
    found = {}
    for such_as, keys in rows:
        names = tuple(re.findall("`([^`]+)`", keys))
        for address in re.findall("`([^`]+)`", such_as):
            path, _, query = address.partition("?")
            target = target_of(path.encode(), query.encode())
            assert target, address
            assert target.depends_on == names, address
            found[address] = names
    documented = {name for names in found.values() for name in names}
    assert documented == {*(SITE, SHELF, LISTS, BESIDE, SAID), "article:SLUG"}
    assert len(found) > 20


def test_links_lead_somewhere():
    for path in [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"


def test_the_tests_start_from_none_of_them():
    settings = (ROOT / "tests" / "settings.py").read_text()
    # The database is CI's to choose; how many workers there are is no matter for tests.
    for name in set(documented_variables()) - {"DATABASE_URL", "WEB_WORKERS"}:
        assert f'"{name}"' in settings, f"tests/settings.py should set or forget {name}"
