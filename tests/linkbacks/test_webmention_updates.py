"""Linkbacks kept alive: what happens when a page that linked changes, vanishes or comes back."""

import datetime

import pytest
import time_machine

from comments.linkbacks.exceptions import SourceNotFound
from comments.linkbacks.models import Linkback
from comments.models import Comment, DiscussionSettings, Proposal, Status
from recovery import housekeeping
from tests.linkbacks.fake_web import SOURCE, linking

OTHER = "https://other.example/x"

pytestmark = pytest.mark.django_db


class TestUpdates:
    """3.2.3 and 3.2.4: what is announced again is looked at again."""

    @pytest.fixture
    def approved(self, web, send, article):
        web.page(SOURCE, linking(article))
        linkback = send()
        linkback.comment.approve()
        return linkback

    @pytest.fixture
    def later(self, article):
        return lambda **kwargs: article.published_at + datetime.timedelta(**kwargs)

    def test_held_words_are_replaced(self, web, send, article, later):
        web.page(SOURCE, linking(article))
        send()
        web.page(SOURCE, linking(article, "Now I think otherwise about {}"))
        send(later=later(minutes=6))
        assert Comment.objects.get().text == "Now I think otherwise about this article"

    def test_approved_words_stay_in_sight_until_the_new_ones_are_accepted(
        self, web, send, article, later, approved, moderator
    ):
        web.page(SOURCE, linking(article, "Buy my pills with {}"))
        send(later=later(minutes=6))
        comment = Comment.objects.get()
        assert (comment.status, comment.text) == (
            Status.APPROVED,
            "I thought about this article for a week",
        )
        assert list(Comment.objects.waiting()) == [comment]
        comment.proposal.accept(by=moderator)
        assert Comment.objects.get().text == "Buy my pills with this article"
        assert not Comment.objects.waiting().exists()

    def test_declined_words_are_forgotten(self, web, send, article, later, approved, moderator):
        web.page(SOURCE, linking(article, "Buy my pills with {}"))
        send(later=later(minutes=6))
        Proposal.objects.get().decline(by=moderator)
        assert Comment.objects.get().text == "I thought about this article for a week"
        send(later=later(minutes=12))
        assert not Proposal.objects.exists(), "what was declined is not offered again"

    def test_words_that_change_back_need_no_decision(self, web, send, article, later, approved):
        web.page(SOURCE, linking(article, "Buy my pills with {}"))
        send(later=later(minutes=6))
        web.page(SOURCE, linking(article))
        send(later=later(minutes=12))
        assert not Proposal.objects.exists()

    def test_an_unchanged_page_changes_nothing(self, web, send, later, approved):
        send(later=later(minutes=6))
        assert not Proposal.objects.exists()
        assert Comment.objects.get().status == Status.APPROVED

    @pytest.mark.parametrize("sign", ["410", "meta"])
    def test_a_deleted_page_takes_its_response_with_it_at_once(
        self, web, send, later, approved, sign
    ):
        meta = "<head><meta http-equiv='Status' content='410 Gone'></head>"
        web.page(SOURCE, meta if sign == "meta" else "", status=410 if sign == "410" else 200)
        linkback = send(later=later(minutes=6))
        assert linkback.state == Linkback.State.GONE
        assert Comment.objects.get().status == Status.TRASH

    def test_a_link_that_is_missing_is_believed_when_seen_twice_a_day_apart(
        self, web, send, later, approved
    ):
        web.page(SOURCE, "<p>no link any more</p>")
        assert send(later=later(minutes=6)).state == Linkback.State.VERIFIED
        assert send(later=later(hours=23)).state == Linkback.State.VERIFIED
        assert Comment.objects.get().status == Status.APPROVED
        assert send(later=later(hours=25)).state == Linkback.State.GONE
        assert Comment.objects.get().status == Status.TRASH

    def test_a_link_that_comes_back_in_between_is_forgiven(
        self, web, send, article, later, approved
    ):
        web.page(SOURCE, "<p>no link for a while</p>")
        send(later=later(minutes=6))
        web.page(SOURCE, linking(article))
        send(later=later(hours=12))
        web.page(SOURCE, "<p>no link again</p>")
        assert send(later=later(hours=30)).state == Linkback.State.VERIFIED

    @pytest.mark.parametrize("status", [404, 500, 503, None])
    def test_an_outage_never_removes(self, web, send, later, approved, status):
        if status is None:
            web.pages[SOURCE] = SourceNotFound("no such host")
        else:
            web.page(SOURCE, "", status=status)
        for hours in (1, 30, 60, 2000):
            send(later=later(hours=hours))
        assert Comment.objects.get().status == Status.APPROVED

    def test_what_a_moderator_trashed_is_not_revived(self, web, send, later, approved, moderator):
        Comment.objects.get().move_to_trash(by=moderator)
        send(later=later(minutes=6))
        assert Comment.objects.get().status == Status.TRASH

    def test_what_was_purged_is_not_revived(self, web, send, later, approved, moderator):
        Comment.objects.get().move_to_trash(by=moderator)
        Comment.objects.all().purge()
        send(later=later(minutes=6))
        assert not Comment.objects.exists()

    def test_what_left_by_itself_may_come_back_to_be_looked_at(
        self, web, send, article, later, approved
    ):
        web.page(SOURCE, "", status=410)
        send(later=later(minutes=6))
        web.page(SOURCE, linking(article))
        assert send(later=later(minutes=12)).state == Linkback.State.VERIFIED
        assert Comment.objects.get().status == Status.PENDING

    def test_a_page_is_fetched_once_in_five_minutes_for_an_article(
        self, web, send, later, approved
    ):
        for minutes in (6, 7, 8, 9, 10):
            send(later=later(minutes=minutes))
        assert web.asked == [SOURCE, SOURCE]


