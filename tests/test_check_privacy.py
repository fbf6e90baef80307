"""``manage.py check_privacy``: every disguise is seen through, and every kind of leak turns it red."""

import base64
import hashlib
import logging
import quopri
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.mail.backends.console import EmailBackend
from django.core.management import call_command
from django.db import connection
from django.http import HttpResponse
from django.urls import get_resolver, path

from articles.models import Article
from comments import contacts, private_pages
from comments.mailing import letters as site_letters
from comments.mailing import posting
from comments.models import Comment, Contact
from comments.views import own, replying
from recovery import scratch
from recovery.mail import HiddenConsoleBackend
from recovery.privacy_check import canary, checking, report, stores, traces
from recovery.privacy_check.ledger import Ledger

ROOT = Path(__file__).resolve().parent.parent
ADDRESS = canary.ADDRESS


def b64(text):
    return base64.b64encode(text.encode()).decode()


def sha(name, text=ADDRESS):
    return hashlib.new(name, text.encode())


@pytest.mark.parametrize(
    "text",
    [
        ADDRESS,
        ADDRESS.upper(),
        "marker.kestrel",
        "someone at hidden-plover dot example",
        ADDRESS.replace("@", "%40"),
        "".join(f"%{ord(char):02x}" for char in ADDRESS),
        "".join(f"&#{ord(char)};" for char in ADDRESS),
        "marker.<wbr>kestrel",
        quopri.encodestring(f"{'x' * 65}{ADDRESS}".encode()).decode(),
        *(b64("x" * before + ADDRESS) for before in range(3)),
        base64.encodebytes(b"x" * 50 + ADDRESS.encode()).decode(),
        base64.urlsafe_b64encode(ADDRESS.lower().encode()).decode().rstrip("="),
        "." + base64.urlsafe_b64encode(zlib.compress(ADDRESS.encode())).decode().rstrip("="),
        ADDRESS.encode().hex(),
        ADDRESS[::-1],
        *(sha(name, ADDRESS.lower()).hexdigest() for name in ("md5", "sha1", "sha224", "sha256")),
        *(sha(name).hexdigest().upper() for name in ("md5", "sha384", "sha512")),
        sha("sha1", f"mailto:{ADDRESS.lower()}").hexdigest(),
        f"x{sha('sha256').hexdigest()[:20]}",
        base64.b64encode(sha("sha256").digest()).decode(),
        base64.urlsafe_b64encode(sha("md5", ADDRESS.lower()).digest()).decode(),
        canary.IPV4,
        "203.0.113.0/24",
        "77.113.0.203.in-addr.arpa",
        "3405803853",
        canary.IPV6,
        "2001:0db8:5ca1:ab1e::",
        sha("sha256", canary.IPV4).hexdigest(),
        sha("md5", "203.0.113.0/24").hexdigest(),
        canary.BROWSER,
    ],
)
def test_each_disguise_is_seen_through(text):
    assert traces.find(f"some words before {text} and after".encode())


def test_what_is_binary_or_in_utf_16_is_seen_through():
    assert traces.find(b"\xff" + sha("sha256").digest())
    assert traces.find(ADDRESS.encode("utf-16-le"))


def test_what_is_harmless_is_left_alone():
    sources = [path.read_bytes() for path in (ROOT / "comments" / "moderation").rglob("*.py")]
    assert traces.find(b"".join(sources)) == []
    assert traces.find(f"{canary.NAME} {canary.WEBSITE} kestrel marker".encode()) == []
    assert traces.find(bytes(range(256)) * 40) == []


# --- The whole check, in this process --------------------------------------------------------------


@pytest.fixture
def check(transactional_db):
    """Return a function that runs the check in the tests' own empty database: faults by place."""

    def run():
        return {(place.section, place.name): place.faults for place in checking.run().faulty}

    yield run
    if connection.vendor == "sqlite":
        # What was leaked for a test is in the file still, where its rows were: others look there.
        call_command("flush", verbosity=0, interactive=False)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def leak_when_sealing(monkeypatch, data_dir):
    """A line in the log, two columns in clear or nearly so, a hash for an avatar, and a file."""
    seal = contacts.seal

    def sealing(comment, address):
        logging.getLogger("comments.somewhere").info("Kept %s", address)
        Comment.objects.filter(pk=comment.pk).update(
            author_url=f"https://avatars.example/{sha('md5', address.lower()).hexdigest()}",
            signals={"from": b64(address)},
        )
        (data_dir / "addresses.csv").write_text(address)
        return seal(comment, address)

    monkeypatch.setattr(contacts, "seal", sealing)


def leak_in_answers(monkeypatch, settings, folder):
    """A header; a template that prints the contact, and one that prints who asks."""
    keep_private = private_pages.keep_private

    def keeping(response):
        response["X-Author"] = sha("sha256").hexdigest()
        return keep_private(response)

    monkeypatch.setattr(own, "keep_private", keeping)
    monkeypatch.setattr(Contact, "__str__", contacts.address_for_mail)
    (folder / "comments").mkdir()
    page = "comments/your_comment.html"
    (folder / page).write_text(
        f'{{% extends "{page}" %}}{{% block main %}}{{{{ block.super }}}}'
        "<i title='{{ comment.contact }}'></i>{% endblock %}"
    )
    (folder / "404.html").write_text("Not found for {{ request.META.REMOTE_ADDR }}.")
    engine, standard = settings.TEMPLATES
    [(cached, loaders)] = engine["OPTIONS"]["loaders"]
    loaders = [("django.template.loaders.filesystem.Loader", [folder]), *loaders]
    options = {**engine["OPTIONS"], "loaders": [(cached, loaders)]}
    settings.TEMPLATES = [{**engine, "OPTIONS": options}, standard]


