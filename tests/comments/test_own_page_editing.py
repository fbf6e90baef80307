"""Authors change their words for a quarter of an hour, and the rules decide about the new ones."""

import datetime
import html

import pytest
import time_machine
from django.utils import timezone

from comments.filter import judging
from comments.models import Comment, DiscussionSettings, Status
from comments.moderation.decisions import decide, verb_named
from comments.moderation.seen import Seen
from comments.own_comment import editing
from comments.own_comment.reasons import EDITED, EDITED_AFTER_APPROVAL
from comments.own_comment.taking_back import NotPossible
from tests.builders import make_comment, make_user
from tests.comments.own_page import do, show
from tests.test_templates import page

pytestmark = pytest.mark.django_db

NEW = "Other *words*."


@pytest.fixture
def open_house(db):
    """Let the rules publish what nothing speaks against."""
    DiscussionSettings(pk=1, hold_first_time_authors=False).save()


def last_reasons(comment):
    return comment.events.order_by("-pk").first().reasons


class TestWaiting:
    def test_takes_the_new_words(self, client, pending_comment):
        old = (pending_comment.text_digest, pending_comment.look_alike)
        response = do(client, pending_comment, "edit", comment=NEW)
        assert response.status_code == 303
        assert response["Location"] == pending_comment.private_path
        assert pending_comment.text == NEW
        assert "<em>words</em>" in pending_comment.text_html
        assert (pending_comment.text_digest, pending_comment.look_alike) != old
        assert pending_comment.edited_at
        assert pending_comment.status == Status.PENDING
        assert last_reasons(pending_comment) == [EDITED, "first-time author"]
        assert "<em>words</em>" in show(client, pending_comment)

    def test_the_same_words_change_nothing(self, client, pending_comment):
        do(client, pending_comment, "edit", comment=pending_comment.text)
        assert pending_comment.edited_at is None
        assert pending_comment.events.count() == 1

    def test_without_what_held_it_the_rules_may_publish_it(self, client, article, open_house):
        comment = make_comment(article, text="[a](https://a.example) [b](https://b.example)")
        do(client, comment, "edit", comment="No links.")
        assert comment.status == Status.APPROVED
        assert last_reasons(comment)[0] == EDITED

    def test_what_a_moderator_held_waits_for_one(self, client, article, moderator, open_house):
        comment = make_comment(article, status=Status.APPROVED)
        comment.hold(by=moderator)
        do(client, comment, "edit", comment=NEW)
        assert comment.status == Status.PENDING

    def test_what_lay_in_spam_waits_for_a_moderator(self, client, article, open_house):
        comment = make_comment(article, status=Status.SPAM)
        do(client, comment, "ask-again")
        do(client, comment, "edit", comment=NEW)
        assert comment.status == Status.PENDING

    def test_new_words_can_be_spam(self, client, pending_comment):
        DiscussionSettings(pk=1, disallowed_words="casino").save()
        do(client, pending_comment, "edit", comment="Casino!")
        assert pending_comment.status == Status.SPAM
        assert "Our filter took your new words for spam." in show(client, pending_comment)

    def test_the_filter_judges_the_new_words(self, client, pending_comment, monkeypatch):
        seen = []

        def judge(comment):
            seen.append(comment.text)
            return judging.Opinion(0.5, ("a reason",))

        monkeypatch.setattr(judging, "judge", judge)
        do(client, pending_comment, "edit", comment=NEW)
        assert seen == [NEW]
        assert pending_comment.score == 0.5
        assert pending_comment.score_reasons == ["a reason"]
        assert pending_comment.events.order_by("-pk").first().score == 0.5


class TestPublished:
    def test_a_persons_approval_does_not_cover_other_words(self, client, article, moderator):
        comment = make_comment(article)
        comment.approve(by=moderator)
        do(client, comment, "edit", comment="Buy now.")
        assert comment.status == Status.PENDING
        assert last_reasons(comment)[0] == EDITED_AFTER_APPROVAL
        assert "Buy now." not in client.get(article.get_absolute_url()).content.decode()

    def test_what_the_rules_let_in_they_may_let_in_again(self, client, article):
        # As somebody whose earlier comment was approved: not held as a first-time author.
        comment = make_comment(article, status=Status.APPROVED)
        do(client, comment, "edit", comment=NEW)
        assert comment.status == Status.APPROVED
        assert last_reasons(comment)[0] == EDITED
        assert "<em>words</em>" in client.get(article.get_absolute_url()).content.decode()

    def test_links_put_in_later_are_held_as_ever(self, client, article):
        comment = make_comment(article, status=Status.APPROVED)
        links = "[a](https://a.example) [b](https://b.example)"
        do(client, comment, "edit", comment=links)
        assert comment.status == Status.PENDING
        assert last_reasons(comment) == [EDITED_AFTER_APPROVAL, "2 links"]

    def test_moderators_need_no_approval(self, client, article, moderator):
        comment = make_comment(article, status=Status.APPROVED, user=moderator)
        do(client, comment, "edit", comment="[a](https://a.example) [b](https://b.example)")
        assert comment.status == Status.APPROVED


