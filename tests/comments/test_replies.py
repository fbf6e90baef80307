"""Posting a reply: what is taken, what is refused, and that nothing typed is lost."""

import html
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.db import OperationalError, connection
from django.test import Client

from articles.models import Article
from comments import tokens
from comments.models import Comment, Contact, DiscussionSettings, ModerationEvent, Status
from tests.builders import form_token, make_article, make_comment, make_user

pytestmark = pytest.mark.django_db

TYPED = {
    "comment": "\n  I *agree* with “this” & <b>that</b>.\n",
    "author": "Ann O’Nym <i>",
    "email": "marker.person@hidden.example",
    "url": "ann.example/~me",
}


def post(client, article, **changes):
    data = {**TYPED, "token": form_token(article), "parent": "", "earlier": "", **changes}
    headers = {"Sec-Fetch-Site": "same-origin", **changes.pop("headers", {})}
    data.pop("headers", None)
    return client.post(f"/articles/{article.slug}/comments/", data, headers=headers)


def typed_again(response):
    """Return what the form shows in its fields, as a browser would send it again."""
    page = response.content.decode()
    fields = dict(re.findall(r'name="(\w+)"[^>]*?value="([^"]*)"', page))
    fields |= {
        name: value for value, name in re.findall(r'value="([^"]*)"[^>]*?name="(\w+)"', page)
    }
    fields["comment"] = re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", page, re.S)[1]
    return {name: html.unescape(value) for name, value in fields.items()}


def test_a_first_reply_is_held_and_leads_to_its_private_page(client, article):
    response = post(client, article)
    comment = Comment.objects.get()
    assert (response.status_code, comment.status) == (303, Status.PENDING)
    assert response["Location"] == f"/comments/{comment.private_key}/"
    assert comment.text == TYPED["comment"]
    assert comment.author_url == "https://ann.example/~me"
    assert "<em>agree</em>" in comment.text_html
    assert "<b>" not in comment.text_html
    assert comment.events.get().reasons == ["first-time author"]


def test_the_private_page_shows_the_text_to_its_holder_alone(client, article):
    location = post(client, article)["Location"]
    page = client.get(location)
    assert "awaiting moderation" in page.content.decode()
    assert "<em>agree</em>" in page.content.decode()
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in page["Cache-Control"]
    assert "private" in page["Cache-Control"]
    assert page["Referrer-Policy"] == "same-origin"
    assert "<em>agree</em>" not in client.get(article.get_absolute_url()).content.decode()
    assert client.get("/comments/AAAAAAAAAAAAAAAAAAAAAA/").status_code == 404


def test_an_approved_reply_leads_to_its_private_page_and_from_there_to_its_place(client, article):
    DiscussionSettings(pk=1, hold_first_time_authors=False).save()
    response = post(client, article)
    comment = Comment.objects.get()
    assert response["Location"] == f"/comments/{comment.private_key}/#posted"
    own = client.get(response["Location"]).content.decode()
    assert f'href="{article.get_absolute_url()}#comment-{comment.pk}" data-published' in own
    page = client.get(article.get_absolute_url()).content.decode()
    assert f'id="comment-{comment.pk}"' in page
    assert f"One response to “{article.title}”" in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"comment": ""}, "Please type your comment."),
        ({"comment": " \n\u200b\t"}, "Please type your comment."),
        ({"comment": "x" * 10_001}, "10,001 characters long; 10,000 is the most"),
        ({"comment": "nul \x00 char"}, "Null characters"),
        ({"author": ""}, "Please fill in your name."),
        ({"author": "\u200b"}, "Please fill in your name."),
        ({"author": "\u3164\u2800"}, "Please fill in your name."),
        ({"author": "n" * 246}, "246 characters long; 245"),
        ({"email": ""}, "It will not be published"),
        ({"email": "not-an-address"}, "does not look like an email address"),
        ({"email": "a" * 60 + "@" + "b" * 60 + ".example"}, "100"),
        ({"url": "javascript:alert(1)"}, "does not look like the address of a website"),
        ({"url": "https://user:pw@evil.example"}, "does not look like the address of a website"),
        ({"url": "https://[::1"}, "does not look like the address of a website"),
        ({"url": "https://x.example/" + "y" * 200}, "200 is the most"),
        ({"token": ""}, "open for a very long time"),
        ({"token": "forged:token"}, "open for a very long time"),
    ],
)
def test_bad_input_gets_a_clear_sentence_and_loses_nothing(client, article, changes, sentence):
    response = post(client, article, **changes)
    assert response.status_code == 400
    page = html.unescape(response.content.decode())
    assert sentence in page
    shown = typed_again(response)
    for name, value in {**TYPED, **changes}.items():
        if name != "token":
            assert shown.get(name, "").replace("\x00", "") == value.replace("\x00", ""), name
    assert tokens.is_valid(shown["token"], article), "the form can simply be sent again"
    assert not Comment.objects.exists()
    assert "no-store" in response["Cache-Control"]


