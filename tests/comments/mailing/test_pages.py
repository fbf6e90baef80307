"""What readers' mails lead to: reading never acts, and what is unknown is answered as what is known."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from comments.mailing import links, mailboxes, subscriptions
from comments.models import Comment, Mailbox, ModerationEvent, Status, SubscriptionState
from comments.models.mail import new_token
from tests.builders import make_article, make_comment
from tests.comments.mailing.conftest import READER, mailbox_of, make_wish, state_of
from tests.test_templates import page

pytestmark = pytest.mark.django_db
ELSEWHERE = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
CONFIRMED, ENDED, WAITING = (
    SubscriptionState.CONFIRMED,
    SubscriptionState.ENDED,
    SubscriptionState.WAITING,
)


@pytest.fixture
def asked(article, work):
    """A wish about which its reader has been asked."""
    wish = make_wish(article)
    wish.comment.approve()
    work()
    return wish


def link_in_mail() -> str:
    found = re.search(r"http://127\.0\.0\.1:8000(/mail/\S+)", str(mail.outbox[0].body))
    assert found
    return found[1]


def unknown(view: str) -> str:
    return reverse(view, args=[new_token()])


def words(response) -> str:
    return str(response.content, "utf-8")


class TestMailbox:
    def test_the_link_shows_what_is_asked_and_does_nothing(self, client, asked):
        response = client.get(link_in_mail())
        page(response)
        assert "Recovery from Disconnection" in words(response)
        assert state_of(asked) == WAITING
        for hidden in (READER, asked.comment.text, asked.comment.author_name):
            assert hidden not in words(response)

    def test_yes_confirms(self, client, asked):
        response = client.post(link_in_mail(), {"answer": "yes"})
        assert "From now on you get a mail" in words(response)
        assert state_of(asked) == CONFIRMED
        assert "You get a mail when" in words(client.get(link_in_mail()))

    def test_no_is_for_ever(self, client, asked):
        client.post(link_in_mail(), {"answer": "never"})
        assert state_of(asked) == ENDED
        assert mailbox_of(asked).refused_at
        assert "Nothing is asked of you" in words(client.get(link_in_mail()))
        client.post(link_in_mail(), {"answer": "yes"})
        assert state_of(asked) == ENDED

    def test_stop_ends_what_there_is_and_refuses_nothing(self, client, asked, article, work):
        assert "Stop telling me" not in words(client.get(link_in_mail()))
        client.post(link_in_mail(), {"answer": "yes"})
        later = make_wish(article, status=Status.APPROVED)
        assert "Stop telling me of replies" in words(client.get(link_in_mail()))
        client.post(link_in_mail(), {"answer": "stop"})
        assert (state_of(asked), state_of(later)) == (ENDED, ENDED)
        assert mailbox_of(asked).refused_at is None
        assert "Nothing is asked of you" in words(client.get(link_in_mail()))
        new = make_wish(article, status=Status.APPROVED)
        assert "Was that you?" in words(client.get(link_in_mail()))
        client.post(link_in_mail(), {"answer": "yes"})
        assert (state_of(new), state_of(asked)) == (CONFIRMED, ENDED)

    def test_what_is_not_shown_is_not_listed(self, client, asked):
        other = make_wish(make_article(title="An article nobody sees"))
        client.post(link_in_mail(), {"answer": "yes"})
        assert state_of(other) == WAITING
        assert "nobody sees" not in words(client.get(link_in_mail()))

    @pytest.mark.parametrize("data", [{}, {"answer": "maybe"}, {"answer": ""}])
    def test_only_an_answer_is_one(self, client, asked, data):
        assert client.post(link_in_mail(), data).status_code == 400
        assert state_of(asked) == WAITING

    @pytest.mark.parametrize("answer", ["yes", "stop", "never"])
    def test_a_post_from_elsewhere_does_nothing(self, client, asked, answer):
        response = client.post(link_in_mail(), {"answer": answer}, headers=ELSEWHERE)
        assert response.status_code == 403
        assert state_of(asked) == WAITING

    def test_somebody_with_a_session_can_answer(self, asked, moderator):
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(moderator)
        assert strict.post(link_in_mail(), {"answer": "yes"}).status_code == 403
        token = page(strict.get(link_in_mail()))
        field = next(a for _, a in token.tags if a.get("name") == "csrfmiddlewaretoken")
        data = {"answer": "yes", "csrfmiddlewaretoken": field["value"]}
        assert strict.post(link_in_mail(), data).status_code == 200
        assert state_of(asked) == CONFIRMED

    def test_an_unknown_mailbox_is_answered_as_one_of_which_nothing_is_asked(self, client, asked):
        subscriptions.refuse(mailbox_of(asked))
        refused, strange = link_in_mail(), unknown("mailbox")
        for ask in (client.get, lambda url: client.post(url, {"answer": "yes"})):
            assert words(ask(refused)) == words(ask(strange))
            assert ask(strange).status_code == 200
        for answer in ({"answer": "stop"}, {"answer": "never"}):
            assert words(client.post(refused, answer)) == words(client.post(strange, answer))


class TestMute:
    def test_one_click_of_a_mail_program(self, confirmed):
        # RFC 8058, 3.2: a bare POST by a server that has no cookie and comes from nowhere.
        strict = Client(enforce_csrf_checks=True)
        response = strict.post(
            reverse("mute_mail", args=[confirmed.token]),
            "List-Unsubscribe=One-Click",
            content_type="application/x-www-form-urlencoded",
            headers=ELSEWHERE,
        )
        assert response.status_code == 200
        assert state_of(confirmed) == ENDED
        assert not response.cookies

    def test_by_the_button_of_its_page(self, client, confirmed):
        url = reverse("mute_mail", args=[confirmed.token])
        shown = page(client.get(url))
        assert state_of(confirmed) == CONFIRMED
        fields = {a["name"]: a["value"] for tag, a in shown.tags if tag == "input"}
        assert fields == {"List-Unsubscribe": "One-Click"}
        client.post(url, fields)
        assert state_of(confirmed) == ENDED

    def test_ends_only_that_one(self, client, confirmed, article):
        other = make_wish(article, status=Status.APPROVED)
        subscriptions.confirm(mailboxes.locked(other.comment.contact))
        client.post(reverse("mute_mail", args=[confirmed.token]))
        assert (state_of(confirmed), state_of(other)) == (ENDED, CONFIRMED)

    def test_known_and_unknown_are_answered_the_same(self, client, confirmed):
        known, strange = reverse("mute_mail", args=[confirmed.token]), unknown("mute_mail")
        for ask in (client.get, client.post, client.post, client.get):
            first, second = ask(known), ask(strange)
            assert (first.status_code, words(first)) == (second.status_code, words(second))
            assert first.status_code == 200

    def test_no_mail_without_a_new_yes_afterwards(self, client, confirmed):
        client.post(reverse("mute_mail", args=[confirmed.token]))
        confirmed.refresh_from_db()
        assert confirmed.confirmed_at is None


@pytest.mark.parametrize("method", ["get", "head", "options", "put", "delete", "patch", "trace"])
def test_nothing_but_a_post_ever_acts(client, article, confirmed, moderator, method):
    wish, pending = make_wish(article, status=Status.APPROVED), make_comment(article)
    mailbox = mailboxes.locked(wish.comment.contact)
    spam = make_comment(article, status=Status.SPAM)
    paths = [
        reverse("mailbox", args=[mailbox.token]),
        reverse("mute_mail", args=[confirmed.token]),
        *(links.act_path(verb, pending, moderator) for verb in ("approve", "spam", "trash")),
        links.act_path("approve", spam, moderator),
    ]
    events = ModerationEvent.objects.count()
    for path in paths:
        for query in ("", "?answer=yes", "?List-Unsubscribe=One-Click", "?answer=never&undo=x"):
            status = getattr(client, method)(path + query).status_code
            assert status == (200 if method in ("get", "head") else 405)
    assert (state_of(wish), state_of(confirmed)) == (WAITING, CONFIRMED)
    assert not Mailbox.objects.filter(refused_at__isnull=False).exists()
    assert ModerationEvent.objects.count() == events
    statuses = Comment.objects.filter(pk__in=[pending.pk, spam.pk]).order_by("pk")
    assert [comment.status for comment in statuses] == [Status.PENDING, Status.SPAM]


def test_pages_are_kept_and_indexed_by_nobody_and_set_no_cookie(client, confirmed, moderator):
    mailbox = mailboxes.locked(confirmed.comment.contact)
    pending = make_comment()
    for path in (
        reverse("mailbox", args=[mailbox.token]),
        reverse("mute_mail", args=[confirmed.token]),
        links.act_path("approve", pending, moderator),
    ):
        for response in (client.get(path), client.post(path)):
            page(response)
            assert "no-store" in response["Cache-Control"]
            assert "private" in response["Cache-Control"]
            assert response["X-Robots-Tag"] == "noindex, nofollow"
            assert response["Referrer-Policy"] == "same-origin"
            assert not response.cookies
            assert READER not in words(response)