class TestRefused:
    def test_after_a_quarter_of_an_hour(self, client, article):
        with time_machine.travel(timezone.now(), tick=False) as clock:
            comment = make_comment(article)
            clock.shift(editing.EDITABLE_FOR - datetime.timedelta(seconds=1))
            assert do(client, comment, "edit", comment="Just in time.").status_code == 303
            assert "Save the new words" in show(client, comment)
            assert "1 minute left" in show(client, comment)
            clock.shift(datetime.timedelta(seconds=1))
            response = do(client, comment, "edit", comment="Too <late>.")
        assert response.status_code == 409
        page(response)
        shown = html.unescape(response.content.decode())
        assert "It is too late to change this comment." in shown
        assert "Too <late>." in shown, "the text is given back"
        assert "It could be changed for 15 minutes" in shown
        assert comment.text == "Just in time."

    @pytest.mark.parametrize("status", [Status.SPAM, Status.TRASH])
    def test_of_what_was_declined(self, client, article, status):
        comment = make_comment(article, status=status)
        assert "Save the new words" not in show(client, comment)
        response = do(client, comment, "edit", comment=NEW)
        assert response.status_code == 409
        assert NEW in response.content.decode()
        assert comment.text != NEW

    def test_of_what_is_withdrawn(self, client, pending_comment):
        do(client, pending_comment, "withdraw")
        assert do(client, pending_comment, "edit", comment=NEW).status_code == 409
        assert pending_comment.text != NEW

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("", "Please type your comment."),
            (" \n\u200b", "Please type your comment."),
            ("\u3164", "Please type your comment."),
            ("x" * 10_001, "10,001 characters long; 10,000 is the most"),
            ("nul \x00 char", "Null characters"),
        ],
    )
    def test_by_the_rules_of_new_replies(self, client, pending_comment, text, sentence):
        before = pending_comment.text
        response = do(client, pending_comment, "edit", comment=text)
        assert response.status_code == 400
        page(response)
        shown = html.unescape(response.content.decode())
        assert sentence in shown
        assert text.replace("\x00", "").strip() in shown.replace("\x00", "")
        assert pending_comment.text == before

    def test_when_another_one_says_the_same(self, client, article):
        make_comment(article, text="Said already.")
        comment = make_comment(article, text="Mine.")
        response = do(client, comment, "edit", comment="said  ALREADY.")
        assert response.status_code == 409
        assert "said  ALREADY." in response.content.decode()
        assert comment.text == "Mine."
        assert comment.edited_at is None

    def test_of_what_has_gone_meanwhile(self, pending_comment):
        stale = Comment.objects.get(pk=pending_comment.pk)
        pending_comment.delete()
        with pytest.raises(NotPossible, match="This comment is not here any more"):
            editing.edit(stale, NEW)

    def test_of_what_goes_while_the_words_are_judged(self, pending_comment, monkeypatch):
        stale = Comment.objects.get(pk=pending_comment.pk)
        judge = judging.judge

        def erasing(comment):
            Comment.objects.all().purge()
            return judge(comment)

        monkeypatch.setattr(judging, "judge", erasing)
        with pytest.raises(NotPossible, match="This comment is not here any more"):
            editing.edit(stale, NEW)


class TestAtTheSameTime:
    """A moderator and the author act at once: stale rows stand for the other's transaction."""

    def test_nobody_approves_words_that_were_changed_unread(self, pending_comment, moderator):
        read = Comment.objects.get(pk=pending_comment.pk)
        editing.edit(pending_comment, "Changed behind their back.")
        assert read.approve(by=moderator) is None
        read.refresh_from_db()
        assert read.status == Status.PENDING

    def test_nor_from_a_page_of_the_queue_that_was_open(self, pending_comment, moderator):
        read = Comment.objects.get(pk=pending_comment.pk)
        seen = Seen(
            states={read.pk: read.status}, texts={read.pk: read.words_digest}, words={}, folds={}
        )
        editing.edit(pending_comment, "Changed behind their back.")
        now = Comment.objects.get(pk=pending_comment.pk)
        outcome = decide(verb_named("approve"), [now], by=moderator, seen=seen)
        assert (outcome.events, outcome.missed) == ([], 1)

    def test_what_was_approved_meanwhile_waits_with_its_new_words(self, pending_comment, moderator):
        stale = Comment.objects.get(pk=pending_comment.pk)
        pending_comment.approve(by=moderator)
        now = editing.edit(stale, NEW)
        assert now.status == Status.PENDING
        assert last_reasons(now)[0] == EDITED_AFTER_APPROVAL

    def test_what_was_declined_meanwhile_is_not_changed(self, pending_comment, moderator):
        stale = Comment.objects.get(pk=pending_comment.pk)
        pending_comment.mark_spam(by=moderator)
        with pytest.raises(NotPossible):
            editing.edit(stale, NEW)
        pending_comment.refresh_from_db()
        assert pending_comment.text != NEW

    def test_an_approval_of_what_was_edited_and_read_is_taken(self, pending_comment, moderator):
        now = editing.edit(pending_comment, NEW)
        assert now.approve(by=moderator)

    def test_an_approval_cannot_be_put_back_over_new_words(self, pending_comment, moderator):
        approved = pending_comment.approve(by=moderator)
        held = pending_comment.hold(by=moderator)
        editing.edit(pending_comment, NEW)
        assert held.undo(by=moderator) is None
        assert approved.undo(by=moderator) is None


def test_signed_in_authors_edit_with_their_own_rights(client, article):
    comment = make_comment(article, user=make_user(is_staff=False))
    client.force_login(comment.user)
    do(client, comment, "edit", comment=NEW)
    assert comment.status == Status.PENDING
