"""What somebody tries who means harm."""

import logging

import pytest

from comments.filter import lessons
from comments.mailing import asking, mailboxes, subscriptions
from comments.models import Comment, Lesson, MailKind, OutgoingMail, Proposal, Status
from comments.moderation import answering, decisions
from comments.moderation.seen import Seen
from comments.own_comment import editing, erasing
from comments.own_comment.holdings import holdings
from recovery.logs import Discretion
from tests.builders import make_comment
from tests.comments.mailing.conftest import make_wish
from tests.comments.own_page import do, show
from tests.comments.queue import QUEUE

BENIGN, BANNED = "A kind question about lighthouses.", "Buy cheap pills at https://pills.example/"
MANY = "a " * 1_500


def follow_all(comment: Comment) -> None:
    lessons.follow(list(comment.events.order_by("pk")))


class TestTeachingTheFilterWhatNobodyDecided:
    def test_words_edited_in_before_the_worker_learned(self, article, moderator):
        comment = make_comment(article, text=BENIGN)
        comment.approve(by=moderator)
        editing.edit(comment, BANNED)
        follow_all(comment)
        assert not Lesson.objects.exists()

    def test_edited_words_once_the_name_is_taken_off(self, article, moderator):
        comment = make_comment(article, text=BENIGN)
        comment.approve(by=moderator)
        follow_all(comment)
        assert Lesson.objects.filter(is_spam=False).exists()
        editing.edit(comment, BANNED)
        erasing.keep_as_anonymous(comment)
        follow_all(comment)
        assert not Lesson.objects.exists()

    def test_a_decision_about_edited_words_is_learned(self, article, moderator):
        comment = make_comment(article, text=BENIGN)
        comment = editing.edit(comment, BANNED)
        comment.mark_spam(by=moderator)
        follow_all(comment)
        assert Lesson.objects.get().is_spam


