"""Whatever address is typed, the answers are the same: nobody can ask this site who comments here.

Each test does the same thing twice in the same world, once with an address about which the site knows
something and once with one it has never seen, and compares status, headers, body, byte for byte, and the
statements sent to the database, from which the time it takes comes.
"""

import re

import pytest
import time_machine
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comments import contacts, following, look_alikes, tokens
from comments.mailing import mailboxes, subscriptions
from comments.models import Comment, DiscussionSettings, Status, Subscription, SubscriptionState
from tests.builders import make_comment

# Of the same length, so that not even that differs.
KNOWN, STRANGE = "ann.marker@known-mail.example", "bob.marker@other-mail.example"
WORDS = "What a relief to read this."

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def standing_clock(db):
    # Asked for once in the life of a process.
    ContentType.objects.get_for_model(Comment)
    with time_machine.travel(timezone.now(), tick=False):
        yield


@pytest.fixture
def rules(db):
    rules = DiscussionSettings.current()
    rules.save()
    return rules


# --- What the site may know about an address --------------------------------------------------------


def approved(article):
    make_comment(article, address=KNOWN, status=Status.APPROVED, text="Earlier words.")


def spam(article):
    for number in range(3):
        make_comment(article, address=KNOWN, status=Status.SPAM, text=f"Cheap pills {number}.")


def pending(article):
    make_comment(article, address=KNOWN, text="Words that wait.")


def confirmed(article):
    comment = make_comment(article, address=KNOWN, status=Status.APPROVED, text="Tell me.")
    wish = subscriptions.wish(comment)
    Subscription.objects.filter(pk=wish.pk).update(
        state=SubscriptionState.CONFIRMED, confirmed_at=timezone.now()
    )
    mailboxes.locked(comment.contact)


def asked(article):
    comment = make_comment(article, address=KNOWN, status=Status.APPROVED, text="Tell me.")
    subscriptions.wish(comment)
    mailbox = mailboxes.locked(comment.contact)
    mailbox.last_asked_at, mailbox.times_asked = timezone.now(), 3
    mailbox.save()


def refused(article):
    comment = make_comment(article, address=KNOWN, status=Status.APPROVED, text="Tell me.")
    subscriptions.refuse(mailboxes.locked(comment.contact))


def same_words(article):
    make_comment(article, address=KNOWN, status=Status.APPROVED, text=WORDS)


@pytest.fixture(params=[approved, spam, pending, confirmed, asked, refused, same_words])
def history(request, article, rules):
    request.param(article)
    return request.param


# --- What is done, and what is compared --------------------------------------------------------------


def post(client, article, address, **changes):
    data = {
        "comment": WORDS,
        "author": "Ann",
        "email": address,
        "notify": "on",
        "token": tokens.issue(article),
        **changes,
    }
    path = f"/articles/{article.slug}/comments/"
    return client.post(path, data, headers={"Sec-Fetch-Site": "same-origin"})


def masked(text, *secrets):
    """Leave out what is another each time: keys, and the numbers of rows where they go on counting."""
    for secret in secrets:
        text = text.replace(str(secret), "…")
    return re.sub(r"comment-\d+|/comments/[\w-]{22}/|reply=\d+|\"[\w-]{22}\"", "…", text)


def shape(sql):
    """Return a statement without the values in it."""
    return re.sub(r"[xX]?'(?:[^']|'')*'|\b[\d.]+\b|\bs\d+_x\d+\b", "?", sql)


def count_anew():
    """Have rows numbered as in the other world: PostgreSQL counts on after a rollback."""
    if connection.vendor == "postgresql":
        table = Comment._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
            )


def seen(act, address):
    """Do it in a world of its own; return everything that can be seen of it from outside."""
    count_anew()
    # What this process has read of what waits, whoever wrote it.
    look_alikes.recent.forget_all()
    with transaction.atomic():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            responses = act(address)
        latest = Comment.objects.latest("pk")
        secrets = (address, latest.private_key, latest.look_alike)
        bodies = [masked(response.content.decode(), *secrets) for response in responses]
        heads = [masked(str(sorted(response.headers.items())), *secrets) for response in responses]
        cookies = [masked(str(response.cookies), *secrets) for response in responses]
        statuses = [response.status_code for response in responses]
        transaction.set_rollback(True)
    return statuses, heads, cookies, bodies, [shape(query["sql"]) for query in queries]


def assert_same(act):
    ours, theirs = seen(act, KNOWN), seen(act, STRANGE)
    for known, strange in zip(ours, theirs, strict=True):
        assert known == strange
    return ours


@pytest.mark.parametrize("holds", [True, False])
def test_posting_and_all_that_is_seen_afterwards(client, article, rules, history, holds):
    rules.hold_first_time_authors = holds
    rules.save()
    text = "Quite other words." if history is not same_words else WORDS

    def act(address):
        posted = post(client, article, address, comment=text)
        latest = Comment.objects.latest("pk").private_path
        paths = [article.get_absolute_url(), "/", latest, f"{latest}download/"]
        return [posted, *map(client.get, paths)]

    statuses = assert_same(act)[0]
    assert statuses == [409 if history is same_words else 303, 200, 200, 200, 200]


