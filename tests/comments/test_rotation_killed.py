"""A rotation of keys that is killed for good in the middle of a transaction, in processes of its own."""

import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

START = """
import os, signal, sys
import django
django.setup()
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from comments import contacts, rotation
from comments.models import Contact
rotation.AT_ONCE = 3

def under(key):
    return Contact.objects.filter(blind_index__startswith=contacts.key_name(key)).count()
"""
FIRST = """
from articles.models import Article
from comments.models import Comment
call_command("migrate", verbosity=0, interactive=False)
article = Article(title="One", body="Words.")
article.store()
for number in range(9):
    comment = Comment(article=article, author_name="Ann")
    comment.set_text(f"Words {number}.")
    comment.save()
    contacts.seal(comment, f"reader{number}@hidden.example")
calls = []

def killed(moves):
    calls.append(moves)
    if len(calls) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return 0

rotation._move_mailboxes = killed
call_command("rotate_contact_keys")
"""
SECOND = """
new, old = settings.CONTACT_KEYS
assert (under(new), under(old)) == (3, 6), (under(new), under(old))
call_command("rotate_contact_keys")
assert list(settings.CONTACT_KEYS) == [new, old]
assert (under(new), under(old)) == (9, 0)
owner = User.objects.create(username="owner", is_superuser=True)
found = Contact.objects.order_by("pk")
shown = [contacts.reveal(contact, reason="test", user=owner) for contact in found]
assert shown == [f"reader{number}@hidden.example" for number in range(9)]
"""


def run(folder, script):
    return subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", "-c", START + script],
        cwd=ROOT,
        env={
            "DATA_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "recovery.settings",
            "PATH": "/usr/bin:/bin",
        },
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_what_was_done_stays_what_was_not_is_rolled_back_and_the_next_run_goes_on(tmp_path):
    killed = run(tmp_path, FIRST)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    keys = (tmp_path / "contact_keys").read_text().split(",")
    assert len(keys) == 2
    again = run(tmp_path, SECOND)
    assert again.returncode == 0, again.stderr
    assert "An earlier rotation was not finished" in again.stdout
    assert "Encrypted 6 of 9 addresses anew" in again.stdout
