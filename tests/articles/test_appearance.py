"""The style sheet: in the owner's colour, under a name of its own, small."""

import re
import subprocess
import sys

import brotli
import pytest

from articles import appearance
from articles.models import Blog
from recovery.page_cache.requests import target_of

pytestmark = pytest.mark.django_db

BYTES = 4_700
_READ = r"""
import pathlib, sys
from articles import appearance
appearance._source = lambda: pathlib.Path(sys.argv[1])
print("\xb6" in appearance.written(), "\xb6" in appearance.sheet().css)
"""


def test_it_is_small():
    assert len(brotli.compress(appearance.sheet().css.encode(), quality=11)) <= BYTES


def test_pages_name_it_and_it_may_be_kept_for_ever(client):
    url = re.search(r'<link rel="stylesheet" href="([^"]+)"', client.get("/").content.decode())[1]
    response = client.get(url)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in response["Cache-Control"]
    assert not response.cookies
    # ... by the page cache, too, which takes it for a file.
    assert target_of(url.encode(), b"").depends_on == ()


def test_the_owners_colour_is_in_it_under_another_name(client):
    plain = Blog.current().stylesheet
    Blog(pk=1, accent="#1c4fa8").store()
    markup = client.get("/").content.decode()
    url = Blog.current().stylesheet
    assert url in markup
    assert url != plain
    assert "%231c4fa8" in markup
    css = client.get(url).content.decode()
    assert css.count("#b4122c") == 0
    assert css.count("--thread:#1c4fa8;") == 1
    assert css.count("--thread:light-dark(#1c4fa8,") == 1


def test_a_former_name_leads_to_the_present_sheet(client):
    former = Blog.current().stylesheet
    Blog(pk=1, accent="#1c4fa8").store()
    response = client.get(former)
    assert (response.status_code, response["Location"]) == (302, Blog.current().stylesheet)
    assert response["Cache-Control"] == "no-store"
    assert client.get("/style/site.0123456789ab.css").status_code == 302


def test_names_follow_from_what_is_said():
    names = {appearance.sheet(accent).digest for accent in ("", "#1c4fa8", "#5b2a86")}
    assert len(names) == 3
    assert appearance.sheet("#1c4fa8").digest == appearance.sheet("#1c4fa8").digest


def test_what_is_left_out():
    css = '/* a: b;\n c */\na ,  b:hover {\n  color: red;\n  margin: calc(1px + 2px);\n}\np::before { content: "· "; }\n'
    assert appearance.compact(css) == (
        'a,b:hover{color:red;margin:calc(1px + 2px)}p::before{content:"· "}'
    )


def test_it_is_read_as_utf_8_whatever_the_locale(tmp_path):
    (tmp_path / "site.css").write_text('a::before { content: "¶" }', encoding="utf-8")
    command = [sys.executable, "-X", "utf8=0", "-c", _READ, str(tmp_path / "site.css")]
    environment = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}
    read = subprocess.run(command, env=environment, capture_output=True, check=True)
    assert read.stdout.decode().split() == ["True", "True"]


def test_no_string_holds_what_is_taken_out():
    strings = re.findall(
        r'"[^"\n]*"', re.sub(r"/\*.*?\*/", "", appearance.written(), flags=re.DOTALL)
    )
    assert strings
    assert not [text for text in strings if re.search(r"[{};,]|  |: |/\*", text)]
