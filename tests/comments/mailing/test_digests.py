"""Digests: what waits, told once, as often as each moderator likes, without anybody's address."""

import datetime
import re
import smtplib

import pytest
from django.core import mail
from django.utils import timezone

from comments.mailing.moderator_letters import SETTLING, SHOWN
from comments.models import (
    Comment,
    Digest,
    MailKind,
    MailState,
    ModeratorPreferences,
    OutgoingMail,
    Proposal,
    Status,
)
from tests.builders import make_comment, make_pingback, make_user
from tests.comments.mailing.conftest import DAY, MINUTE, everything_said, html_of
from tests.comments.mailing.test_outbox import HERE, Failing

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def preferring(mailed_moderator):
    """Return a function that sets how often the moderator wants to be told, from now on."""

    def prefer(digest: str) -> ModeratorPreferences:
        return ModeratorPreferences.objects.update_or_create(
            user=mailed_moderator, defaults={"digest": digest}
        )[0]

    return prefer


@pytest.fixture
def later(clock, tidy, work):
    """Return a function that puts the clock forward and does all that is due then."""

    def go(time: datetime.timedelta) -> int:
        clock.forward(time)
        work()
        tidy()
        clock.forward(SETTLING + datetime.timedelta(seconds=1))
        tidy()
        return len(mail.outbox)

    return go


class TestHowOften:
    def test_daily_unless_said_otherwise(self, mailed_moderator, article, later):
        make_comment(article)
        assert later(MINUTE) == 1
        make_comment(article)
        assert later(23 * HOUR) == 1
        assert later(HOUR) == 2
        assert [message.to for message in mail.outbox] == [["moderator@staff.example"]] * 2

    def test_hourly(self, preferring, article, later):
        preferring(Digest.HOURLY)
        for number in (1, 2, 3):
            make_comment(article)
            assert later(HOUR) == number

    def test_at_once_and_then_at_most_every_five_minutes(
        self, preferring, article, work, run_tasks, tidy, clock
    ):
        preferring(Digest.AT_ONCE)
        for _ in range(3):
            make_comment(article)
            work()
            clock.forward(SETTLING + datetime.timedelta(seconds=1))
            run_tasks()
        assert [m.subject for m in mail.outbox] == ["1 comment waits for you at Recovery"]
        tidy()
        assert len(mail.outbox) == 1
        clock.forward(4 * MINUTE)
        tidy()
        clock.forward(MINUTE)
        tidy()
        assert mail.outbox[1].subject == "2 comments wait for you at Recovery"

    def test_a_decision_is_no_arrival(self, preferring, article, work, clock, run_tasks):
        preferring(Digest.AT_ONCE)
        make_comment(article, status=Status.APPROVED)
        make_comment(article, status=Status.SPAM)
        work()
        assert not OutgoingMail.objects.exists()

    def test_never(self, preferring, article, later):
        preferring(Digest.OFF)
        make_comment(article)
        make_comment(article, status=Status.SPAM)
        assert later(30 * DAY) == 0

    def test_nothing_when_nothing_waits_or_all_was_told(self, mailed_moderator, article, later):
        assert later(2 * DAY) == 0
        make_comment(article)
        assert later(2 * DAY) == 1
        assert later(2 * DAY) == 1
        assert later(2 * DAY) == 1

    def test_what_was_held_again_is_told_again(self, mailed_moderator, article, later):
        comment = make_comment(article)
        assert later(DAY) == 1
        comment.approve()
        later(DAY)
        comment.hold()
        assert later(DAY) == 2

    def test_what_they_put_back_themselves_is_not(self, mailed_moderator, article, later):
        comment, other = make_comment(article), make_user()
        assert later(DAY) == 1
        event = comment.mark_spam(by=mailed_moderator)
        assert event.undo(by=mailed_moderator)
        assert later(DAY) == 1
        comment.refresh_from_db()
        comment.approve(by=mailed_moderator)
        comment.hold(by=other)
        assert later(DAY) == 2, "somebody else has"

    def test_what_came_in_a_moment_ago_is_told_the_next_time(self, preferring, article, later):
        preferring(Digest.HOURLY)
        make_comment(article)
        # Committed later than its moment says.
        make_comment(article, status_since=timezone.now() + HOUR + 2 * SETTLING)
        later(HOUR)
        later(HOUR)
        assert [m.subject[:10] for m in mail.outbox] == ["1 comment ", "1 comment "]

    def test_after_one_that_could_not_be_delivered_a_day_passes(
        self, preferring, article, later, settings, monkeypatch
    ):
        settings.EMAIL_BACKEND = HERE + "Failing"
        error = smtplib.SMTPRecipientsRefused({"moderator@staff.example": (550, b"who?")})
        monkeypatch.setattr(Failing, "errors", [error])
        preferring(Digest.AT_ONCE)
        make_comment(article)
        assert later(MINUTE) == 0
        assert later(HOUR) == 0
        assert OutgoingMail.objects.count() == 1
        assert later(DAY) == 1

    def test_while_one_waits_for_its_next_attempt_no_other_is_planned(
        self, preferring, article, later, settings, monkeypatch
    ):
        settings.EMAIL_BACKEND = HERE + "Failing"
        monkeypatch.setattr(Failing, "errors", [OSError(), OSError()])
        preferring(Digest.AT_ONCE)
        make_comment(article)
        later(MINUTE)
        later(2 * MINUTE)
        make_comment(article)
        later(6 * MINUTE)
        assert OutgoingMail.objects.get().attempts == 2
        later(10 * MINUTE)
        assert mail.outbox[0].subject.startswith("2 comments wait")


