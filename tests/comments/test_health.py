"""The page that tells moderators how moderation is doing."""

import datetime
import re
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from comments.models import (
    Comment,
    DiscussionSettings,
    FilterState,
    Lesson,
    MailKind,
    MailState,
    ModerationEvent,
    OutgoingMail,
    Proposal,
    Status,
)
from comments.moderation import health, measures
from comments.moderation.measures import Record
from comments.policy import FILTER_SAYS
from tests.builders import make_comment, make_user
from tests.comments.queue import body

pytestmark = pytest.mark.django_db

HEALTH = "/admin/comments/comment/health/"
NOW = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
SECOND = datetime.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def show(client, moderator):
    """Return a function that opens the page."""
    client.force_login(moderator)
    return lambda: body(client.get(HEALTH))


def held_since(ago: datetime.timedelta, **kwargs) -> Comment:
    return make_comment(status_since=NOW - ago, **kwargs)


def decide(comment: Comment, status: Status, *, by=None, at=NOW, score=None, why=()):
    """Let somebody decide about the comment at that moment; return the event."""
    comment.score = score
    event = comment.move_to(status, by=by, reasons=why)
    assert event
    ModerationEvent.objects.filter(pk=event.pk).update(at=at)
    return event


def counts() -> dict[datetime.date, tuple[int, int]]:
    return {
        day.date: (day.approved, day.spam) for day in measures.days() if day.approved or day.spam
    }


class TestPage:
    def test_is_for_moderators_only(self, client):
        assert client.get(HEALTH).status_code == 302
        client.force_login(make_user("comments.view_comment"))
        assert client.get(HEALTH).status_code == 403

    def test_is_for_reading_only(self, client, moderator):
        client.force_login(moderator)
        assert client.post(HEALTH).status_code == 405

    def test_the_queue_leads_to_it(self, client, moderator):
        client.force_login(moderator)
        assert f'<a href="{HEALTH}">Health</a>' in body(client.get("/admin/comments/comment/"))

    def test_of_an_empty_site(self, show):
        shown = show()
        assert "Nothing waits." in shown
        assert "0 approved and 0 spam in 30 days" in shown
        assert "health-trouble" not in shown.partition("Background work")[0]

    def test_takes_the_same_queries_however_much_there_is(
        self, client, moderator, django_assert_max_num_queries
    ):
        client.force_login(moderator)
        client.get(HEALTH)
        with django_assert_max_num_queries(24) as before:
            client.get(HEALTH)
        for number in range(12):
            comment = held_since(number * DAY)
            decide(make_comment(comment.article), Status.SPAM, by=moderator, score=0.9)
            OutgoingMail.objects.create(
                kind=MailKind.NOTICE, state=MailState.FAILED, fault=f"Error {number}"
            )
        with django_assert_max_num_queries(len(before.captured_queries)):
            client.get(HEALTH)

    def test_what_strangers_wrote_is_escaped_and_no_style_is_used(self, show):
        held_since(DAY, author_name="<script>x</script>")
        OutgoingMail.objects.create(
            kind=MailKind.NOTICE, state=MailState.FAILED, fault="<b style='color:red'>"
        )
        shown = show()
        assert "&lt;script&gt;x" in shown
        assert "<script>x" not in shown
        assert "<b style" not in shown
        assert not re.search(r"<[^>]+\sstyle=", shown)


