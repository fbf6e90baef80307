"""Signed links of moderators: one act on one comment as it was, by somebody who still may."""

import re

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from comments.mailing import links
from comments.models import Comment, ModerationEvent, Status
from tests.builders import make_comment, make_pingback
from tests.comments.mailing.conftest import DAY, MINUTE, READER
from tests.test_templates import page

pytestmark = pytest.mark.django_db


@pytest.fixture
def pending(article):
    return make_comment(article, author_name="Zed <b>", text="As **said**.", address=READER)


def status_of(comment: Comment) -> str:
    return Comment.objects.get(pk=comment.pk).status


def said(response) -> str:
    page(response)
    return str(response.content, "utf-8")


def undo_in(response) -> str:
    found = re.search(r'name="undo" value="([^"]+)"', response.content.decode())
    assert found, "no Undo on the page"
    return found[1]


def test_the_page_shows_what_would_be_done_to_what(client, pending, moderator):
    response = client.get(links.act_path("spam", pending, moderator))
    shown = said(response)
    assert response.status_code == 200
    for words in ("Zed &lt;b&gt;", "As **said**.", "Recovery from Disconnection", "marked as spam"):
        assert words in shown
    assert "marker" not in shown
    assert status_of(pending) == Status.PENDING


@pytest.mark.parametrize(
    ("verb", "status"),
    [("approve", Status.APPROVED), ("spam", Status.SPAM), ("trash", Status.TRASH)],
)
def test_the_button_does_it_in_the_moderators_name(client, pending, moderator, verb, status):
    response = client.post(links.act_path(verb, pending, moderator))
    assert response.status_code == 200
    said(response)
    assert status_of(pending) == status
    event = ModerationEvent.objects.filter(comment=pending).order_by("-pk")[0]
    assert (event.actor, event.to_status) == (moderator, status)
    assert not response.cookies


def test_a_second_press_says_that_it_was_done(client, pending, moderator):
    link = links.act_path("approve", pending, moderator)
    client.post(link)
    response = client.post(link)
    assert response.status_code == 409
    assert links.DECIDED in said(response)
    assert ModerationEvent.objects.filter(comment=pending).count() == 2


def test_it_acts_on_no_other_comment(client, pending, moderator):
    other = make_comment()
    client.post(links.act_path("trash", pending, moderator), {"comment": other.pk, "pk": other.pk})
    assert status_of(other) == Status.PENDING


@pytest.mark.parametrize("method", ["get", "post"])
class TestRefused:
    """What is refused is refused on the page and by the button."""

    def ask(self, client, method, link, status, sentence, comment):
        before = status_of(comment)
        response = getattr(client, method)(link)
        assert response.status_code == status
        assert sentence in said(response).replace("&#x27;", "'")
        assert status_of(comment) == before

    def test_after_a_week(self, client, pending, moderator, method):
        link = links.act_path("approve", pending, moderator)
        with time_machine.travel(timezone.now() + 7 * DAY - MINUTE):
            assert client.get(link).status_code == 200
        with time_machine.travel(timezone.now() + 7 * DAY + MINUTE):
            self.ask(client, method, link, 410, links.EXPIRED, pending)

    @pytest.mark.parametrize("place", [0, 12, -12, -2])
    def test_when_tampered_with(self, client, pending, moderator, method, place):
        token = links.act_path("approve", pending, moderator).removeprefix("/moderate/")[:-1]
        at = range(len(token))[place]
        changed = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        self.ask(client, method, f"/moderate/{changed}/", 404, links.UNKNOWN, pending)

    def test_when_made_up(self, client, pending, moderator, method):
        self.ask(client, method, "/moderate/abc/", 404, links.UNKNOWN, pending)

    def test_when_the_permission_was_withdrawn(self, client, pending, moderator, method):
        link = links.act_path("approve", pending, moderator)
        moderator.user_permissions.clear()
        self.ask(client, method, link, 403, links.NOT_ALLOWED, pending)

    def test_when_the_account_was_closed(self, client, pending, moderator, method):
        link = links.act_path("approve", pending, moderator)
        User.objects.filter(pk=moderator.pk).update(is_active=False)
        self.ask(client, method, link, 403, links.NOT_ALLOWED, pending)

    def test_when_the_account_is_gone(self, client, pending, moderator, method):
        link = links.act_path("approve", pending, moderator)
        moderator.delete()
        self.ask(client, method, link, 403, links.NOT_ALLOWED, pending)

    @pytest.mark.parametrize("column", ["text", "author_name"])
    def test_when_the_words_changed(self, client, pending, moderator, method, column):
        link = links.act_path("trash", pending, moderator)
        Comment.objects.filter(pk=pending.pk).update(**{column: "Something else"})
        self.ask(client, method, link, 409, links.OTHER_WORDS, pending)

    @pytest.mark.parametrize("verb", ["approve", "mark_spam", "move_to_trash"])
    def test_when_somebody_decided(self, client, pending, moderator, method, verb):
        link = links.act_path("approve", pending, moderator)
        getattr(pending, verb)()
        self.ask(client, method, link, 409, links.DECIDED, pending)

    def test_when_the_comment_is_gone(self, client, pending, moderator, method):
        link, other = links.act_path("approve", pending, moderator), make_comment()
        pending.delete()
        self.ask(client, method, link, 410, links.GONE, other)