def leak_in_mail(monkeypatch):
    """The commenter as Reply-To and in the text for moderators, and what a mail server answered."""
    write, failure = site_letters.write, posting._failure

    def writing(mail, letter):
        message = write(mail, letter)
        if mail.moderator_id:
            message.body += f"\nThey are {ADDRESS.upper()}\n"
            message.extra_headers["Reply-To"] = ADDRESS
        return message

    def failing(error):
        return replace(failure(error), fault=str(error)[:200])

    monkeypatch.setattr(site_letters, "write", writing)
    monkeypatch.setattr(posting, "_failure", failing)
    monkeypatch.setattr(HiddenConsoleBackend, "write_message", EmailBackend.write_message)


def leak_in_what_came_since(monkeypatch):
    """Two new pages, a new command, a form that caches may keep, and a reveal that is not logged."""

    def page(request, tag=""):
        return HttpResponse(f"The last one was {canary.IPV6}.")

    new = [path("new/", page), path("new/<str:tag>/", page)]
    monkeypatch.setattr(get_resolver(), "url_patterns", [*get_resolver().url_patterns, *new])
    monkeypatch.delitem(stores.HARMLESS, "load_demo")
    monkeypatch.setattr(replying, "add_never_cache_headers", lambda response: None)
    monkeypatch.setattr(contacts, "_log", lambda *_: None)


# Where each leak is to be found, and in what words.
PLANTED = [
    ("Log", "comments.somewhere", "the address"),
    ("Tables", "comments_comment", "the address in Base64 (column signals)"),
    ("Tables", "comments_comment", "MD5 of the address (column author_url)"),
    ("Tables", "comments_outgoingmail", "the address (column fault)"),
    ("Files", "addresses.csv", "the address"),
    ("Anybody", "/articles/<article_slug:slug>/", "MD5 of the address"),
    ("The moderator", "/admin/comments/comment", "MD5 of the address"),
    ("What commands give out", "dumpdata", "MD5 of the address"),
    ("The reader", "/comments/<private_key:key>/", "SHA256 of the address"),
    ("The reader", "/comments/<private_key:key>/", "the address (GET, answered 200)"),
    ("The reader", "no such address", "the network address"),
    ("Mail", "to moderators", "the address (as it is sent)"),
    ("Mail", "to moderators", "the address (text/plain)"),
    ("Mail", "shown on the console", "the address"),
    ("Log", "comments.mailing.posting", "the address"),
    ("Anybody", "/new/", "the network address (GET, answered 200)"),
    ("Addresses", "/new/<str:tag>/", "No visit has reached it"),
    ("What commands give out", "load_demo", "not looked at"),
    ("The reader", "/articles/<article_slug:slug>/comments/", "may be kept by caches"),
    ("The check itself", "what was done", "was not written down"),
]


def test_leaks_in_every_layer_are_found_where_they_are(check, monkeypatch, settings, tmp_path):
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    leak_when_sealing(monkeypatch, settings.DATA_DIR)
    leak_in_answers(monkeypatch, settings, tmp_path)
    leak_in_mail(monkeypatch)
    leak_in_what_came_since(monkeypatch)
    found = check()
    missed = [
        (section, name, words, found.get((section, name), "nothing"))
        for section, name, words in PLANTED
        if words not in " | ".join(found.get((section, name), []))
    ]
    assert not missed


# --- The report and the command --------------------------------------------------------------------


def test_the_report_has_a_line_for_each_place_and_a_summary():
    ledger = Ledger()
    ledger.look("Log", "django.request", "nothing of interest")
    ledger.look("Tables", "a_table", ADDRESS, "column name")
    ledger.look("Tables", "a_table", ADDRESS, "column name")
    assert report.as_text(ledger).splitlines() == [
        "",
        "Log",
        "  clean      1 ×      19 B  django.request",
        "",
        "Tables",
        "  FOUND      2 ×      78 B  a_table",
        "         the address (column name), 2 times",
        "",
        "NOT CLEAN: 1 of 2 places (3 looks at 2 places, 97 B).",
    ]


def test_the_command_works_in_a_scratch_folder(monkeypatch):
    asked = []

    def run_again(*words):
        asked.append(words)
        return 3

    monkeypatch.setattr(scratch, "run_again", run_again)
    with pytest.raises(SystemExit) as end:
        call_command("check_privacy")
    assert (asked, end.value.code) == ([("check_privacy", [])], 3)


@pytest.mark.parametrize(("text", "code"), [("nothing", 0), (ADDRESS, 1)])
def test_its_exit_code_says_whether_anything_was_found(db, monkeypatch, capsys, text, code):
    ledger = Ledger()
    ledger.look("Log", "django", text)
    for name in ("make_sure", "stay_on_loopback"):
        monkeypatch.setattr(scratch, name, lambda *_: None)
    monkeypatch.setattr(checking, "run", lambda: ledger)
    with pytest.raises(SystemExit) as end:
        call_command("check_privacy", inside="somewhere")
    assert end.value.code == code
    assert "1 looks at 1 places" in capsys.readouterr().out


def test_it_refuses_to_work_on_the_sites_own_data(db, settings, tmp_path):
    for folder in (str(settings.DATA_DIR), str(tmp_path)):
        with pytest.raises(ImproperlyConfigured, match="leave it out"):
            call_command("check_privacy", inside=folder)
    assert not Article.objects.exists()
