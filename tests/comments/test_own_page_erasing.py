"""Erasing leaves nothing that says who it was; the download holds everything and no secret."""

import json
from datetime import timedelta

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from articles.models import FaqEntry
from comments import contacts
from comments.filter import lessons
from comments.mailing import mailboxes
from comments.models import (
    Comment,
    Contact,
    ContactReveal,
    FaqOrigin,
    Lesson,
    MailKind,
    ModerationEvent,
    OutgoingMail,
    Status,
    Subscription,
    SubscriptionState,
)
from comments.own_comment import holdings
from comments.own_comment.reasons import ANONYMISED
from tests.builders import make_comment, make_faq_entry, make_user
from tests.comments.own_page import do, show
from tests.test_privacy import stored_everywhere

pytestmark = pytest.mark.django_db

NAME = "Marigold"
HOST = "marigold-site.example"
ADDRESS = "marigold.person@hidden.example"
KEPT_TEXT = "Words about the article."


def make_much(article, status=Status.APPROVED, **kwargs):
    """Return a comment about which everything is kept that can be kept of a reader."""
    comment = make_comment(
        article,
        status=status,
        author_name=NAME,
        author_url=f"https://{HOST}/",
        text=KEPT_TEXT,
        address=ADDRESS,
        signals={"form_age": 77.7},
        network_key="f00d" * 16,
        score=0.4,
        score_reasons=[f"the website {HOST}"],
        user=make_user(is_staff=False, first_name="Reader"),
        **kwargs,
    )
    owner = make_user(is_superuser=True)
    contacts.reveal(comment.contact, reason=f"{NAME} asked for it", user=owner)
    Subscription.objects.create(comment=comment, state=SubscriptionState.CONFIRMED)
    mailboxes.locked(comment.contact)
    comment.move_to(Status.SPAM, by=owner, reasons=[f"the filter is 99 % sure: {HOST}"])
    comment.move_to(status, by=owner, message=f"Dear {NAME}, sorry!", reasons=[f"holds “{NAME}”"])
    LogEntry.objects.create(
        user=owner,
        content_type=ContentType.objects.get_for_model(Comment),
        object_id=str(comment.pk),
        object_repr=str(comment),
        action_flag=CHANGE,
        change_message=f"Looked at {NAME}",
    )
    entry = make_faq_entry(article, credit_name=NAME, credit_anchor=f"comment-{comment.pk}")
    FaqOrigin.objects.create(comment=comment, entry=entry)
    lessons.note([comment.pk])
    return comment


@pytest.fixture
def marks():
    """Return what must be found before and never after."""

    def of(comment):
        index = comment.contact.blind_index if hasattr(comment, "contact") else ""
        return [NAME.lower(), HOST, ADDRESS, index, "f00d" * 16, "77.7"]

    return of


@pytest.mark.parametrize("act", ["anonymise", "remove"])
@pytest.mark.parametrize("status", [Status.PENDING, Status.APPROVED, Status.TRASH])
def test_nothing_is_left_that_says_who_it_was(
    client, article, marks, act, status, run_tasks, django_capture_on_commit_callbacks
):
    comment = make_much(article, status)
    before = stored_everywhere().lower()
    left = [mark for mark in marks(comment) if mark != ADDRESS]
    assert [mark for mark in left if mark not in before] == []
    wanted = 200 if act == "remove" else 303
    with django_capture_on_commit_callbacks(execute=True):
        assert do(client, comment, act).status_code == wanted
    run_tasks()
    after = stored_everywhere().lower()
    assert [mark for mark in [*left, ADDRESS] if mark in after] == []
    assert not Contact.objects.exists()
    assert not Subscription.objects.exists()


@pytest.mark.parametrize("act", ["anonymise", "remove"])
def test_withdrawn_comments_and_spam_can_be_erased_too(client, article, marks, act):
    spam, withdrawn = make_comment(article, status=Status.SPAM), make_comment(article)
    do(client, withdrawn, "withdraw")
    for comment in (spam, withdrawn):
        assert do(client, comment, act).status_code in (200, 303)


class TestAnonymous:
    def test_the_text_stays_where_it_was(self, client, article):
        comment = make_much(article)
        do(client, comment, "anonymise")
        shown = client.get(article.get_absolute_url()).content.decode()
        assert KEPT_TEXT in shown
        assert "Anonymous" in shown
        assert (comment.status, comment.user) == (Status.APPROVED, None)
        assert comment.events.order_by("-pk").first().reasons == [ANONYMISED]
        assert "You had your name taken off." in show(client, comment)

    def test_the_log_of_reveals_keeps_who_and_when(self, client, article):
        comment = make_much(article)
        do(client, comment, "anonymise")
        reveal = ContactReveal.objects.get()
        assert (reveal.comment, reveal.user is not None) == (comment, True)

    def test_the_question_stays_without_the_name(self, client, article):
        comment = make_much(article)
        do(client, comment, "anonymise")
        entry = FaqEntry.objects.get()
        assert (entry.credit_name, entry.credit_anchor) == ("", "")

    def test_what_was_done_is_not_offered_again_nor_noted_in_the_browser(self, client, article):
        comment = make_much(article)
        before = show(client, comment)
        assert "Keep the text as “Anonymous”" in before
        assert "data-article=" in before
        do(client, comment, "anonymise")
        after = show(client, comment)
        assert "Keep the text as “Anonymous”" not in after
        assert "Remove it altogether" in after
        # By the key alone the script knows what to forget.
        assert f'data-comment-key="{comment.private_key}"' in after
        assert "data-article=" not in after

    def test_it_can_still_be_removed(self, client, article):
        comment = make_much(article)
        do(client, comment, "anonymise")
        assert do(client, comment, "remove").status_code == 200
        assert not Comment.objects.exists()

    def test_other_comments_of_the_same_address_keep_it(self, client, article):
        comment, other = make_much(article), make_comment(article, address=ADDRESS)
        do(client, comment, "anonymise")
        assert Contact.objects.get().comment == other