def test_exactly_the_longest_values_are_taken(client, article):
    text = "x\r\n" * 3334  # 3 characters as sent, 2 as counted by the browser
    address = "a" * 60 + "@" + "b" * 31 + ".example"
    response = post(client, article, comment=text + "y" * 3332, author="n" * 245, email=address)
    assert response.status_code == 303
    comment = Comment.objects.get()
    assert (len(comment.text), len(comment.author_name)) == (10_000, 245)


@pytest.mark.parametrize(
    ("headers", "taken"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8000"}, False),
        ({"Origin": "http://testserver"}, True),
        ({"Origin": "http://127.0.0.1:8000"}, True),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({}, True),
    ],
)
def test_posts_from_other_sites_are_refused_with_the_text_kept(
    client, article, settings, headers, taken
):
    settings.ALLOWED_HOSTS = ["testserver"]
    data = {**TYPED, "token": form_token(article)}
    response = client.post(f"/articles/{article.slug}/comments/", data, headers=headers)
    assert response.status_code == (303 if taken else 403)
    if not taken:
        assert "from another site" in response.content.decode()
        assert typed_again(response)["comment"] == TYPED["comment"]


def test_session_holders_need_djangos_csrf_token(article):
    client = Client(enforce_csrf_checks=True)
    user = make_user(first_name="Mo", last_name="Derator")
    client.force_login(user)
    refused = post(client, article)
    assert refused.status_code == 403
    assert typed_again(refused)["comment"] == TYPED["comment"]
    assert "signed in or out" in refused.content.decode()
    assert "fill in" not in refused.content.decode()
    page = client.get(article.get_absolute_url()).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    taken = post(client, article, csrfmiddlewaretoken=token)
    assert taken.status_code == 303
    comment = Comment.objects.get()
    assert (comment.user, comment.author_name) == (user, "Mo Derator")
    assert not Contact.objects.exists()


def test_anonymous_pages_carry_no_cookie_and_no_byte_of_the_visitor(article):
    with time_machine.travel("2036-05-01T12:00:00Z", tick=False):
        first, second = (
            Client(headers={"User-Agent": name}, REMOTE_ADDR=address).get(
                article.get_absolute_url()
            )
            for name, address in (("one", "192.0.2.1"), ("two", "198.51.100.2"))
        )
    assert first.content == second.content
    assert not first.cookies
    assert "Cookie" not in first.get("Vary", "")
    assert b"csrfmiddlewaretoken" not in first.content


def test_moderators_and_the_articles_author_are_not_held(client, article):
    for user in (make_user("comments.moderate_comment", first_name="M"), make_user(first_name="A")):
        if user.first_name == "A":
            Article.objects.filter(pk=article.pk).update(author=user)
        client.force_login(user)
        post(client, article, comment=f"By {user.first_name}")
    assert set(Comment.objects.values_list("status", flat=True)) == {Status.APPROVED}