class TestHavingUnreadWordsApproved:
    @pytest.mark.parametrize(
        ("read", "sent"),
        [
            ("https://short.example/abc", "https://short.example/aBC"),
            ("A  bc", "A\n\n    bc"),
            ("ａ", "a"),
        ],
    )
    def test_letter_case_blanks_and_look_alikes_count(self, article, moderator, read, sent):
        comment = make_comment(article, text=read)
        seen = Seen(states={comment.pk: "pending"}, texts={comment.pk: comment.words_digest})
        changed = editing.edit(comment, sent)
        approve = decisions.verb_named("approve")
        assert not decisions.decide(approve, [changed], by=moderator, seen=seen).events

    def test_nobody_finds_two_texts_with_one_digest(self, article):
        comment = make_comment(article, status=Status.APPROVED)
        proposal = Proposal(comment=comment, author_name="Ann", text=BENIGN)
        # Of n bits, one tries 2 to the power of n/2.
        assert {len(comment.words_digest), len(proposal.fingerprint)} == {128 // 4}


class TestWhatTheOwnPageTellsOfTheMailbox:
    @pytest.mark.parametrize("is_refused", [True, False])
    def test_nothing(self, client, article, is_refused):
        wish = make_wish(article, status=Status.APPROVED)
        mailbox = mailboxes.locked(wish.comment.contact)
        before = show(client, wish.comment)
        if is_refused:
            subscriptions.refuse(mailbox)
        else:
            subscriptions.mute(wish)
        assert show(client, wish.comment) == before
        assert not holdings(wish.comment)["told_of_replies"]["muted"]

    def test_what_was_done_on_it_stays_said(self, client, article):
        wish = make_wish(article, status=Status.APPROVED)
        do(client, wish.comment, "mute")
        before = show(client, wish.comment)
        subscriptions.mute(wish)
        assert show(client, wish.comment) == before


class TestSecretsInTheLog:
    @pytest.fixture
    def logged(self, caplog, monkeypatch):
        monkeypatch.setattr(logging.getLogger("django"), "propagate", True)
        return caplog

    def test_a_private_key(self, client, article, logged):
        comment = make_comment(article)
        client.post(comment.private_path, {"act": "nonsense"})
        do(client, comment, "put-back")
        assert "/comments/(hidden)" in logged.text
        assert comment.private_key not in logged.text

    def test_a_mailbox(self, client, article, logged):
        token = mailboxes.locked(make_wish(article).comment.contact).token
        client.post(f"/mail/{token}/")
        assert "/mail/(hidden)" in logged.text
        assert token not in logged.text

    @pytest.mark.parametrize("path", ["/moderate/" + "x" * 30 + ".1.2/", "/mail/mute/" + "x" * 32])
    def test_other_links(self, path):
        record = logging.LogRecord("django.request", 30, "", 0, "%s: %s", ("Gone", path), None)
        assert Discretion().filter(record)
        assert "xx" not in record.getMessage()


class TestMailsToOnePersonUnderManyAddresses:
    def test_are_few_from_one_network(self, article):
        for number in range(asking.FROM_ONE_NETWORK + 3):
            address = f"victim+{number}@hidden-mailbox.example"
            key = {"network_key": "one network"}
            asking.ask(make_wish(article, address, status=Status.APPROVED, **key))
        asked = OutgoingMail.objects.filter(kind=MailKind.CONFIRM)
        assert asked.count() == asking.FROM_ONE_NETWORK
        asking.ask(make_wish(article, "other@hidden.example", status=Status.APPROVED))
        assert asked.count() == asking.FROM_ONE_NETWORK + 1


class TestOddPostsToTheQueue:
    @pytest.mark.parametrize(
        "query",
        [
            "like=host:%00",
            "like=author:%00",
            "like=words:999999999999999",
            "kind=%00",
            "kind=reply&kind=%00",
            "order=%00",
            "status=%00",
            "q=%00",
            "p=99999999999999999999",
            f"q={MANY}",
        ],
    )
    def test_addresses(self, client, moderator, pending_comment, query):
        client.force_login(moderator)
        assert client.get(f"{QUEUE}?{query}", follow=True).status_code == 200

    @pytest.mark.parametrize(
        ("data", "status"),
        [
            ({"_moderate": "spam:%d", "words-%d": "a\x00b"}, 200),
            ({"_answer": "%d", "reply-%d": "a\x00b", "name-%d": "x\x00"}, 200),
            ({"_undo": ",".join(map(str, range(1, 260_000)))}, 200),
            ({"_block": "%d", "place": "a\x00.example"}, 200),
            ({"_search": MANY}, 200),
            ({"_search": "a\x00b"}, 200),
            ({"_all": "approve", "all": " ".join(f"{n}:pending:x" for n in range(1, 50_000))}, 200),
            ({"_all": "approve", "all": "%d:pending:\x00"}, 200),
            ({"_moderate": "approve:%d:%d"}, 400),
            ({"_moderate": "approve:٣"}, 400),
            ({"_moderate": "approve:999999999999999"}, 200),
        ],
    )
    def test_fields(self, client, moderator, pending_comment, data, status):
        client.force_login(moderator)
        number = str(pending_comment.pk)
        filled = {
            key.replace("%d", number): value.replace("%d", number) for key, value in data.items()
        }
        assert client.post(QUEUE, filled, follow=True).status_code == status


class TestTwoWhoWaitForEachOther:
    """On PostgreSQL one of them would be thrown out: all take the article first, then comments by number."""

    def test_an_answer_takes_the_article_first(self, client, article, moderator, monkeypatch):
        comment, taken = make_comment(article), list[tuple[int, str]]()

        def note(pk: int) -> None:
            taken.append((pk, Comment.objects.get(pk=comment.pk).status))

        monkeypatch.setattr(answering, "one_at_a_time", note)
        client.force_login(moderator)
        number = comment.pk
        data = {"_answer": str(number), f"reply-{number}": "Yes.", f"name-{number}": "Ann"}
        client.post(QUEUE, data)
        assert taken == [(article.pk, Status.PENDING)]
        assert Comment.objects.get(pk=comment.pk).status == Status.APPROVED

    def test_decisions_are_made_in_the_order_of_the_numbers(self, article, moderator):
        made = [make_comment(article) for _ in range(3)]
        outcome = decisions.decide(
            decisions.verb_named("spam"), reversed(made), by=moderator, seen=Seen()
        )
        assert [event.comment_id for event in outcome.events] == [one.pk for one in made]
        events = [event.pk for event in reversed(outcome.events)]
        back = decisions.take_back(events, by=moderator)
        assert [event.comment_id for event in back.events] == [one.pk for one in made]
