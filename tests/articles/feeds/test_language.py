"""In which language an article is written, wherever it is told."""

import json
import xml.etree.ElementTree as ET

import mf2py
import pytest

from articles.moments import rfc3339
from tests.builders import make_article

pytestmark = pytest.mark.django_db
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def articles():
    return make_article(title="العودة", language="ar"), make_article(title="Rest")


def test_in_feeds(client, articles):
    entries = ET.fromstring(client.get("/feed/atom/").content).findall(f"{ATOM}entry")
    said = {entry.findtext(f"{ATOM}title"): entry.get(LANG) for entry in entries}
    assert said == {"العودة": "ar", "Rest": None}
    items = json.loads(client.get("/feed/json/").content)["items"]
    assert {item["title"]: item.get("language") for item in items} == said


def test_in_lists_in_linked_data_and_in_markdown(client, articles):
    arabic, english = articles
    index = client.get("/").content.decode()
    for article, said in ((arabic, 'dir="rtl" lang="ar"'), (english, 'dir="auto"')):
        assert f'<a class="u-url" href="{article.get_absolute_url()}" {said}>' in index
        assert f'<p class="p-summary" {said}>' in index
    # The words of the site beside them are in the site's language.
    assert index.count('lang="ar"') == 2
    for article, is_said in ((arabic, True), (english, False)):
        page = client.get(article.get_absolute_url()).content.decode()
        assert ('"inLanguage":"ar"' in page) == is_said
        markdown = client.get(f"/articles/{article.slug}.md").content.decode()
        assert ("\nlang: ar\n" in markdown) == is_said


def test_when_it_was_changed_is_the_same_for_readers_and_machines(client):
    article = make_article()
    article.title = "Another title"
    article.store()
    html = client.get(article.get_absolute_url()).content.decode()
    (entry,) = (one for one in mf2py.parse(html)["items"] if "h-entry" in one["type"])
    assert entry["properties"]["updated"] == [
        article.last_change.strftime("%Y-%m-%dT%H:%M:%S+0000")
    ]
    assert f'"dateModified":"{rfc3339(article.last_change)}"' in html