def test_a_post_from_elsewhere_does_nothing(client, pending, moderator):
    link = links.act_path("approve", pending, moderator)
    response = client.post(link, headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
    assert status_of(pending) == Status.PENDING


def test_spam_of_the_weekly_mail_can_be_approved(client, article, moderator):
    spam = make_comment(article, status=Status.SPAM)
    client.post(links.act_path("approve", spam, moderator))
    assert status_of(spam) == Status.APPROVED


def test_a_pingback_is_shown_and_decided_too(client, article, moderator):
    pingback = make_pingback(article, text="words around it")
    link = links.act_path("approve", pingback, moderator)
    assert "words around it" in said(client.get(link))
    client.post(link)
    assert status_of(pingback) == Status.APPROVED


def test_the_token_shows_nothing_of_the_comment(pending, moderator):
    path = links.act_path("approve", pending, moderator)
    assert re.fullmatch(r"/moderate/[A-Za-z0-9_.-]+/", path)
    for words in ("Zed", "said", READER, moderator.get_username()):
        assert words not in path


class TestUndo:
    def test_takes_it_back(self, client, pending, moderator):
        link = links.act_path("approve", pending, moderator)
        undo = undo_in(client.post(link))
        response = client.post(link, {"undo": undo})
        said(response)
        assert status_of(pending) == Status.PENDING
        event = ModerationEvent.objects.filter(comment=pending).order_by("-pk")[0]
        assert event.actor == moderator
        assert event.undoes is not None
        assert client.post(link).status_code == 200, "and can be decided again"

    def test_not_twice_and_not_over_another_decision(self, client, pending, moderator):
        link = links.act_path("approve", pending, moderator)
        undo = undo_in(client.post(link))
        Comment.objects.get(pk=pending.pk).mark_spam()
        assert client.post(link, {"undo": undo}).status_code == 409
        assert status_of(pending) == Status.SPAM

    def test_not_after_a_quarter_of_an_hour(self, client, pending, moderator):
        link = links.act_path("approve", pending, moderator)
        undo = undo_in(client.post(link))
        with time_machine.travel(timezone.now() + 16 * MINUTE):
            assert client.post(link, {"undo": undo}).status_code == 410
        assert status_of(pending) == Status.APPROVED

    @pytest.mark.parametrize("undo", ["x", "WzEsMSwxXQ.1abc.def"])
    def test_not_by_what_was_made_up(self, client, pending, moderator, undo):
        link = links.act_path("approve", pending, moderator)
        client.post(link)
        assert client.post(link, {"undo": undo}).status_code == 410
        assert status_of(pending) == Status.APPROVED

    def test_not_by_the_undo_of_another_comment(self, client, pending, moderator):
        other = make_comment()
        undo = undo_in(client.post(links.act_path("approve", other, moderator)))
        link = links.act_path("approve", pending, moderator)
        client.post(link)
        assert client.post(link, {"undo": undo}).status_code == 410
        assert (status_of(pending), status_of(other)) == (Status.APPROVED, Status.APPROVED)

    def test_not_by_somebody_who_may_not_any_more(self, client, pending, moderator):
        link = links.act_path("approve", pending, moderator)
        undo = undo_in(client.post(link))
        moderator.user_permissions.clear()
        assert client.post(link, {"undo": undo}).status_code == 403
        assert status_of(pending) == Status.APPROVED


def test_somebody_signed_in_posts_with_their_csrf_field(pending, moderator):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(moderator)
    link = links.act_path("approve", pending, moderator)
    assert strict.post(link).status_code == 403
    fields = page(strict.get(link)).tags
    token = next(a["value"] for _, a in fields if a.get("name") == "csrfmiddlewaretoken")
    assert strict.post(link, {"csrfmiddlewaretoken": token}).status_code == 200
    assert status_of(pending) == Status.APPROVED