class TestToWhom:
    def test_only_to_those_who_moderate_and_have_an_address(self, article, later):
        make_user("comments.view_comment", email="reader@staff.example")
        make_user("comments.moderate_comment", email="")
        make_user("comments.moderate_comment", email="gone@staff.example", is_active=False)
        make_user(is_superuser=True, email="owner@staff.example")
        make_comment(article)
        later(MINUTE)
        assert [message.to for message in mail.outbox] == [["owner@staff.example"]]

    def test_not_to_somebody_who_may_not_any_more(self, mailed_moderator, article, tidy, clock):
        make_comment(article)
        tidy()
        mailed_moderator.user_permissions.clear()
        clock.forward(MINUTE)
        tidy()
        assert mail.outbox == []
        assert OutgoingMail.objects.get().state == MailState.DROPPED

    def test_each_has_links_of_their_own(self, article, later, client):
        for name in ("ann", "bob"):
            make_user("comments.moderate_comment", email=f"{name}@staff.example")
        make_comment(article)
        later(MINUTE)
        first, second = (set(acts_in(message)) for message in mail.outbox)
        assert len(first) == len(second) == 3
        assert first.isdisjoint(second)


def acts_in(message) -> list[str]:
    return re.findall(r"http://127\.0\.0\.1:8000(/moderate/\S+/)", message.body)