class TestRemoved:
    def test_everything_goes_and_replies_move_up(self, client, article):
        top = make_comment(article, status=Status.APPROVED)
        comment = make_much(article, parent=top)
        reply = make_comment(article, status=Status.APPROVED, parent=comment)
        response = do(client, comment, "remove")
        assert "Your comment is gone" in response.content.decode()
        assert "no-store" in response["Cache-Control"]
        assert not Comment.objects.filter(pk=comment.pk).exists()
        reply.refresh_from_db()
        assert reply.parent == top
        assert client.get(comment.private_path).status_code == 404
        assert KEPT_TEXT not in stored_everywhere()

    def test_decisions_stay_counted_without_words(self, client, article):
        comment = make_much(article)
        count = comment.events.count()
        do(client, comment, "remove")
        events = ModerationEvent.objects.all()
        assert len(events) == count
        assert {(event.comment, event.message) for event in events} == {(None, "")}

    def test_the_filter_forgets_it(self, client, article):
        comment = make_much(article)
        assert Lesson.objects.filter(comment=comment).exists()
        do(client, comment, "remove")
        assert not Lesson.objects.exists()

    def test_a_mailbox_that_wants_nothing_is_not_forgotten(self, client, article):
        comment = make_much(article)
        mailbox = mailboxes.locked(comment.contact)
        mailbox.refused_at = timezone.now()
        mailbox.save()
        do(client, comment, "remove")
        mailbox.refresh_from_db()


class TestDownload:
    def download(self, client, comment):
        response = client.get(f"{comment.private_path}download/")
        assert response["Content-Disposition"] == (
            f'attachment; filename="comment-{comment.pk}.json"'
        )
        assert response["Content-Type"] == "application/json; charset=utf-8"
        return json.loads(response.content), response.content.decode()

    def test_holds_every_column_or_says_why_not(self, client, article):
        comment = make_much(article)
        data, _ = self.download(client, comment)
        columns = {field.name for field in Comment._meta.concrete_fields}
        assert columns == {*data["comment"], *data["kept_but_not_given_here"]} & columns
        assert data["comment"]["text"] == KEPT_TEXT
        assert data["comment"]["signals"] == {"form_age": 77.7}
        assert data["comment"]["score_reasons"] == [f"the website {HOST}"]
        assert data["comment"]["written_while_signed_in"] is True
        assert set(holdings.WITHHELD) <= columns

    def test_tells_what_happened_and_who_looked_but_not_who(self, client, article):
        comment = make_much(article)
        data, text = self.download(client, comment)
        assert data["history"][0]["what"].startswith("You posted it")
        assert data["history"][-1]["message"] == f"Dear {NAME}, sorry!"
        assert data["email_address_looked_at"][0]["reason"] == f"{NAME} asked for it"
        assert data["told_of_replies"]["muted"] is False
        assert data["question_in_the_article"]["credited_to"] == NAME
        assert data["spam_filter"]["learned_from_it"] is True
        for user in comment.events.exclude(actor=None).values_list("actor__username", flat=True):
            assert user not in text

    def test_holds_no_address_hash_token_or_key_of_others(self, client, article):
        parent = make_comment(article, status=Status.APPROVED, address="other@hidden.example")
        comment = make_much(article, parent=parent)
        make_comment(article, parent=comment, status=Status.APPROVED)
        subscription = comment.subscription
        OutgoingMail.objects.create(kind=MailKind.NOTICE, subscription=subscription, comment=parent)
        mailbox = mailboxes.locked(comment.contact)
        _, text = self.download(client, comment)
        secrets = [
            ADDRESS,
            "other@hidden.example",
            comment.contact.blind_index,
            comment.network_key,
            subscription.token,
            mailbox.token,
            comment.text_digest,
            *Comment.objects.exclude(pk=comment.pk).values_list("private_key", flat=True),
        ]
        assert [secret for secret in secrets if secret in text] == []
        assert "Kept encrypted" in text

    def test_does_not_list_the_notices_of_replies(self, client, article):
        comment = make_much(article)
        reply = make_comment(article, parent=comment)
        planned = timezone.now() - timedelta(days=1)
        OutgoingMail.objects.create(
            kind=MailKind.NOTICE,
            subscription=comment.subscription,
            comment=reply,
            created_at=planned,
        )
        data, _ = self.download(client, comment)
        assert "whoever typed an address" in data["mails"], "there are some after a yes alone"
        OutgoingMail.objects.all().delete()
        assert self.download(client, comment)[0]["mails"] == data["mails"]

    def test_of_a_comment_about_which_little_is_kept(self, client, pending_comment):
        data, text = self.download(client, pending_comment)
        assert data["email_address"] == {"kept": False}
        assert data["told_of_replies"] == {"asked_for": False}
        assert data["question_in_the_article"] is None
        assert text.count("\n") > 20, "to be read by people"

    def test_of_texts_in_any_script(self, client, article):
        _, text = self.download(client, make_comment(article, text="Grüße, 世界 🎉"))
        assert "Grüße, 世界 🎉" in text