class TestLookingAgain:
    """Gentle re-checks by the calendar keep `verified_at` honest."""

    @pytest.fixture
    def tick(self, run_tasks):
        """Return a function that lets the housekeeping run at a moment, with what it queues."""

        def at(moment):
            with time_machine.travel(moment, tick=False):
                housekeeping.look_again_at_sources()
                run_tasks()

        return at

    def test_a_page_is_looked_at_after_a_day_then_ever_more_rarely(self, web, send, article, tick):
        web.page(SOURCE, linking(article))
        send()
        start, seen = article.published_at, []
        for day in range(1, 120):
            before = len(web.asked)
            tick(start + datetime.timedelta(days=day, minutes=1))
            if len(web.asked) > before:
                seen.append(day)
        assert seen == [1, 8, 38, 98]

    def test_an_unchanged_page_is_asked_for_by_its_etag_and_confirmed(
        self, web, send, article, tick
    ):
        web.page(SOURCE, linking(article), headers={"ETag": '"v1"', "Last-Modified": "yesterday"})
        linkback = send()
        first = linkback.verified_at
        web.page(SOURCE, "", status=304)
        tick(article.published_at + datetime.timedelta(days=1, minutes=1))
        linkback.refresh_from_db()
        assert web.sent[-1] == {"If-None-Match": '"v1"', "If-Modified-Since": "yesterday"}
        assert linkback.verified_at > first

    def test_a_page_that_lost_its_link_is_looked_at_again_the_next_day_and_then_removed(
        self, web, send, article, tick
    ):
        web.page(SOURCE, linking(article))
        send()
        Comment.objects.get().approve()
        web.page(SOURCE, "<p>no link</p>")
        tick(article.published_at + datetime.timedelta(days=1, minutes=1))
        assert Comment.objects.get().status == Status.APPROVED
        tick(article.published_at + datetime.timedelta(days=2, minutes=2))
        assert Comment.objects.get().status == Status.TRASH
        assert Linkback.objects.get().state == Linkback.State.GONE

    def test_a_page_cut_off_at_a_megabyte_proves_nothing(self, web, send, article, tick):
        web.page(SOURCE, linking(article))
        send()
        web.page(SOURCE, "<p>the beginning", truncated=True)
        for day in (1, 3, 10):
            tick(article.published_at + datetime.timedelta(days=day, minutes=1))
        assert Linkback.objects.get().state == Linkback.State.VERIFIED

    def test_announced_again_too_soon_it_is_looked_at_a_little_later(
        self, web, send, article, tick
    ):
        start = article.published_at
        web.page(SOURCE, linking(article))
        send()
        send(later=start + datetime.timedelta(minutes=1))
        web.page(SOURCE, linking(article, "Said anew of {}"))
        send(later=start + datetime.timedelta(minutes=2))
        assert len(web.asked) == 2
        tick(start + datetime.timedelta(minutes=8))
        assert Comment.objects.get().text == "Said anew of this article"


