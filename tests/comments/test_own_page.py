"""The author's own page: what it says, to whom, and that only posts from here do anything."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from comments import pace
from comments.models import Comment, ModerationEvent, NetworkUse, Status, Subscription
from comments.own_comment import history
from comments.views import own
from comments.views.own import ACTS, ACTS_AN_HOUR
from tests.builders import make_comment, make_pingback, make_user
from tests.comments.own_page import FOREIGN, OURS, do, show
from tests.test_templates import page

pytestmark = pytest.mark.django_db

EVERY_ACT = ["edit", *ACTS]


class TestSays:
    def test_that_it_waits(self, client, pending_comment):
        assert "awaiting moderation" in show(client, pending_comment)

    def test_that_it_is_published_and_where(self, client, approved_comment):
        shown = show(client, approved_comment)
        assert "has been published" in shown
        assert f'href="{approved_comment.get_absolute_url()}"' in shown

    def test_no_link_into_an_article_that_is_not_to_be_seen(self, client, approved_comment):
        article = approved_comment.article
        article.status = "draft"
        article.store()
        shown = show(client, approved_comment)
        assert "At present the article cannot be seen" in shown
        assert article.get_absolute_url() not in shown.replace("data-article=", "").replace(
            f'"{article.get_absolute_url()}"', "", 1
        )

    def test_what_the_moderator_says_and_not_who_it_was(self, client, pending_comment):
        moderator = make_user(first_name="Mo", last_name="Derator")
        pending_comment.move_to(Status.TRASH, by=moderator, message="No <b>adverts</b>, please.")
        shown = show(client, pending_comment)
        assert "a moderator decided against it" in shown
        assert shown.count("No &lt;b&gt;adverts&lt;/b&gt;, please.") == 2, "now, and in its history"
        assert "Derator" not in shown
        assert moderator.username not in shown

    def test_only_the_message_of_the_decision_that_stands(self, client, pending_comment, moderator):
        pending_comment.move_to(Status.TRASH, by=moderator, message="Not this.")
        pending_comment.move_to(Status.APPROVED, by=moderator, message="Well, yes.")
        verdict = history.verdict(pending_comment)
        assert (verdict.is_by_person, verdict.message) == (True, "Well, yes.")

    def test_that_the_filter_took_it_for_spam(self, client, article):
        shown = show(client, make_comment(article, status=Status.SPAM))
        assert "Our filter took it for spam; no person has said so." in shown
        assert "Ask a moderator to look again" in shown

    def test_that_a_moderator_took_it_for_spam(self, client, pending_comment, moderator):
        pending_comment.mark_spam(by=moderator)
        shown = show(client, pending_comment)
        assert "a moderator took it for spam" in shown
        assert "look again" not in shown

    def test_when_it_will_be_deleted(self, client, article):
        since = datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)
        comment = make_comment(article, status=Status.TRASH, status_since=since)
        assert "deleted for good on" in show(client, comment)
        assert "1 December 2026" in show(client, comment)

    def test_what_happened_in_order_without_reasons_that_help_spammers(
        self, client, pending_comment, moderator
    ):
        pending_comment.approve(by=moderator, reasons=["holds the word “secret”"])
        event = pending_comment.hold(by=moderator)
        event.undo(by=moderator)
        pending_comment.refresh_from_db()
        steps = [step.sentence for step in history.history(pending_comment)]
        assert steps == [
            "You posted it. It waits for a moderator.",
            "A moderator published it.",
            "A moderator put it back among those that wait.",
            "A moderator took that back: it is published again.",
        ]
        shown = show(client, pending_comment)
        assert all(step in shown for step in steps)
        assert "secret" not in shown

    @pytest.mark.parametrize(
        ("status", "words"),
        [
            (Status.PENDING, "it is not published whatever a moderator decides"),
            (Status.APPROVED, "it leaves the conversation at once"),
            (Status.SPAM, "It is in no conversation."),
            (Status.TRASH, "It is in no conversation."),
        ],
    )
    def test_what_withdrawing_would_do(self, client, article, status, words):
        shown = show(client, make_comment(article, status=status))
        assert words in shown
        assert shown.count("conversation at once") == (status == Status.APPROVED)

    @pytest.mark.parametrize("answer", ["waiting", "confirmed", "ended"])
    def test_what_became_of_the_wish_and_not_what_the_mailbox_answered(
        self, client, article, answer
    ):
        comment = make_comment(article, address="marker@hidden.example")
        Subscription.objects.create(comment=comment, state=answer)
        assert "If your comment is published, we write to the address" in show(client, comment)
        comment.approve()
        shown = show(client, comment)
        assert "We wrote to the address you gave, if we could." in shown
        assert "If your comment is published" not in shown

    def test_every_move_there_can_be(self, pending_comment, moderator):
        for before in ("", *Status.values):
            for after in Status.values:
                for actor in (None, moderator):
                    for edited in ([], ["edited by its author"]):
                        event = ModerationEvent(
                            from_status=before, to_status=after, actor=actor, reasons=edited
                        )
                        assert history.sentence(event).endswith(".")

    @pytest.mark.parametrize("status", Status.values)
    def test_a_page_that_holds_together(self, client, article, status):
        comment = make_comment(article, status=status, address="marker@hidden.example")
        response = client.get(comment.private_path)
        page(response)
        assert "marker@" not in response.content.decode()
        assert not response.cookies


class TestIsForItsAuthor:
    def test_headers_let_nobody_keep_or_name_it(self, client, pending_comment):
        for path in (pending_comment.private_path, f"{pending_comment.private_path}download/"):
            response = client.get(path)
            assert "no-store" in response["Cache-Control"]
            assert "private" in response["Cache-Control"]
            assert response["X-Robots-Tag"] == "noindex, nofollow"
            assert response["Referrer-Policy"] == "same-origin"

    @pytest.mark.parametrize("end", ["", "download/"])
    def test_no_other_key_opens_it(self, client, pending_comment, end):
        wrong = pending_comment.private_key[::-1]
        assert client.get(f"/comments/{wrong}/{end}").status_code == 404
        assert client.get(f"/comments/{pending_comment.pk}/{end}").status_code == 404

    @pytest.mark.parametrize("act", EVERY_ACT)
    def test_no_other_key_does_anything(self, client, pending_comment, act):
        wrong = pending_comment.private_key[::-1]
        data = {"act": act, "comment": "x"}
        response = client.post(f"/comments/{wrong}/", data, headers=OURS)
        assert response.status_code == 404
        pending_comment.refresh_from_db()
        assert pending_comment.events.count() == 1

    def test_linkbacks_have_a_page_of_their_own_instead(self, client, article):
        pingback = make_pingback(article)
        assert client.get(pingback.private_path).status_code == 404
        assert do(client, pingback, "remove").status_code == 404
        assert Comment.objects.filter(pk=pingback.pk).exists()


class TestActs:
    @pytest.mark.parametrize("act", EVERY_ACT)
    def test_are_not_done_by_get(self, client, pending_comment, act):
        before = Comment.objects.values().get()
        response = client.get(pending_comment.private_path, {"act": act, "comment": "other"})
        assert response.status_code == 200
        assert Comment.objects.values().get() == before
        assert pending_comment.events.count() == 1

    @pytest.mark.parametrize("method", ["put", "patch", "delete"])
    def test_are_not_done_by_other_methods(self, client, pending_comment, method):
        assert getattr(client, method)(pending_comment.private_path).status_code == 405
        assert client.post(f"{pending_comment.private_path}download/").status_code == 405

    @pytest.mark.parametrize("act", EVERY_ACT)
    @pytest.mark.parametrize(
        "headers", [FOREIGN, {"Sec-Fetch-Site": "none"}, {"Origin": "https://evil.example"}]
    )
    def test_are_not_done_for_other_sites(self, client, pending_comment, act, headers):
        before = Comment.objects.values().get()
        response = do(client, pending_comment, act, headers=headers, comment="kept <words>")
        assert response.status_code == 403
        assert Comment.objects.values().get() == before
        page(response)
        assert ("kept &lt;words&gt;" in response.content.decode()) == (act == "edit")
        assert "no-store" in response["Cache-Control"]

    def test_with_a_session_need_its_csrf_token(self, pending_comment):
        client = Client(enforce_csrf_checks=True)
        client.force_login(make_user())
        assert do(client, pending_comment, "withdraw").status_code == 403
        shown = page(client.get(pending_comment.private_path))
        token = next(a for _, a in shown.tags if a.get("name") == "csrfmiddlewaretoken")["value"]
        response = do(client, pending_comment, "withdraw", csrfmiddlewaretoken=str(token))
        assert response.status_code == 303
        assert pending_comment.withdrawn_at

    @pytest.mark.parametrize("act", ["", "approve", "__class__"])
    def test_that_do_not_exist(self, client, pending_comment, act):
        assert do(client, pending_comment, act).status_code == 400
        assert pending_comment.events.count() == 1

    def test_have_a_pace_that_hands_keep(self, client, pending_comment):
        now = timezone.now()
        key = pace._keys("127.0.0.0/24")[0]
        NetworkUse.objects.bulk_create(
            NetworkUse(key=key, act="own comment", at=now) for _ in range(ACTS_AN_HOUR)
        )
        response = do(client, pending_comment, "edit", comment="One time too many.")
        assert response.status_code == 429
        assert "One time too many." in response.content.decode()
        # To go is never refused.
        assert do(client, pending_comment, "withdraw").status_code == 303
        assert do(client, pending_comment, "remove").status_code == 200

    @pytest.mark.parametrize("act", EVERY_ACT)
    def test_on_what_goes_meanwhile_find_nothing(self, client, pending_comment, monkeypatch, act):
        """It is purged, or erased in another window, just after it was found."""
        find = own._comment

        def finding(key):
            comment = find(key)
            Comment.objects.all().purge()
            return comment

        monkeypatch.setattr(own, "_comment", finding)
        assert do(client, pending_comment, act, comment="Too late.").status_code == 404

    def test_refused_ones_show_nothing_that_goes_meanwhile(
        self, client, pending_comment, monkeypatch
    ):
        def refusing(request):
            Comment.objects.all().purge()
            return False

        monkeypatch.setattr("comments.origin.is_ours", refusing)
        assert do(client, pending_comment, "edit").status_code == 404

    def test_of_a_broken_database_lose_nothing(self, client, pending_comment, monkeypatch):
        from django.db import OperationalError

        from comments.own_comment import editing

        def fail(*args: object) -> None:
            raise OperationalError("locked")

        monkeypatch.setattr(editing, "edit", fail)
        response = do(client, pending_comment, "edit", comment="Not to be lost.")
        assert response.status_code == 503
        assert "Not to be lost." in response.content.decode()