def test_trust_follows_the_browsers_own_key_and_never_the_address(client, article):
    earlier = make_comment(
        article, status=Status.APPROVED, address=TYPED["email"], author_name=TYPED["author"]
    )
    post(client, article, comment="same name and address")
    assert Comment.objects.latest("pk").status == Status.PENDING
    post(client, article, comment="same browser", earlier=f"nonsense {earlier.private_key}")
    assert Comment.objects.latest("pk").status == Status.APPROVED


def test_a_key_of_a_comment_that_was_not_approved_proves_nothing(client, article):
    earlier = make_comment(article, status=Status.SPAM)
    post(client, article, earlier=earlier.private_key)
    assert Comment.objects.latest("pk").status == Status.PENDING


class TestThreads:
    def test_a_reply_hangs_below_its_parent(self, client, article, approved_comment):
        post(client, article, parent=str(approved_comment.pk))
        assert Comment.objects.latest("pk").parent == approved_comment

    def test_after_a_parent_has_gone_the_same_form_can_be_sent_again(
        self, client, article, approved_comment
    ):
        approved_comment.move_to_trash()
        again = typed_again(post(client, article, parent=str(approved_comment.pk)))
        assert again.get("parent", "") == ""
        fields = {name: again[name] for name in ("comment", "author", "email", "token")}
        assert post(client, article, **fields).status_code == 303

    @pytest.mark.parametrize(
        "parent", ["pending", "foreign", "999999", "abc", "-1", "9" * 40, "１"]
    )
    def test_a_reply_to_what_is_not_there_is_refused(
        self, client, article, parent, pending_comment
    ):
        foreign = make_comment(make_article(), status=Status.APPROVED)
        parent = {"pending": str(pending_comment.pk), "foreign": str(foreign.pk)}.get(
            parent, parent
        )
        response = post(client, article, parent=parent)
        assert response.status_code == 403
        assert "not there any more" in response.content.decode()
        assert typed_again(response)["comment"] == TYPED["comment"]

    def test_the_reply_link_works_without_javascript(self, client, article, approved_comment):
        page = client.get(
            f"{article.get_absolute_url()}?reply={approved_comment.pk}"
        ).content.decode()
        assert f"Reply to {approved_comment.author_name}" in page
        assert re.search(rf'name="parent"[^>]*value="{approved_comment.pk}"', page)

    @pytest.mark.parametrize(
        "query", ["reply=99999", "reply=x", "reply=%00", "reply=" + "9" * 50, "reply=１"]
    )
    def test_a_wrong_reply_link_shows_the_plain_form(self, client, article, query):
        response = client.get(f"{article.get_absolute_url()}?{query}")
        assert response.status_code == 200
        assert "Leave a Reply" in response.content.decode()


class TestDuplicatesAndFlood:
    def test_the_same_words_in_the_same_place_are_refused(self, client, article):
        post(client, article)
        response = post(
            client, article, comment=" i  *AGREE* with “this” & <b>that</b>.", author="Other"
        )
        assert response.status_code == 409
        assert "said here already" in response.content.decode()

    def test_elsewhere_or_after_it_was_thrown_away_they_are_taken(self, client, article):
        post(client, article)
        Comment.objects.get().move_to_trash()
        assert post(client, article).status_code == 303
        assert post(client, make_article()).status_code == 303

    def test_the_fifth_reply_in_a_minute_from_one_network_waits(self, client, article):
        with time_machine.travel("2036-05-01T12:00:00Z", tick=False) as clock:
            codes = [
                post(client, article, comment=f"{n}", email=f"p{n}@x.example").status_code
                for n in range(5)
            ]
            assert codes == [303] * 4 + [429]
            late = post(client, article, comment="kept text")
            assert typed_again(late)["comment"] == "kept text"
            clock.shift(61)
            assert post(client, article, comment="kept text").status_code == 303

    def test_no_answer_depends_on_the_address(self, client, article):
        """A known address, an unknown one and a subscriber's look the same from outside."""
        make_comment(
            article, status=Status.APPROVED, address="known@hidden.example", text="Said before."
        )
        answers: dict[str, object] = {}
        for address in ("known@hidden.example", "unknown@hidden.example"):
            same = post(client, article, comment="Said before.", email=address)
            new = post(client, article, comment=f"Something new from {len(answers)}", email=address)
            body = re.sub(r'value="[\w:.-]+"', "", same.content.decode()).replace(address, "")
            answers[address] = (same.status_code, body, new.status_code, new["Location"][:10])
        assert len(set(answers.values())) == 1


