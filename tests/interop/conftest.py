"""Two sites on this machine, each with a database and processes of its own, and their owners."""

import contextlib
import re
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin

# The owner's browser: it is not the site that fetches here.
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener  # noqa: TID251

import psycopg
import pytest
from django.db import connection
from selectolax.lexbor import LexborHTMLParser

from tests.test_serve import ROOT, Site

PATIENCE = 60  # seconds: for a slow machine
ARTICLES, OUTGOING = "/admin/articles/article/", "/admin/linkbacks/outgoinglinkback/"
QUEUE, DEMO = "/admin/comments/comment/", "/articles/recovery-from-disconnection/"
OWNER = {"username": "owner", "password": "a word for two sites"}


def eventually(condition):
    """Return the condition's value as soon as it is true; fail when it does not become so."""
    deadline = time.monotonic() + PATIENCE
    while not (value := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)
    return value


@dataclass(frozen=True)
class Page:
    """What came back, wherever the redirects led."""

    status: int
    url: str
    html: str

    def nodes(self, selector):
        return LexborHTMLParser(self.html).css(selector)

    def texts(self, selector):
        return [" ".join(node.text().split()) for node in self.nodes(selector)]

    def text(self, selector):
        return " ".join(self.texts(selector))


class Browser:
    """Follows redirects, keeps cookies and sends forms as they were filled in."""

    def __init__(self, origin):
        self.origin = origin
        self.opener = build_opener(ProxyHandler({}), HTTPCookieProcessor())

    def open(self, path, data=None):
        url = urljoin(self.origin, path)
        body = None if data is None else urlencode(data).encode()
        try:
            answer = self.opener.open(Request(url, body), timeout=PATIENCE)
        except HTTPError as error:
            answer = error
        with answer:
            return Page(answer.status, answer.url, answer.read().decode())

    def submit(self, path, selector, **values):
        """Fill in the one form there, send it, and return what follows."""
        page = self.open(path)
        assert page.status == 200, page
        [form] = page.nodes(selector)
        kept = [(name, value) for name, value in fields(form) if name not in values]
        answer = self.open(form.attributes.get("action") or page.url, [*kept, *values.items()])
        assert not answer.nodes(".errorlist"), answer.text(".errorlist")
        return answer


def fields(form):
    """Return what a browser would send of a form without any of its buttons."""
    found = []
    for node in form.css("input[name], textarea[name], select[name]"):
        name, kind = node.attributes["name"], node.attributes.get("type")
        if node.tag == "select":
            chosen = node.css("option[selected]") or node.css("option")[:1]
            found += [(name, option.attributes.get("value", "")) for option in chosen]
        elif node.tag == "textarea":
            found.append((name, node.text().removeprefix("\n")))
        elif kind not in ("checkbox", "radio"):
            found.append((name, node.attributes.get("value") or ""))
        elif "checked" in node.attributes:
            found.append((name, node.attributes.get("value") or "on"))
    return found


class Blog(Site):
    """A running site, which may fetch from this machine, and its owner."""

    def __init__(self, folder, database_url):
        folder.mkdir()
        super().__init__(folder, database_url)
        self.origin = f"http://127.0.0.1:{self.port}"
        self.owner = Browser(self.origin)
        self.environment |= {
            "SITE_URL": self.origin,
            "LINKBACK_SENDING": "on",
            "LINKBACK_ALLOWED_NETWORKS": "127.0.0.0/8",
            "LINKBACK_ALLOWED_PORTS": "1024-65535",
            "DJANGO_SUPERUSER_USERNAME": OWNER["username"],
            "DJANGO_SUPERUSER_EMAIL": "owner@example.org",
            "DJANGO_SUPERUSER_PASSWORD": OWNER["password"],
        }

    def open(self):
        """Give it an owner, who logs in."""
        self.manage("createsuperuser", "--noinput")
        page = self.owner.submit("/admin/login/?next=/admin/", "#login-form", **OWNER)
        assert page.url == f"{self.origin}/admin/"

    def manage(self, *arguments):
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=PATIENCE,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def shell(self, code):
        self.manage("shell", "-v0", "-c", code)

    def read(self, path):
        """Return the page as any visitor sees it."""
        return Browser(self.origin).open(path)

    def responses(self):
        """Return the webmentions that readers of the demo article see."""
        page = self.read(DEMO)
        assert page.status == 200
        return page.texts("article.webmention")

    # --- Writing ---

    def publish(self, title, body):
        """Write an article in the admin; return its number and its address."""
        values = {"title": title, "body": body, "status": "published", "_continue": "1"}
        page = self.owner.submit(f"{ARTICLES}add/", "#article_form", **values)
        number = re.search(r"/(\d+)/change/$", page.url)[1]
        [link] = page.nodes("a.viewsitelink")
        return int(number), urljoin(self.origin, link.attributes["href"])

    def edit(self, number, body):
        self.owner.submit(f"{ARTICLES}{number}/change/", "#article_form", body=body)

    def delete(self, number):
        self.owner.submit(f"{ARTICLES}{number}/delete/", "#content form")

    def told(self, article):
        """Return what the admin's list says of the link out of an article, by column."""
        for row in self.owner.open(OUTGOING).nodes("#result_list tbody tr"):
            cells = {
                cell.attributes["class"].split()[0].removeprefix("field-"): cell.text(strip=True)
                for cell in row.css("th[class], td[class]")
            }
            if cells["article"] == article:
                return cells
        return {}

    # --- Moderating ---

    def queue(self, status="pending"):
        """Return the texts of the queue's rows."""
        return self.owner.open(f"{QUEUE}?status={status}").texts("#result_list tbody tr")

    def decide(self, verb, words):
        """Press the button in the row that holds these words."""
        [row] = [
            row
            for row in self.owner.open(QUEUE).nodes("#result_list tbody tr")
            if words in " ".join(row.text().split())
        ]
        [button] = row.css(f"button[value^='{verb}:']")
        self.owner.submit(QUEUE, "#changelist-form", _moderate=button.attributes["value"])


@contextlib.contextmanager
def database():
    """Give nothing for SQLite; where the tests run on PostgreSQL, a database of its own."""
    if connection.vendor != "postgresql":
        yield ""
        return
    config, name = connection.settings_dict, f"recovery_interop_{uuid.uuid4().hex[:8]}"
    place = f"{config['USER']}:{config['PASSWORD']}@{config['HOST']}:{config['PORT'] or 5432}"
    with psycopg.connect(f"postgres://{place}/postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        try:
            yield f"postgres://{place}/{name}"
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def blogs(tmp_path_factory):
    """Two blogs that know nothing of each other."""
    folder = tmp_path_factory.mktemp("blogs")
    with contextlib.ExitStack() as stack:
        pair = [Blog(folder / name, stack.enter_context(database())) for name in "ab"]
        processes = [blog.start() for blog in pair]
        for blog, process in zip(pair, processes, strict=True):
            stack.callback(process.wait, timeout=30)
            stack.callback(blog.kill_all)
        for blog, process in zip(pair, processes, strict=True):
            blog.wait_until_up(process)
            blog.open()
        yield pair