class TestWhatItSays:
    def test_everything_a_moderator_needs_to_decide(self, mailed_moderator, article, later):
        make_comment(
            article,
            author_name="Zed",
            text="Cheap " * 100,
            score=0.82,
            score_reasons=["many links", "new host", "capitals"],
        )
        make_pingback(article, author_name="A page")
        later(MINUTE)
        said = mail.outbox[0].body
        for words in ("Zed: Reply on “Recovery from", "82 %", "many links, new host, capitals"):
            assert words in said
        assert "A page: Pingback" in said
        assert "/admin/comments/comment/" in said
        assert said.count("Cheap") < 60
        html = html_of(mail.outbox[0])
        for words in ("Zed", "82 %", "A page", "Pingback", *acts_in(mail.outbox[0])):
            assert words in html

    def test_its_links_act_by_their_page(self, mailed_moderator, article, later, client):
        comment = make_comment(article)
        later(MINUTE)
        approve, spam, trash = acts_in(mail.outbox[0])
        assert "shown to everybody" in client.get(approve).content.decode()
        client.post(spam)
        assert Comment.objects.get(pk=comment.pk).status == Status.SPAM
        assert client.post(trash).status_code == 409
        event = comment.events.order_by("-pk").first()
        assert event.actor == mailed_moderator

    def test_twenty_at_most_the_oldest_first_and_the_count(self, mailed_moderator, article, later):
        for number in range(SHOWN + 3):
            make_comment(article, author_name=f"Name {number:02}")
        shown = make_comment(article, status=Status.APPROVED)
        Proposal.objects.create(comment=shown, author_name="x", text="new words")
        later(MINUTE)
        (message,) = mail.outbox
        assert message.subject == "23 comments wait for you at Recovery"
        names = re.findall(r"^Name (\d\d):", str(message.body), re.MULTILINE)
        assert names == [f"{number:02}" for number in range(SHOWN)]
        assert "And 3 more" in message.body
        assert "In all, 24 wait." in message.body

    def test_the_oldest_comments_first_whenever_they_came_back(
        self, mailed_moderator, article, later
    ):
        old, _ = (make_comment(article, author_name=name) for name in ("Old", "New"))
        old.approve()
        old.hold()
        later(MINUTE)
        assert re.findall(r"^(Old|New):", str(mail.outbox[0].body), re.MULTILINE) == ["Old", "New"]

    def test_no_address_of_anybody_who_commented(self, mailed_moderator, article, later):
        for address in ("marker@hidden-mailbox.example", "other@hidden-mailbox.example"):
            make_comment(article, address=address, network_key="k3y0fn3tw0rk")
        later(MINUTE)
        (message,) = mail.outbox
        said = everything_said(message)
        indexes = Comment.objects.values_list("contact__blind_index", flat=True)
        for hidden in ("hidden-mailbox", "marker", "k3y0fn3tw0rk", *indexes):
            assert hidden not in said
        parsed = message.message()
        assert parsed["Reply-To"] is None
        assert parsed["From"] == "noreply@localhost"
        assert set(re.findall(r"[\w.+-]+@[\w.-]+", said)) == {
            "noreply@localhost",
            parsed["Message-ID"].strip("<>"),
        }
        assert set(re.findall(r"\b\d+\.\d+\.\d+\.\d+\b", said)) == {"127.0.0.1"}, "our own"

    def test_what_strangers_wrote_stays_what_it_is(self, mailed_moderator, article, later):
        make_comment(
            article,
            author_name="Zed\r\nBcc: a@b.example\x1b",
            text="<script>x</script>\n.\n& \u202e",
        )
        later(MINUTE)
        (message,) = mail.outbox
        assert message.recipients() == ["moderator@staff.example"]
        assert "Zed Bcc: a@b.example: Reply" in message.body
        assert "> <script>x</script>\n> .\n> &" in message.body
        assert "<script" not in html_of(message)
        assert "\u202e" not in html_of(message) + message.body

    def test_what_was_decided_before_it_went_out_is_left_out(
        self, mailed_moderator, article, tidy, clock
    ):
        gone, waits = make_comment(article), make_comment(article)
        tidy()
        gone.approve()
        clock.forward(MINUTE)
        tidy()
        assert mail.outbox[0].subject.startswith("1 comment waits")
        assert waits.author_name in mail.outbox[0].body


class TestWeekly:
    @pytest.fixture
    def binned(self, article, monkeypatch):
        """What the filter sent to spam by itself, and was least sure of."""
        from comments.policy import FILTER_SAYS

        comment = make_comment(article, author_name="Perhaps", status=Status.SPAM, doubt=0.9)
        comment.events.update(reasons=[f"{FILTER_SAYS}: 91 %"])
        return comment

    def test_is_sent_once_a_week_if_there_is_something(
        self, mailed_moderator, binned, later, client, clock
    ):
        assert later(MINUTE) == 0
        clock.forward(6 * DAY)
        Comment.objects.update(status_since=timezone.now())
        later(DAY)
        assert later(DAY) == 1
        (message,) = mail.outbox
        assert message.subject == "Spam the filter was least sure of at Recovery"
        assert "Perhaps: Reply" in message.body
        (approve,) = acts_in(message)
        client.post(approve)
        assert Comment.objects.get(pk=binned.pk).status == Status.APPROVED
        assert later(6 * DAY + 23 * HOUR) == 1

    def test_is_not_sent_without_anything_to_doubt(self, mailed_moderator, article, later, clock):
        make_comment(article, status=Status.SPAM)
        later(MINUTE)
        assert later(8 * DAY) == 0
        assert not OutgoingMail.objects.filter(kind=MailKind.WEEKLY).exists()

    def test_holds_ten_at_most(self, mailed_moderator, article, later, clock):
        from comments.policy import FILTER_SAYS

        later(MINUTE)
        clock.forward(7 * DAY)
        for _ in range(12):
            comment = make_comment(article, status=Status.SPAM)
            comment.events.update(reasons=[f"{FILTER_SAYS}: 91 %"])
        later(MINUTE)
        assert len(acts_in(mail.outbox[0])) == 10
