"""Sixty-four that write at the same time, in four processes: rules hold exactly, and nobody is told “locked”."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django_tasks_db.models import DBTaskResult

from comments.linkbacks.models import Linkback
from comments.models import Comment, Contact, ModerationEvent, NetworkUse, Thread
from comments.submission import PER_MINUTE
from tests.builders import make_article, make_comment

ROOT = Path(__file__).resolve().parent.parent.parent
PROCESSES, THREADS = 4, 16
PATIENCE = 300  # seconds, until a test that hangs fails

pytestmark = pytest.mark.django_db(transaction=True)

# Each thread does its part once all of them, of all processes, are there.
SCRIPT = """
import collections, json, sys, threading
import django
django.setup()
from django.conf import settings
from django.db import connections
from articles.models import Article
from comments import contacts, pace
from comments.linkbacks import receiving
from comments.submission import Reply, submit

process, threads, article = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
came = collections.Counter()
begin, mutex = threading.Event(), threading.Lock()

def run(number):
    me = process * threads + number
    network = f"10.{me}.0.0/24"
    begin.wait()
    try:
        found = Article.objects.get(pk=article)
        for step in range(4):
            try:
                came_to = ACT(me, network, found, step)
            except Exception as error:
                came_to = type(error).__name__ if "locked" not in str(error) else "locked"
            with mutex:
                came[came_to] += 1
    finally:
        connections.close_all()

def reply(article, text, network, **more):
    submit(Reply(article=article, text=text, author_name="Ann", network=network, **more))
    return "taken"

all_threads = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
for thread in all_threads:
    thread.start()
print("ready", flush=True)
sys.stdin.readline()
begin.set()
for thread in all_threads:
    thread.join()
print(json.dumps(came), flush=True)
"""


def database_url():
    """Return the test database as another process finds it."""
    at = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{at['NAME']}"
    user = f"{at['USER']}:{at['PASSWORD']}" if at["PASSWORD"] else at["USER"]
    return f"postgres://{user}@{at['HOST']}:{at['PORT'] or 5432}/{at['NAME']}"


def at_once(article, act):
    """Have sixty-four threads do this four times each; return how often it came to what."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "recovery.settings",
        "DATA_DIR": str(settings.DATA_DIR),
        "DATABASE_URL": database_url(),
    }
    script = f"ACT = lambda me, network, article, step: {act}\n{SCRIPT}"
    command = [sys.executable, "-c", script]
    children = [
        subprocess.Popen(
            [*command, str(number), str(THREADS), str(article.pk)],
            env=environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(PROCESSES)
    ]
    came: Counter[str] = Counter()
    try:
        for child in children:
            assert child.stdout.readline() == "ready\n"
        for child in children:
            child.stdin.write("go\n")
            child.stdin.flush()
        for child in children:
            came.update(json.loads(child.communicate(timeout=PATIENCE)[0]))
    finally:
        for child in children:
            child.kill()
            child.communicate()
    return came


@pytest.fixture
def article(transactional_db):
    connection.close()  # what a test keeps open is nobody's turn
    return make_article()


def test_the_same_words_are_taken_once(article):
    came = at_once(article, 'reply(article, f"Words, number {step}.", network)')

    assert came == {"taken": 4, "Duplicate": 4 * 63}
    assert Comment.objects.count() == ModerationEvent.objects.count() == 4


def test_a_network_keeps_its_pace_exactly(article):
    came = at_once(article, 'reply(article, f"Words {me} {step}.", "192.0.2.0/24")')

    assert came == {"taken": PER_MINUTE, "TooFast": 256 - PER_MINUTE}
    assert NetworkUse.objects.count() == PER_MINUTE


def test_whatever_is_taken_is_there_whole(article):
    parent = make_comment(article, status="approved")
    came = at_once(
        article,
        f'reply(article, f"Words {{me}} {{step}}.", network, address="a@b.example", parent_id={parent.pk})',
    )

    assert came == {"taken": 256}
    written = Comment.objects.exclude(pk=parent.pk)
    assert written.filter(parent=parent, head=parent).count() == 256
    assert Contact.objects.count() == ModerationEvent.objects.exclude(comment=parent).count() == 256
    assert written.filter(is_late=True).count() == 256 - 49
    assert Thread.objects.get().shown == 1
    waiting = DBTaskResult.objects.filter(task_path="comments.following.follow_decisions")
    assert waiting.count() == 1 or connection.vendor == "postgresql"


def test_a_page_that_is_announced_often_is_one_linkback(article):
    url = f"{settings.SITE_URL}{article.get_absolute_url()}"
    came = at_once(
        article,
        f'receiving.receive(receiving.Kind(["pingback", "webmention"][step % 2]), "https://blog.example/post", "{url}",'
        " network=network).is_new",
    )

    assert came == {"true": 1, "false": 255}
    assert sorted(Linkback.objects.get().protocols) == ["pingback", "webmention"]
    assert DBTaskResult.objects.count() == 1
    assert NetworkUse.objects.count() == 2


def test_a_host_is_asked_for_no_more_than_it_bears(article):
    url = f"{settings.SITE_URL}{article.get_absolute_url()}"
    came = at_once(
        article,
        f'receiving.receive(receiving.Kind.PINGBACK, f"https://blog.example/{{me}}/{{step}}", "{url}",'
        " network=network).is_new",
    )

    assert came == {"true": 10, "TooHasty": 246}
    assert Linkback.objects.count() == DBTaskResult.objects.count() == 10
    assert NetworkUse.objects.count() == 20
