"""Nothing that people read is left untranslated: every page is drawn with marks around each translation.

What then stands outside of the marks was never given to gettext, or is what somebody typed.
"""

import datetime

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from comments import contacts
from comments.linkbacks.models import Linkback, OutgoingLinkback
from comments.mailing import digests, links, outbox
from comments.models import (
    Comment,
    Digest,
    DiscussionSettings,
    Mailbox,
    MailKind,
    ModeratorPreferences,
    OutgoingMail,
    Proposal,
    Status,
    Subscription,
)
from tests.builders import make_article, make_comment, make_pingback, make_user
from tests.languages.looking import look, unmarked

pytestmark = pytest.mark.usefixtures("marked")


@pytest.mark.parametrize("status", Status.values)
@pytest.mark.parametrize("is_withdrawn", [False, True])
def test_the_page_of_a_comments_author(client, quux, status, is_withdrawn):
    comment = make_comment(
        quux, text="Quux", author_name="Quux", address="quux@quux.example", status=status
    )
    if is_withdrawn:
        Comment.objects.filter(pk=comment.pk).update(withdrawn_at=timezone.now())
    Subscription.objects.create(comment=comment)
    url = reverse("your_comment", args=[comment.private_key])
    assert look(client, url, "main") == set()
    assert look(client, url, "main", act="edit", comment="") == set()
    assert look(client, url, "main", act="put-back") == set()
    old = timezone.now() - datetime.timedelta(days=1)
    Comment.objects.filter(pk=comment.pk).update(created_at=old, edited_at=old)
    assert look(client, url, "main", act="edit", comment="Quux2") == set()
    assert look(client, url, "main", act="anonymise") == set()
    assert look(client, url, "main", act="remove") == set()


@pytest.mark.parametrize("days", [0, 1, 30])
@pytest.mark.parametrize("notices", [False, True])
def test_the_privacy_page(client, days, notices):
    names = ("erase_contacts", "erase_declined_contacts", "purge_trash", "purge_spam")
    rules = {f"{name}_after_days": days for name in names}
    DiscussionSettings.objects.create(pk=1, reply_notices_enabled=notices, **rules)
    assert look(client, reverse("privacy"), "main") == set()


@pytest.mark.parametrize("state", Linkback.State.values)
def test_the_page_of_a_linkback(client, quux, state):
    comment = make_pingback(
        quux, text="Quux", author_name="Quux", source_url="https://quux.example/"
    )
    Linkback.objects.filter(comment=comment).update(
        state=state,
        refusal="The source could not be fetched.",
        evidence={"link_text": "Quux"},
        target_url="https://quux.example/a",
    )
    linkback = Linkback.objects.get(comment=comment)
    url = reverse("linkback_status", args=[linkback.status_key])
    assert look(client, url, "main") == set()


def test_pages_that_mails_to_readers_lead_to(client, quux):
    comment = make_comment(
        quux, status=Status.APPROVED, author_name="Quux", address="quux@quux.example"
    )
    subscription = Subscription.objects.create(comment=comment)
    box = Mailbox.objects.create(blind_index=comment.contact.blind_index)
    url = reverse("mailbox", args=[box.token])
    for answer in ("", "yes", "stop", "never", "nonsense"):
        assert look(client, url, "main") == set()
        assert not answer or look(client, url, "main", answer=answer) == set()
    mute = reverse("mute_mail", args=[subscription.token])
    assert look(client, mute, "main") == set()
    assert look(client, mute, "main", any="1") == set()


@pytest.mark.parametrize("verb", ["approve", "spam", "trash"])
def test_pages_that_mails_to_moderators_lead_to(client, quux, moderator, verb):
    comment = make_comment(quux, text="Quux", author_name="Quux")
    url = links.act_path(verb, comment, moderator)
    assert look(client, url, "main") == set()
    assert look(client, url, "main", act="1") == set()
    assert look(client, url, "main", act="1") == set(), "somebody has decided already"
    assert look(client, url[:-4] + "/", "main") == set()


