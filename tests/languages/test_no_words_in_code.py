"""Nothing that people read is left untranslated: every page is drawn with marks around each translation.

What then stands outside of the marks was never given to gettext, or is what somebody typed.
"""

import datetime
import re

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import escape
from django.utils.translation import trans_real

from articles.models import Article, Series, Tag
from comments import contacts, patterns, stored_words
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
from recovery import error_pages
from tests.builders import make_article, make_comment, make_faq_entry, make_pingback, make_user
from tests.languages.spoken import Spoken

# What the tests type, names of programs and protocols, addresses.
DATA = re.compile(
    r"Qu+x\w*|https?://\S+|\S+\.example\S*|\S+@\S+|user\d+|quux\S*"
    r"|#[0-9a-f]{6}|\b(?:RSS|Atom|JSON Feed|Recovery|UTC|pingback|webmention|Pingback|Spam|NUL|approve|text|en|de)\b"
)
# Django's own words of two icons.
ALLOWED = {"True", "Search"}
WORD = re.compile(r"[^\W\d_]{2,}")
MARKED = re.compile(r"⟦[^⟦⟧]*⟧")
CUT = "\x1f"


@pytest.fixture(autouse=True)
def marked(monkeypatch, db):
    """Have everything that gettext returns in marks."""
    for name in ("gettext", "ngettext", "pgettext", "npgettext"):
        monkeypatch.setattr(trans_real, name, _marking(getattr(trans_real, name)))
        # Looked up there once, and kept.
        monkeypatch.setattr(translation._trans, name, getattr(trans_real, name))  # type: ignore[attr-defined]
    _forget_what_was_drawn()
    with translation.override("de"):
        yield
    _forget_what_was_drawn()


def _forget_what_was_drawn():
    stored_words._said.cache_clear()
    patterns._kept.cache_clear()


def _marking(real):
    def marking(*arguments):
        said = real(*arguments)
        return f"⟦{said}⟧" if said.strip() else said

    return marking


def unmarked(markup: str, within: str) -> set[str]:
    """Return what stands outside of the marks; elements may begin and end inside of them."""
    page, found = Spoken(markup, within), set()
    for text in (CUT.join(page.text), *page.said):
        while (bare := MARKED.sub(CUT, text)) != text:
            text = bare
        for piece in DATA.sub(" ", text).split(CUT):
            if WORD.search(piece):
                found.add(" ".join(piece.split()))
    return found - ALLOWED


def look(client, url: str, within: str, **post: str) -> set[str]:
    response = client.post(url, post) if post else client.get(url)
    assert response.status_code < 500
    return unmarked(response.content.decode(), within)


@pytest.fixture
def quux():
    return make_article(title="Quux", body="Quux")


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


@pytest.fixture
def read(quux):
    """An article with all that its page can show, a series of it and another one."""
    series = Series(name="Quux", description="Quux")
    series.store()
    other = make_article(title="Quuux", body="Quux", series=series, part=2)
    tag, *_ = Tag.objects.named(["Quux"])
    for article in (quux, other):
        article.tags.add(tag)
    quux.series, quux.part, quux.author_name = series, 1, "Quux"
    quux.body = "## Quux\n\n## Quuux\n\n## Quux\n"
    quux.store()
    quux.updated_at = timezone.now() + datetime.timedelta(days=2)
    quux.save()
    make_faq_entry(quux, question="Quux", answer="Quux", credit_name="Quux")
    first = make_comment(quux, text="Quux", author_name="Quux", status=Status.APPROVED)
    make_comment(quux, text="Quuux", author_name="Quux", status=Status.APPROVED, parent=first)
    make_pingback(quux, text="Quux", author_name="Quux", status=Status.APPROVED)
    return quux


def test_the_page_of_an_article(client, read):
    url = read.get_absolute_url()
    first = read.comments.first()
    assert look(client, url, "body") == set()
    assert look(client, f"{url}?reply={first.pk}", "body") == set()
    reply = reverse("reply", args=[read.slug])
    assert look(client, reply, "body", comment="", author="", email="Quux") == set()
    Article.objects.update(comments_open=False)
    assert look(client, url, "body") == set()


@pytest.mark.parametrize(
    "query", ["", "?q=Quux", "?q=quuxxxx+quuxy", "?q=quuxxxx", "?q=-quux", "?q=+"]
)
def test_searching(client, read, query):
    assert look(client, reverse("search") + query, "body") == set()


@pytest.mark.parametrize("name", ["index", "tags", "archive", "subscribe", "llms"])
def test_lists(client, read, name):
    assert look(client, reverse(name), "body") == set()


def test_lists_of_topics_and_months(client, read):
    tag, series = Tag.objects.get(), Series.objects.get()
    when = read.published_at
    for url in (
        tag.get_absolute_url(),
        series.get_absolute_url(),
        reverse("archive_year", args=[when.year]),
        reverse("archive_month", args=[when.year, when.month]),
    ):
        assert look(client, url, "body") == set()


def test_lists_of_nothing_and_errors(client):
    for name in ("index", "tags", "archive"):
        assert look(client, reverse(name), "body") == set()
    assert look(client, "/articles/nothing/", "body") == set()
    for status in error_pages.WORDS:
        assert unmarked(error_pages.standing(status).decode(), "body") == set()


@pytest.mark.parametrize("name", ["article", "tag", "series", "blog"])
def test_writing(admin_client, read, name):
    pages = [reverse(f"admin:articles_{name}_change", args=[1])]
    if name != "blog":
        model = {"article": Article, "tag": Tag, "series": Series}[name]
        row = model.objects.first()
        pages = [
            reverse(f"admin:articles_{name}_changelist"),
            reverse(f"admin:articles_{name}_change", args=[row.pk]),
        ]
    for url in pages:
        assert look(admin_client, url, "content") == set()


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
def admin_client(client):
    user = make_user(is_superuser=True)
    ModeratorPreferences.objects.create(user=user, keys_enabled=True)
    client.force_login(user)
    return client


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
