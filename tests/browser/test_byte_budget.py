"""A first visit costs at most 14 KB in three requests: measured in Chromium, against the real server."""

import subprocess
import sys
import time
import urllib.request  # noqa: TID251

import pytest

from tests.interop.conftest import database
from tests.test_serve import ROOT, Site

BYTES = 14_000
# Ten packets, which a server may send at once (RFC 6928), and a little.
WITH_HEADERS = 15_000
REQUESTS = 3

# The demo article, brought to 1,200 words, and 20 responses of some lines, no two the same: of its words,
# as often as they come in English, in an order that no compression can guess.
WRITE = """
import random, re
from articles.models import Article
from comments.models import Comment, Status
from django.utils import timezone

chance, demo = random.Random(20), Article.objects.get().body
found = re.findall("[A-Za-z]+", demo)
def words(number):
    return " ".join(chance.choice(found).lower() for _ in range(number)).capitalize() + "."
more = "\\n\\n".join(words(20) for _ in range(max(0, 1200 - len(demo.split())) // 20))
article = Article(title="A first visit", slug="first", status="published", published_at=timezone.now())
article.body = demo + "\\n\\n" + more
article.store()
for number in range(20):
    comment = Comment(article=article, author_name=words(2).title(), status=Status.APPROVED)
    comment.set_text(words(30))
    comment.save()
print(len(article.body.split()))
"""


@pytest.fixture
def site(tmp_path):
    with database() as url:
        site = Site(tmp_path, url)
        process = site.start("--web-only")
        try:
            site.wait_until_up(process)
            written = subprocess.run(
                [sys.executable, "manage.py", "shell", "-v0", "-c", WRITE],
                cwd=ROOT, env=site.environment, capture_output=True, text=True, timeout=60,
            )  # fmt: skip
            assert written.returncode == 0, written.stderr
            yield f"http://127.0.0.1:{site.port}"
        finally:
            process.terminate()
            process.wait(30)
            site.kill_all()


def wait_until_small(page):
    """Ask for the page until it is kept, and compressed as well as can be: as nearly every reader finds it."""
    tags = set()
    for _ in range(300):
        asked = urllib.request.Request(page, headers={"Accept-Encoding": "gzip, deflate, br, zstd"})  # noqa: TID251
        with urllib.request.urlopen(asked) as answer:  # noqa: TID251
            tags.add(answer.headers["ETag"])
            if answer.headers["ETag"].endswith('-best"'):
                return
        time.sleep(0.05)
    raise AssertionError(tags)


def test_a_first_visit(new_context, site, capsys):
    wait_until_small(f"{site}/articles/first/")
    context = new_context()
    page, answers, whole = context.new_page(), [], []
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    # With their headers, as they came over the wire.
    session.on("Network.loadingFinished", lambda event: whole.append(event["encodedDataLength"]))
    page.on("response", lambda answer: answers.append(answer))
    page.goto(f"{site}/articles/first/", wait_until="networkidle")
    assert page.locator("article.reply").count() == 20
    bill = {
        answer.url: int(answer.headers["content-length"])
        for answer in answers
        if not answer.url.startswith("data:")
    }
    with capsys.disabled():
        lines = [f"{size:>7} {url}" for url, size in bill.items()]
        print("", *lines, f"{sum(bill.values()):>7} in all; with headers {sum(whole)}", sep="\n")
    assert all(
        answer.headers.get("content-encoding") == "br" for answer in answers if answer.url in bill
    )
    assert all(url.startswith(site) for url in bill)
    assert context.cookies() == []
    assert len(bill) <= REQUESTS
    assert sum(bill.values()) <= BYTES
    assert sum(whole) <= WITH_HEADERS