def test_comments_closed_are_refused_and_say_so(client, article):
    Article.objects.filter(pk=article.pk).update(comments_open=False)
    response = post(client, article)
    assert response.status_code == 403
    assert "Comments are closed" in client.get(article.get_absolute_url()).content.decode()


def test_closing_after_some_days(client, article):
    DiscussionSettings(pk=1, close_after_days=14).save()
    with time_machine.travel(article.published_at, tick=False) as clock:
        clock.shift(14 * 86_400)
        assert post(client, article).status_code == 303
        clock.shift(60)
        assert post(client, article, comment="late").status_code == 403


def test_drafts_and_unknown_articles_take_no_replies(client, article):
    draft = make_article(status=Article.Status.DRAFT)
    assert post(client, draft).status_code == 404
    assert client.post("/articles/none/comments/", TYPED).status_code == 404


def test_getting_the_form_address_leads_to_the_form(client, article):
    response = client.get(f"/articles/{article.slug}/comments/")
    assert (response.status_code, response["Location"]) == (
        302,
        f"{article.get_absolute_url()}#respond",
    )
    assert client.put(f"/articles/{article.slug}/comments/").status_code == 405


def test_disallowed_words_go_to_spam_without_telling(client, article):
    DiscussionSettings(pk=1, disallowed_words="agree").save()
    response = post(client, article)
    comment = Comment.objects.get()
    assert comment.status == Status.SPAM
    assert response["Location"] == f"/comments/{comment.private_key}/"
    assert ModerationEvent.objects.get().reasons == ["holds the disallowed word “agree”"]


@pytest.mark.parametrize("field", ["comment", "url"])
def test_what_leads_to_a_blocked_host_goes_to_spam(client, article, field):
    DiscussionSettings(pk=1, blocked_sources="casino.example").save()
    post(client, article, **{"comment": "One.", field: "https://www.example.org/"})
    post(client, article, **{"comment": "Two.", field: "https://CASINO.example./win"})
    kept = Comment.objects.order_by("pk")
    assert [comment.status for comment in kept] == [Status.PENDING, Status.SPAM]
    assert "which is blocked" in kept[1].events.get().reasons[0]


def test_who_posts_too_fast_costs_no_rendering(client, article, monkeypatch):
    for number in range(4):
        post(client, article, comment=f"Comment {number}.")
    monkeypatch.setattr(Comment, "set_text", lambda *_: pytest.fail("rendered"))
    assert post(client, article, comment="The fifth.").status_code == 429


@pytest.mark.django_db(transaction=True)
def test_the_same_reply_sent_many_times_at_once_is_taken_once():
    article = make_article()

    def send(_):
        try:
            return post(Client(), article).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        codes = sorted(pool.map(send, range(6)))
    assert codes == [303, 409, 409, 409, 409, 409]


def test_control_codes_and_forced_directions_are_left_out(client, article):
    post(client, article, author="A\x08\x1b[2J\u202enn", comment="one\x07\ttwo\u2066\nthree")
    comment = Comment.objects.get()
    assert (comment.author_name, comment.text) == ("A[2Jnn", "one\ttwo\nthree")


def test_posting_to_a_former_address_is_taken(client, article):
    old = article.slug
    article.slug = "renamed"
    article.store()
    data = {**TYPED, "token": form_token(article)}
    response = client.post(
        f"/articles/{old}/comments/", data, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert response.status_code == 303


def test_database_trouble_keeps_the_text(client, article, monkeypatch):
    def fail(*args):
        raise OperationalError("the disk is full")

    monkeypatch.setattr("comments.submission.policy.decide", fail)
    response = post(client, article)
    assert response.status_code == 503
    assert typed_again(response)["comment"] == TYPED["comment"]