def test_what_is_seen_once_the_worker_has_done_its_part(client, article, history, run_tasks):
    def act(address):
        post(client, article, address, comment="Quite other words.")
        comment = Comment.objects.latest("pk")
        comment.approve()
        following.enqueue()
        run_tasks()
        own = comment.private_path
        return [client.get(own), client.get(f"{own}download/"), client.get("/privacy/")]

    with_statements = [seen(act, address)[:4] for address in (KNOWN, STRANGE)]
    assert with_statements[0] == with_statements[1]
    assert with_statements[0][0] == [200, 200, 200]


@pytest.mark.parametrize("name", ["mute", "unmute", "ask-again", "withdraw", "anonymise", "remove"])
@pytest.mark.parametrize("kind", [confirmed, refused])
def test_every_act_on_ones_own_page(client, article, rules, kind, name):
    kind(article)

    def act(address):
        post(client, article, address, comment="Quite other words.")
        path = Comment.objects.latest("pk").private_path
        headers = {"Sec-Fetch-Site": "same-origin"}
        return [client.post(path, {"act": name}, headers=headers), client.get(path)]

    assert_same(act)


@pytest.mark.parametrize(
    "changes",
    [
        {"comment": ""},
        {"comment": WORDS, "url": "javascript:x"},
        {"token": "stale"},
        {"parent": "999"},
    ],
)
def test_being_refused(client, article, history, changes):
    def act(address):
        return [post(client, article, address, **changes)]

    assert assert_same(act)[0][0] in (400, 403, 409)


def test_the_pace_knows_networks_and_no_addresses(client, article, history):
    def act(address):
        return [post(client, article, address, comment=f"Words, number {n}.") for n in range(6)]

    def both(address):
        others = (STRANGE, KNOWN) if address == KNOWN else (KNOWN, STRANGE)
        return [
            post(client, article, others[n % 2], comment=f"Words, number {n}.") for n in range(6)
        ]

    statuses = assert_same(act)[0]
    assert statuses == seen(both, KNOWN)[0] == seen(both, STRANGE)[0]
    assert statuses == [303, 303, 303, 303, 429, 429]


def test_trust_comes_from_a_key_in_the_browser_never_from_the_address(client, article, rules):
    earlier = make_comment(article, address=KNOWN, status=Status.APPROVED)
    for address in (KNOWN, STRANGE):
        for key, status in (("", Status.PENDING), (earlier.private_key, Status.APPROVED)):
            with transaction.atomic():
                with time_machine.travel(timezone.now(), tick=False) as clock:
                    token = tokens.issue(article)
                    clock.shift(60)
                    post(client, article, address, token=token, earlier=key)
                assert Comment.objects.latest("pk").status == status
                transaction.set_rollback(True)


def test_the_picture_comes_from_the_name_alone(client, article, rules):
    for address in (KNOWN, STRANGE):
        make_comment(article, address=address, author_name="Ann", status=Status.APPROVED)
    page = client.get(article.get_absolute_url()).content.decode()
    pictures = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(pictures) >= 2
    assert len(set(pictures[:2])) == 1


# --- Pages that mails lead to --------------------------------------------------------------------


def mail_paths(article, kind):
    """Return the path with a token that was given out, and the same with one that was not."""
    comment = make_comment(article, address=STRANGE, status=Status.PENDING)
    wish = subscriptions.wish(comment)
    token = mailboxes.locked(comment.contact).token if kind == "mailbox" else wish.token
    place = "/mail/{}/" if kind == "mailbox" else "/mail/mute/{}/"
    return place.format(token), place.format("x" * len(token))


@pytest.mark.parametrize("kind", ["mailbox", "mute"])
@pytest.mark.parametrize(
    "data", [None, {"answer": "yes"}, {"answer": "never"}, {"answer": "?"}, {}]
)
def test_pages_of_mails_do_not_say_whether_they_know_the_token(client, article, kind, data):
    answers = []
    for path in mail_paths(article, kind):
        headers = {"Sec-Fetch-Site": "same-origin"}
        response = (
            client.post(path, data, headers=headers) if data is not None else client.get(path)
        )
        body = response.content.decode().replace(path, "…")
        answers.append((response.status_code, str(sorted(response.headers.items())), body))
    assert answers[0] == answers[1]


def test_this_test_would_see_a_difference(client, article, history, monkeypatch):
    """An oracle put in by hand: trust by address, as WordPress has it."""
    if history is same_words:
        return
    seal = contacts.seal

    def trusting(comment, address):
        contact = seal(comment, address)
        same = contacts.same_address(contact)
        if Comment.objects.filter(contact__blind_index__in=same).count() > 1:
            Comment.objects.filter(pk=comment.pk).update(status=Status.APPROVED)
        return contact

    monkeypatch.setattr(contacts, "seal", trusting)

    def act(address):
        post(client, article, address, comment="Quite other words.")
        return [client.get(Comment.objects.latest("pk").private_path)]

    known, strange = seen(act, KNOWN), seen(act, STRANGE)
    assert known[3] != strange[3]
    assert known[4] != strange[4]