class TestWaiting:
    @pytest.mark.parametrize(
        ("ago", "age"),
        [
            (0 * DAY, 0),
            (DAY - SECOND, 0),
            (DAY, 1),
            (3 * DAY - SECOND, 1),
            (3 * DAY, 2),
            (7 * DAY, 3),
            (30 * DAY - SECOND, 3),
            (30 * DAY, 4),
            (400 * DAY, 4),
        ],
    )
    def test_ages_begin_where_the_last_one_ends(self, ago, age):
        held_since(ago)
        assert measures.waiting().by_age == tuple(int(number == age) for number in range(5))

    def test_counts_what_the_queue_shows(self, article):
        for status in Status:
            held_since(2 * DAY, article=article, status=status)
        changed = held_since(90 * DAY, article=article, status=Status.APPROVED)
        spam = held_since(90 * DAY, article=article, status=Status.SPAM)
        for comment in (changed, spam):
            Proposal.objects.create(comment=comment, author_name="A", text="b", at=NOW - 4 * DAY)
        waiting = measures.waiting()
        assert waiting.count == Comment.objects.waiting().count() == 2
        assert (waiting.by_age, waiting.since) == ((0, 1, 1, 0, 0), NOW - 4 * DAY)
        assert measures.longest_waiting() == changed

    def test_the_oldest_is_linked(self, show):
        oldest = held_since(5 * DAY)
        held_since(2 * DAY)
        assert measures.longest_waiting() == oldest
        shown = show()
        assert f'<a href="/admin/comments/comment/{oldest.pk}/change/">{oldest}</a>' in shown
        assert "5\xa0days" in shown

    def test_nothing_has_waited_longest_where_nothing_waits(self):
        assert measures.longest_waiting() is None
        assert measures.waiting().since is None


class TestDays:
    def test_an_empty_site_has_thirty_empty_days_that_end_today(self):
        days = measures.days()
        assert [day.date for day in days] == [NOW.date() - back * DAY for back in range(29, -1, -1)]
        assert all((day.approved, day.spam) == (0, 0) for day in days)

    @pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/New_York"])
    def test_days_are_those_of_the_time_zone(self, zone):
        with timezone.override(ZoneInfo(zone)):
            midnight = timezone.localtime().replace(hour=0)
            today = timezone.localdate()
            decide(make_comment(), Status.APPROVED, at=midnight)
            decide(make_comment(), Status.APPROVED, at=midnight - SECOND)
            decide(make_comment(), Status.SPAM, at=midnight - 29 * DAY)
            decide(make_comment(), Status.SPAM, at=midnight - 29 * DAY - SECOND)
            assert counts() == {today: (1, 0), today - DAY: (1, 0), today - 29 * DAY: (0, 1)}

    def test_a_day_of_23_hours_ends_where_the_clock_says(self, now):
        berlin = ZoneInfo("Europe/Berlin")
        now.move_to(datetime.datetime(2026, 3, 30, 12, tzinfo=berlin))
        with timezone.override(berlin):
            for hour in (datetime.time(0), datetime.time(23, 59)):
                at = datetime.datetime.combine(datetime.date(2026, 3, 29), hour, berlin)
                decide(make_comment(), Status.APPROVED, at=at)
            assert counts() == {datetime.date(2026, 3, 29): (2, 0)}

    def test_undone_decisions_are_not_counted_and_redone_ones_are(self, moderator):
        comment = make_comment()
        decision = decide(comment, Status.SPAM, by=moderator)
        undoing = decision.undo(by=moderator)
        assert counts() == {}
        redoing = undoing.undo(by=moderator)
        assert counts() == {NOW.date(): (0, 1)}
        again = redoing.undo(by=moderator)
        assert counts() == {}
        again.undo(by=moderator)
        assert counts() == {NOW.date(): (0, 1)}

    def test_taking_back_an_approval_makes_no_spam_of_what_was_spam_before(self, moderator):
        comment = make_comment()
        decide(comment, Status.SPAM, at=NOW - DAY)
        decide(comment, Status.APPROVED, by=moderator).undo(by=moderator)
        assert counts() == {NOW.date() - DAY: (0, 1)}

    def test_a_comment_counts_once_a_day_and_a_purged_one_still_counts(self, moderator):
        comment = make_comment()
        for status in (Status.APPROVED, Status.PENDING, Status.APPROVED):
            decide(comment, status, by=moderator)
        for _ in range(2):
            decide(make_comment(comment.article), Status.SPAM)
        Comment.objects.filter(status=Status.SPAM).purge()
        assert counts() == {NOW.date(): (1, 2)}

    def test_what_is_settled_when_it_comes_in_counts_and_new_words_do_not(self, moderator):
        comment = make_comment(status=Status.APPROVED)
        ModerationEvent.objects.update(at=NOW - DAY)
        Proposal.objects.create(comment=comment, author_name="A", text="b").accept(by=moderator)
        make_comment(comment.article, status=Status.TRASH)
        assert counts() == {NOW.date() - DAY: (1, 0)}

    def test_the_drawing_matches_the_table(self, show, article):
        for number, back in enumerate((0, 0, 3, 3, 3, 29)):
            status = Status.SPAM if number % 2 else Status.APPROVED
            decide(make_comment(article), status, at=NOW - back * DAY)
        shown = show()
        table = re.findall(
            r'<time datetime="([\d-]+)">[^<]*</time></th><td>(\d+)</td><td>(\d+)</td>', shown
        )
        assert [(day, int(a), int(s)) for day, a, s in reversed(table)] == [
            (str(day.date), day.approved, day.spam) for day in measures.days()
        ]
        groups = re.findall(r"<g>(.*?)</g>", shown, re.DOTALL)
        assert len(groups) == len(table) == 30
        for group, (_, approved, spam) in zip(groups, reversed(table), strict=True):
            assert f": {approved} approved, {spam} spam</title>" in group
            bars = dict(re.findall(r'class="health-(\w+)".*height="([\d.]+)"', group))
            # Two is the highest line, at 152 pixels.
            expected = {"approved": 76.0 * int(approved), "spam": 76.0 * int(spam)}
            assert {kind: float(bars.get(kind, 0)) for kind in expected} == expected
        assert re.search(r"<tfoot><tr><th[^>]*>All</th><td>3</td><td>3</td>", shown)
        assert "3 approved and 3 spam in 30 days" in shown