def test_mails(quux, run_tasks, settings):
    user = make_user(is_superuser=True, email="quux@quux.example")
    ModeratorPreferences.objects.create(
        user=user, digest=Digest.DAILY, told_until=timezone.now() - datetime.timedelta(days=9)
    )
    waiting = make_comment(quux, text="Quux", author_name="Quux", score=0.9)
    Comment.objects.filter(pk=waiting.pk).update(
        status_since=timezone.now() - datetime.timedelta(hours=1), score_reasons=["no links"]
    )
    shown = make_comment(
        quux, status=Status.APPROVED, address="quux@quux.example", author_name="Quux"
    )
    reply = make_comment(
        quux, status=Status.APPROVED, parent=shown, author_name="Quuux", text="Quux"
    )
    subscription = Subscription.objects.create(comment=shown, state="confirmed")
    outbox.plan(MailKind.NOTICE, subscription=subscription, comment=reply)
    asked = Subscription.objects.create(comment=_with_address(quux))
    box = Mailbox.objects.create(blind_index=asked.comment.contact.blind_index)
    outbox.plan(MailKind.CONFIRM, mailbox=box, subscription=asked)
    digests.send_due_digests()
    OutgoingMail.objects.update(due_at=timezone.now())
    for pk in OutgoingMail.objects.values_list("pk", flat=True):
        outbox.send_mail.func(pk)
    assert len(mail.outbox) == 3
    for message in mail.outbox:
        html = message.alternatives[0].content
        assert '<html lang="de">' in html
        assert unmarked(html, "body") == set()
        plain = escape(f"{message.subject}\n{message.body}")
        assert unmarked(f"<body>{plain}</body>", "body") == set()


def _with_address(article) -> Comment:
    return make_comment(
        article, status=Status.APPROVED, author_name="Quux", address="other@quux.example"
    )


@pytest.fixture
def conversation(quux):
    """One of everything that moderators see."""
    first = make_comment(quux, text="Quux?", author_name="Quux", address="quux@quux.example")
    make_comment(
        quux, text="Quux https://quux.example", author_name="Quux", address="quux@quux.example",
        author_url="https://quux.example", score=0.9,
        score_reasons=["links to quux.example", "good sign: no links"],
    )  # fmt: skip
    for status in (Status.SPAM, Status.TRASH, Status.APPROVED):
        make_comment(quux, text="Quux " * 200, author_name="Quux", status=status, score=0.2)
    page = make_pingback(quux, text="Quux", author_name="Quux", status=Status.APPROVED)
    Proposal.objects.create(comment=page, author_name="Quuux", text="Quuux quux")
    for number in range(3):
        make_pingback(
            quux, text="Quux", author_name="Quux", look_alike="quux",
            source_url=f"https://quux.example/{number}",
        )  # fmt: skip
    make_comment(
        quux, text="Quuux", author_name="Quux", parent=Comment.objects.filter(status="approved")[0]
    )
    return first


CHANGELIST = "admin:comments_comment_changelist"


@pytest.mark.parametrize(
    "query", ["", "?status=spam", "?status=all", "?status=approved", "?kind=pingback"]
)
def test_the_queue(admin_client, conversation, query):
    assert look(admin_client, reverse(CHANGELIST) + query, "content") == set()


def test_the_queue_of_what_is_alike(admin_client, conversation):
    for like in (f"author:{conversation.pk}", f"words:{conversation.pk}", "host:quux.example", "x"):
        assert look(admin_client, f"{reverse(CHANGELIST)}?like={like}", "content") == set()


@pytest.mark.parametrize("button", ["approve", "spam", "trash", "hold", "restore"])
def test_what_is_said_of_decisions(admin_client, conversation, button):
    url = reverse(CHANGELIST)
    pk = conversation.pk
    admin_client.post(url, {"_moderate": f"{button}:{pk}"})
    assert look(admin_client, url + "?status=all", "content") == set()
    event = conversation.events.latest("pk")
    admin_client.post(url, {"_undo": str(event.pk)})
    assert look(admin_client, url + "?status=all", "content") == set()
    admin_client.post(url, {"_undo": str(event.pk)})
    assert look(admin_client, url + "?status=all", "content") == set()


