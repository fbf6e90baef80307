"""What taking something in costs the database, and that it is there when it has been answered."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tasks_db.models import DBTaskResult

from comments import tokens
from comments.linkbacks.models import Linkback
from comments.models import Comment
from recovery import scratch
from tests.builders import make_article, make_comment

ROOT = Path(__file__).resolve().parent.parent.parent
# PostgreSQL besides locks the article, and the network.
LOCKS = 0 if connection.vendor == "sqlite" else 1


def statements(client, path, data, **how):
    """Post it; return its statements, BEGIN and COMMIT among them, and what was answered."""
    with CaptureQueriesContext(connection) as queries:
        answer = client.post(path, data, **how)
    return [query["sql"] for query in queries], answer


def post_reply(client, article, number, **more):
    data = {"comment": f"Words, number {number}, that nobody has said.", "author": "Ann"}
    data |= {"email": "ann@example.org", "token": tokens.issue(article), **more}
    return statements(
        client,
        f"/articles/{article.slug}/comments/",
        data,
        headers={"Sec-Fetch-Site": "same-origin"},
        REMOTE_ADDR=f"10.0.{number}.1",
    )


def pingback(source, target):
    return (
        "<?xml version='1.0'?><methodCall><methodName>pingback.ping</methodName><params>"
        f"<param><value>{source}</value></param><param><value>{target}</value></param>"
        "</params></methodCall>"
    )


@pytest.mark.django_db(transaction=True)
class TestStatements:
    def test_of_a_reply(self, client):
        article = make_article()
        for number in range(60):
            make_comment(article, text=f"Earlier words, number {number}, that wait.")
        post_reply(client, article, 1)  # what is asked once in the life of a process

        sent, answer = post_reply(client, article, 2)
        assert answer.status_code == 303
        assert len(sent) <= 17 + 2 * LOCKS, "\n".join(sent)

    def test_of_a_reply_to_a_reply_by_somebody_known(self, client):
        article = make_article()
        parent = make_comment(article, status="approved")
        more = {"parent": str(parent.pk), "earlier": parent.private_key, "notify": "on"}
        post_reply(client, article, 1)

        sent, answer = post_reply(client, article, 2, **more)
        assert answer.status_code == 303
        assert len(sent) <= 20 + 2 * LOCKS, "\n".join(sent)

    def test_in_the_transaction_of_a_reply(self, client):
        """While these run, nobody else can write (SQLite)."""
        article = make_article()
        post_reply(client, article, 1)
        sent, _ = post_reply(client, article, 2)
        begun = next(at for at, sql in enumerate(sent) if sql.startswith("BEGIN"))
        committed = next(at for at, sql in enumerate(sent) if sql.startswith("COMMIT"))
        assert committed - begun - 1 <= 7 + 2 * LOCKS, "\n".join(sent)

    @pytest.mark.parametrize("kind", ["pingback", "webmention"])
    def test_of_a_linkback(self, client, kind):
        target = f"{settings.SITE_URL}{make_article().get_absolute_url()}"

        def announce(number):
            source = f"https://blog{number}.example/post"
            if kind == "webmention":
                data = f"source={source}&target={target}"
                return statements(
                    client, "/webmention", data, content_type="application/x-www-form-urlencoded"
                )
            return statements(client, "/xmlrpc", pingback(source, target), content_type="text/xml")

        announce(1)
        sent, answer = announce(2)
        assert answer.status_code == (201 if kind == "webmention" else 200)
        assert Linkback.objects.count() == DBTaskResult.objects.count() == 2
        assert len(sent) <= 11 + 2 * LOCKS, "\n".join(sent)


# --- Durability ------------------------------------------------------------------------------------

START = """
import io, os, signal, sys
import django
from recovery.wsgi import application
from django.conf import settings
from django.core.management import call_command
call_command("migrate", verbosity=0, interactive=False)
from articles.models import Article
from comments import tokens
article = Article(title="One", body="Words.", status="published")
article.store()

def post(path, body, kind):
    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": path, "SCRIPT_NAME": "", "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1", "SERVER_PORT": os.environ["PORT"], "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": f"127.0.0.1:{os.environ['PORT']}", "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": kind, "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http", "wsgi.errors": sys.stderr,
    }
    answered = []
    response = application(environ, lambda status, headers, error=None: answered.append(status))
    sys.stdout.write(answered[0][:3] + "\\n")
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)

FORM = "application/x-www-form-urlencoded"
"""
REPLY = """
form = f"comment=Kept+words&author=Ann&email=a%40b.example&token={tokens.issue(article)}"
post(f"{article.get_absolute_url()}comments/", form.encode(), FORM)
"""
WEBMENTION = """
form = f"source=https://blog.example/post&target={settings.SITE_URL}{article.get_absolute_url()}"
post("/webmention", form.encode(), FORM)
"""
LOOK = """
import django
django.setup()
from django.db import connection
from comments.following import unfollowed
from comments.models import Comment, Contact
from comments.linkbacks.models import Linkback
from django_tasks_db.models import DBTaskResult
with connection.cursor() as cursor:
    levels = [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
tasks = sorted(DBTaskResult.objects.values_list("task_path", flat=True))
print([
    levels, Comment.objects.filter(contact__isnull=False).count(), unfollowed().count(),
    Linkback.objects.count(), tasks,
])
"""


def run(folder, script):
    environment = {**folder, "DJANGO_SETTINGS_MODULE": "recovery.settings"}
    environment.pop("DATABASE_URL", None)
    return subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("act", "status", "kept"),
    [
        (REPLY, "303", "[['wal', 2], 1, 1, 0, ['comments.following.follow_decisions']]"),
        (WEBMENTION, "201", "[['wal', 2], 0, 0, 1, ['comments.linkbacks.tasks.verify_linkback']]"),
    ],
)
def test_what_was_answered_outlives_the_process(tmp_path, act, status, kept):
    folder = scratch.environment(str(tmp_path))
    killed = run(folder, START + act)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert killed.stdout == f"{status}\n"

    looked = run(folder, LOOK)
    assert looked.stdout == f"{kept}\n", looked.stderr


@pytest.mark.django_db
def test_what_is_refused_leaves_nothing(client, article):
    post_reply(client, article, 1)
    before = Comment.objects.count()
    sent, answer = post_reply(client, article, 1)
    assert answer.status_code == 409
    assert Comment.objects.count() == before
    assert not [sql for sql in sent if sql.startswith(("INSERT", "UPDATE", "DELETE"))]