class TestFilter:
    def test_opinions_are_compared_with_what_moderators_decided(self, moderator, article):
        def judged(status, score):
            decide(make_comment(article), status, by=moderator, score=score)

        for status, score in [
            (Status.SPAM, 0.5),
            (Status.SPAM, 0.9),
            (Status.SPAM, 0.49),
            (Status.APPROVED, 0.7),
            (Status.APPROVED, 0.1),
            (Status.APPROVED, None),
            (Status.TRASH, 0.9),
        ]:
            judged(status, score)
        decide(make_comment(article), Status.SPAM, score=0.99)  # nobody's decision
        record = measures.record()
        assert record == Record(6, 2, 1, 1, 1)
        assert record.precision == pytest.approx(2 / 3)
        assert record.agreement == pytest.approx(3 / 5)

    def test_only_the_last_verdict_on_a_comment_counts_and_none_that_was_taken_back(
        self, moderator, article
    ):
        comment, undone = make_comment(article), make_comment(article)
        decide(comment, Status.SPAM, by=moderator, score=0.9)
        decide(comment, Status.APPROVED, by=moderator, score=0.9)
        decide(undone, Status.SPAM, by=moderator, score=0.9).undo(by=moderator)
        assert measures.record() == Record(1, fine_suspected=1)

    def test_taken_out_of_spam_is_no_spam(self, moderator, article):
        comment = make_comment(article, status=Status.SPAM)
        decide(comment, Status.PENDING, by=moderator, score=0.99)
        decide(make_comment(article, status=Status.APPROVED), Status.PENDING, by=moderator)
        assert measures.record() == Record(1, fine_suspected=1)

    def test_without_an_opinion_at_the_decision_the_one_before_the_lesson_counts(self, moderator):
        comment = make_comment()
        decide(comment, Status.SPAM, by=moderator)
        Lesson.objects.create(comment=comment, is_spam=True, features=b"", score_before=0.8)
        assert measures.record() == Record(1, spam_suspected=1)

    def test_only_the_last_200_decisions_are_looked_at(self, moderator, article):
        comments = [make_comment(article) for _ in range(3)]
        event = decide(comments[0], Status.SPAM, by=moderator, score=0.1)
        same = {"actor": moderator, "from_status": "pending", "to_status": "spam", "score": 0.9}
        ModerationEvent.objects.bulk_create([ModerationEvent(**same) for _ in range(199)])
        assert measures.record() == Record(200, 199, 1)
        decide(comments[1], Status.SPAM, by=moderator, score=0.9)
        assert measures.record() == Record(200, 200)
        assert event.pk

    def test_what_it_did_itself_and_what_was_taken_back(self, moderator, article):
        why = [f"{FILTER_SAYS}99 % sure"]

        def binned(**kwargs):
            comment = make_comment(article)
            decide(comment, Status.SPAM, why=why, score=0.99, **kwargs)
            return comment

        for _ in range(2):
            binned()
        decide(binned(), Status.APPROVED, by=moderator)
        decide(binned(), Status.PENDING, by=moderator)
        decide(binned(), Status.TRASH, by=moderator)
        decide(binned(), Status.APPROVED, by=moderator).undo(by=moderator)
        binned(at=NOW - 31 * DAY)
        decide(make_comment(article), Status.SPAM, why=["holds the disallowed word “x”"])
        decide(make_comment(article), Status.SPAM, by=moderator, score=0.99)
        assert measures.own_acts() == measures.OwnActs(6, 2)

    @pytest.mark.parametrize(
        ("measured", "state", "why"),
        [
            ({}, "filter learning", "0 about spam and 0 about what was none"),
            ({"ham": 90, "spam": 49}, "filter learning", "49 about spam and 90 about"),
            ({"ham": 90, "spam": 50, "measured_ham": 49}, "filter learning", "so far these are 49"),
            (
                {"ham": 90, "spam": 50, "measured_ham": 80, "false_positive_rate": 0.025},
                "filter learning",
                "now that is 2.5 %.",
            ),
            (
                {"ham": 90, "spam": 50, "measured_ham": 80, "false_positive_rate": 0.0},
                "filter acting",
                "",
            ),
        ],
    )
    def test_it_says_why_it_does_not_act(self, show, measured, state, why):
        FilterState.objects.create(
            pk=1, weights=b"", version=7, measures={**measured, "covered": why}
        )
        rules = DiscussionSettings.current()
        assert health.filter_state(measured, rules) == state
        assert why in show()
        assert bool(health.why_it_does_not_act(measured, rules)) == bool(why)
        rules.filter_enabled = False
        assert health.filter_state(measured, rules) == "filter switched off"
        assert "switched off" in health.why_it_does_not_act(measured, rules)