@pytest.mark.parametrize(
    "post",
    [
        {"_block": "quux.example"},
        {"_block": "http://quux.example"},
        {"_block": "a quux"},
        {"_block": " "},
        {"_search": "quux@quux.example"},
        {"_search": "quux " * 50},
        {"_faq": "PK"},
        {"_answer": "PK"},
        {"_answer": "PK", "reply-PK": "Quux", "name-PK": "Quux"},
        {"_moderate": "spam:PK", "words-PK": "quux@quux.example"},
        {"_moderate": "spam:PK", "words-PK": "quux" * 500},
        {"_moderate": "spam:PK", "words-PK": "Quux"},
    ],
)  # fmt: skip
def test_what_is_said_of_other_buttons(admin_client, conversation, post):
    pk, url = str(conversation.pk), reverse(CHANGELIST)
    named = {name.replace("PK", pk): value.replace("PK", pk) for name, value in post.items()}
    admin_client.post(url, named)
    assert look(admin_client, url, "content") == set()


def test_every_comments_own_page(admin_client, conversation):
    for pk in Comment.objects.values_list("pk", flat=True):
        url = reverse("admin:comments_comment_change", args=[pk])
        assert look(admin_client, url, "content") == set()
    conversation.move_to("trash", reasons=["withdrawn by its author"], message="Quux")
    contacts.reveal(conversation.contact, reason="quux", user=make_user(is_superuser=True))
    url = reverse("admin:comments_comment_change", args=[conversation.pk])
    assert look(admin_client, url, "content") == set()


@pytest.mark.parametrize(
    "name",
    [
        "admin:comments_comment_health",
        "admin:comments_comment_preferences",
        "admin:comments_comment_by_address",
        "admin:comments_moderationevent_changelist",
        "admin:comments_contactreveal_changelist",
        "admin:linkbacks_linkback_changelist",
        "admin:linkbacks_outgoinglinkback_changelist",
    ],
)
def test_pages_of_the_admin(admin_client, conversation, name):
    contacts.reveal(conversation.contact, reason="quux", user=make_user(is_superuser=True))
    Linkback.objects.update(
        state="refused", refusal="The source is not a page.", protocols=["pingback"]
    )
    OutgoingLinkback.objects.create(
        article=conversation.article, source_url="https://quux.example/a",
        target_url="https://quux.example/b", last_answer="That page answers 404.", state="failed",
    )  # fmt: skip
    OutgoingMail.objects.create(kind=MailKind.NOTICE, state="failed", fault="")
    assert look(admin_client, reverse(name), "content") == set()


def test_pages_of_single_rows(admin_client, conversation):
    OutgoingLinkback.objects.create(
        article=conversation.article, source_url="https://quux.example/a",
        target_url="https://quux.example/b", protocol="webmention",
    )  # fmt: skip
    places = [("comments_discussionsettings", 1)]
    for row in (
        Linkback.objects.first(),
        OutgoingLinkback.objects.first(),
        conversation.events.first(),
    ):
        places += [(row._meta.label_lower.replace(".", "_"), row.pk)]
    for name, pk in places:
        assert look(admin_client, reverse(f"admin:{name}_change", args=[pk]), "content") == set()


def test_reveals_and_finds(admin_client, conversation):
    url = reverse("admin:comments_comment_by_address")
    typed = {"address": "quux@quux.example", "reason": "Quux"}
    assert look(admin_client, url, "content", **typed) == set()
    assert look(admin_client, url, "content", address="") == set()
    url = reverse("admin:comments_comment_reveal", args=[conversation.pk])
    assert look(admin_client, url, "content", reason="Quux") == set()


def test_the_links_of_an_article(admin_client):
    article = make_article(
        title="Quux", body="[Quux](https://quux.example/a) [Quux](https://b.example/)"
    )
    url = reverse("admin:articles_article_linkbacks", args=[article.pk])
    for act in ("", "save", "look-up", "nonsense"):
        if act != "nonsense" and act:
            admin_client.post(url, {"act": act})
        assert look(admin_client, url, "content") == set()


def test_the_first_page_of_the_admin_tells_of_moderation(admin_client, conversation):
    assert look(admin_client, reverse("admin:index"), "content-main") == set()
