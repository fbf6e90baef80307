"""The Nu HTML checker finds no fault in any public page.

It needs Java 17 and the checker's jar: ``npm install vnu-jar``, or the file's name in ``VNU_JAR``.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from django.urls import reverse

from comments import tokens
from recovery import error_pages
from tests.everything import Everything, make_everything

ROOT = Path(__file__).resolve().parent.parent
JAR = Path(os.environ.get("VNU_JAR") or ROOT / "node_modules/vnu-jar/build/dist/vnu.jar")

# Of a comment, which has no title; readers of screens find it in the list, and by its author.
NO_FAULT = "Article lacks heading."


@pytest.fixture(scope="module")
def checker() -> list[str]:
    """Return the command that checks files."""
    missing = [
        what
        for what, is_there in (
            ("Java (apt-get install default-jre-headless)", shutil.which("java")),
            (f"the checker at {JAR} (npm install vnu-jar, or set VNU_JAR)", JAR.exists()),
        )
        if not is_there
    ]
    if missing:
        pytest.skip(f"pages are not checked without {' and '.join(missing)}")
    return ["java", "-Xss2m", "-jar", str(JAR), "--format", "json", "--stdout"]


def pages(client, everything: Everything) -> dict[str, str]:
    """Return every public page by its address, the forms with their errors as well."""
    found = {path: client.get(path).content.decode() for path in everything.paths}
    typed = {"email": "nonsense", "token": tokens.issue(everything.article), "comment": "x\ny"}
    reply = reverse("reply", args=[everything.article.slug])
    pasted = {
        "source": "nonsense",
        "target": f"http://127.0.0.1:8000{everything.article.get_absolute_url()}",
    }
    forms = {
        "a reply with errors": (reply, typed),
        "a reply to a closed article": (reverse("reply", args=[everything.closed.slug]), typed),
        "a link that is none": (reverse("webmention"), pasted),
        "a link to nowhere": (reverse("webmention"), {**pasted, "target": "http://else.example/"}),
        "nothing to save": (everything.pending.private_path, {"act": "edit", "comment": ""}),
        "taken back": (everything.pending.private_path, {"act": "withdraw"}),
        "answered": (everything.paths[9], {"answer": "yes"}),
        "erased": (everything.declined.private_path, {"act": "remove"}),
    }
    for name, (path, data) in forms.items():
        found[name] = client.post(path, data, headers={"accept": "text/html"}).content.decode()
    for status in error_pages.WORDS:
        found[str(int(status))] = error_pages.standing(status).decode()
    return found


@pytest.mark.django_db
def test_every_public_page(checker, client, tmp_path, capsys):
    found = pages(client, make_everything())
    whole = {name: markup for name, markup in found.items() if "<html" in markup}  # no redirects
    assert len(whole) >= 20
    names = list(whole)
    for number, markup in enumerate(whole.values()):
        (tmp_path / f"{number}.html").write_text(markup)
    files = [str(tmp_path / f"{number}.html") for number in range(len(whole))]
    said = subprocess.run([*checker, *files], capture_output=True, text=True, timeout=120)
    with capsys.disabled():
        print(f"\nthe Nu HTML checker read {len(files)} pages", end=" ")
    faults = {
        f"{names[int(Path(one['url']).stem)]}: {one['message']} {one.get('extract', '')!r}"
        for one in json.loads(said.stdout)["messages"]
        if one["type"] == "error" or one.get("subType") == "warning"
    }
    assert [fault for fault in sorted(faults) if NO_FAULT not in fault] == []