class TestMail:
    def mail(self, state, ago=DAY, kind=MailKind.NOTICE, **kwargs):
        return OutgoingMail.objects.create(kind=kind, state=state, due_at=NOW - ago, **kwargs)

    def test_waiting_sent_and_failed(self, show):
        for state in MailState:
            self.mail(state)
        for state in (MailState.SENT, MailState.FAILED):
            self.mail(state, ago=7 * DAY)
            self.mail(state, ago=7 * DAY + SECOND)
        self.mail(MailState.WAITING, attempts=1, fault="timeout")
        assert dict(health.mail_section().facts) == {
            "Waiting": 3,
            "Waiting after a failed attempt": 1,
            "Sent in 7 days": 2,
            "Failed in 7 days": 2,
        }
        assert "2 mails could not be sent." in show()

    def test_failures_by_kind_and_why_the_most_frequent_first(self):
        for fault in ("SMTPAuthenticationError 535", "TimeoutError", "TimeoutError"):
            self.mail(MailState.FAILED, fault=fault)
        self.mail(MailState.FAILED, ago=3 * DAY, kind=MailKind.DIGEST, fault="TimeoutError")
        rows = health.mail_section().table.rows
        assert rows == (
            ("Notice of a reply", "TimeoutError, last 1 day ago", 2),
            ("What waits for moderators", "TimeoutError, last 3 days ago", 1),
            ("Notice of a reply", "SMTPAuthenticationError 535, last 1 day ago", 1),
        )