class TestAbuseOfUpdates:
    def test_pages_that_lead_to_each_other_end_as_one(self, web, send, article):
        start = article.published_at
        for url in (SOURCE, OTHER):
            web.page(url, linking(article))
            send(url)
        Comment.objects.all()[0].approve()
        Comment.objects.all()[1].approve()
        for url, final, minutes in ((SOURCE, OTHER, 6), (OTHER, SOURCE, 12), (SOURCE, OTHER, 18)):
            web.page(url, linking(article), final=final)
            send(url, later=start + datetime.timedelta(minutes=minutes))
        assert Comment.objects.approved().count() == 1
        assert Linkback.objects.filter(state=Linkback.State.MERGED).count() == 1

    @pytest.fixture
    def gone(self, web, send, article):
        """Return the linkback of a page that was approved and then deleted."""
        web.page(OTHER, linking(article))
        linkback = send(OTHER)
        linkback.comment.approve()
        web.page(OTHER, "", status=410)
        send(OTHER, later=article.published_at + datetime.timedelta(minutes=6))
        linkback.refresh_from_db()
        assert (linkback.state, linkback.comment.status) == (Linkback.State.GONE, Status.TRASH)
        return linkback

    def test_a_page_that_leads_to_one_that_was_gone_brings_it_back_to_be_looked_at(
        self, web, send, article, gone
    ):
        web.page(SOURCE, linking(article, "Back with {}"), final=OTHER)
        row = send(SOURCE, later=article.published_at + datetime.timedelta(minutes=12))
        gone.refresh_from_db()
        assert (row.state, row.merged_into) == (Linkback.State.MERGED, gone)
        assert (gone.state, gone.refusal) == (Linkback.State.VERIFIED, "")
        assert gone.look_again_at is not None
        comment = Comment.objects.get()
        assert (comment.status, comment.text) == (Status.PENDING, "Back with this article")

    def test_what_a_moderator_threw_away_does_not_come_back_by_another_way(
        self, web, send, article, gone, moderator
    ):
        gone.comment.restore(by=moderator)
        gone.comment.move_to_trash(by=moderator)
        web.page(SOURCE, linking(article), final=OTHER)
        send(SOURCE, later=article.published_at + datetime.timedelta(minutes=12))
        assert Comment.objects.get().status == Status.TRASH

    @pytest.mark.parametrize("is_purged", [False, True])
    def test_what_is_shown_stays_when_its_page_moves_to_one_that_was_gone(
        self, web, send, article, gone, is_purged
    ):
        web.page(SOURCE, linking(article))
        shown = send(SOURCE, later=article.published_at + datetime.timedelta(minutes=7)).comment
        shown.approve()
        if is_purged:
            Comment.objects.filter(pk=gone.comment_id).purge()
        web.page(SOURCE, linking(article), final=OTHER)
        send(SOURCE, later=article.published_at + datetime.timedelta(minutes=14))
        gone.refresh_from_db()
        assert (gone.state, gone.comment) == (Linkback.State.VERIFIED, shown)
        assert list(Comment.objects.approved()) == [shown]

    def test_announcing_again_and_again_makes_nothing_permanent(self, web, send, article):
        start = article.published_at
        web.page(SOURCE, linking(article))
        send()
        Comment.objects.get().approve()
        web.page(SOURCE, "<p>no link</p>")
        for minutes in range(6, 66, 6):
            send(later=start + datetime.timedelta(minutes=minutes))
        web.page(SOURCE, "", status=410)
        send(later=start + datetime.timedelta(hours=3))
        assert Comment.objects.get().status == Status.TRASH

    def test_headers_that_cannot_be_sent_back_are_not_kept(self, web, send, article):
        web.page(SOURCE, linking(article), headers={"ETag": '"a\0"', "Last-Modified": "é"})
        assert set(send().validators.values()) == {""}

    def test_a_redirect_to_a_blocked_site_is_refused(self, web, send, article):
        DiscussionSettings(pk=1, blocked_sources="evil.example").save()
        web.page(SOURCE, linking(article), final="https://evil.example/x")
        assert send().state == Linkback.State.REFUSED

    def test_what_was_thrown_away_is_not_looked_at_by_the_calendar(self, web, send, article):
        web.page(SOURCE, linking(article))
        send()
        Comment.objects.get().mark_spam()
        with time_machine.travel(article.published_at + datetime.timedelta(days=90), tick=False):
            assert not Linkback.objects.due().exists()
