"""Replies and linkbacks on their way in: what is noted, judged and decided, and that nothing is lost."""

import html
import re

import pytest
import time_machine

from comments import tokens
from comments.filter import judging
from comments.linkbacks import checking, registering
from comments.linkbacks.models import Linkback
from comments.models import Comment, DiscussionSettings, Kind, Status, Subscription
from tests.builders import form_token, make_comment, make_pingback, make_user
from tests.comments.filter.teaching import HAM, SPAM, follow_all, said, teach
from tests.linkbacks.fake_web import SOURCE, Web, linking, mention, target_of

pytestmark = pytest.mark.django_db

TYPED = {"comment": "I agree.", "author": "Ann", "email": "ann@hidden.example", "url": ""}


def post(client, article, **changes):
    data = {**TYPED, "token": form_token(article), **changes}
    return client.post(f"/articles/{article.slug}/comments/", data)


def known(article) -> dict[str, str]:
    """Return what a reader's browser sends along whose earlier comment was approved."""
    return {"earlier": make_comment(article, status=Status.APPROVED).private_key}


class TestReplies:
    def test_how_it_came_in_is_noted(self, client, article):
        post(client, article)
        comment = Comment.objects.get()
        assert comment.signals.keys() == {"form_age"}
        assert 60 <= comment.signals["form_age"] < 90
        assert re.fullmatch(r"[0-9a-f]{64}", comment.network_key)

    def test_the_hidden_field_holds_it_and_rejects_nothing(self, client, article):
        assert post(client, article, **known(article), more_about="x").status_code == 303
        comment = Comment.objects.latest("pk")
        assert (comment.status, comment.signals["decoy"]) == (Status.PENDING, True)
        assert comment.events.get().reasons == ["the hidden field was filled in"]

    def test_blanks_in_the_hidden_field_are_nothing(self, client, article):
        post(client, article, **known(article), more_about=" \n")
        assert Comment.objects.latest("pk").status == Status.APPROVED

    def test_a_form_sent_at_once_holds_it_and_rejects_nothing(self, client, article):
        earlier = known(article)
        with time_machine.travel("2036-05-01T12:00:00Z", tick=False) as clock:
            token = tokens.issue(article)
            clock.shift(2.5)
            assert post(client, article, token=token, **earlier).status_code == 303
            clock.shift(1)
            post(client, article, token=token, comment="And more.", **earlier)
        quick, slow = Comment.objects.order_by("-pk")[:2][::-1]
        assert (quick.status, slow.status) == (Status.PENDING, Status.APPROVED)
        assert quick.events.get().reasons == ["sent less than 3 seconds after the form was made"]

    @pytest.mark.parametrize("field", ["author", "comment", "token"])
    def test_nothing_typed_is_lost_when_it_is_refused(self, client, article, field):
        typed = {**TYPED, "more_about": 'my "own" <words>', "notify": "on", field: ""}
        page = post(client, article, **typed).content.decode()
        values = dict(re.findall(r'name="(\w+)"[^>]*? value="([^"]*)"', page))
        assert html.unescape(values["more_about"]) == 'my "own" <words>'
        assert values["email"] == "ann@hidden.example"
        assert re.search(r'name="notify"[^>]* checked', page)
        assert (field == "comment") or "I agree.</textarea>" in page

    def test_a_null_in_the_hidden_field_refuses_nothing(self, client, article):
        assert post(client, article, more_about="a\x00b").status_code == 303
        assert Comment.objects.get().signals["decoy"] is True

    def test_a_form_shown_again_keeps_its_age_unless_it_was_too_old(self, client, article):
        token = form_token(article)
        again = post(client, article, token=token, author="").content.decode()
        assert f'value="{token}"' in again
        expired = post(client, article, token="expired").content.decode()
        new = re.search(r'name="token" value="([^"]+)"', expired)[1]
        assert said(tokens.age(html.unescape(new), article)) < 30

    def test_it_is_judged_before_it_is_decided_about(self, client, article, moderator):
        teach(article, moderator, ham=12, spam=12)
        assert post(client, article, comment=SPAM.format("x"), **known(article)).status_code == 303
        comment = Comment.objects.latest("pk")
        assert comment.status == Status.PENDING, "twelve of each are too few to send it away"
        assert said(comment.score) >= 0.8
        assert comment.events.get().score == comment.score
        assert comment.score_reasons
        assert comment.events.get().reasons[0].startswith("the filter is 9")

    def test_once_it_is_reliable_it_sends_spam_away(self, client, article, moderator):
        teach(article, moderator, ham=55, spam=50)
        response = post(client, article, comment=SPAM.format("x"), author="Shop")
        comment = Comment.objects.latest("pk")
        assert comment.status == Status.SPAM
        assert response["Location"] == comment.private_path
        assert "99 % sure: " in comment.events.get().reasons[0]
        post(client, article, comment=HAM.format("x"), author="Reader", **known(article))
        assert Comment.objects.latest("pk").status == Status.APPROVED

    def test_switched_off_it_only_says_what_it_thinks(self, client, article, moderator):
        DiscussionSettings(pk=1, filter_enabled=False).save()
        teach(article, moderator, ham=55, spam=50)
        post(client, article, comment=SPAM.format("x"), **known(article))
        comment = Comment.objects.latest("pk")
        assert comment.status == Status.APPROVED
        assert said(comment.score) >= 0.98

    def test_moderators_are_not_judged(self, client, article, moderator):
        teach(article, moderator, ham=55, spam=50)
        client.force_login(make_user("comments.moderate_comment", first_name="Mo"))
        post(client, article, comment=SPAM.format("x"), author="Mo")
        comment = Comment.objects.latest("pk")
        assert (comment.status, comment.score) == (Status.APPROVED, None)


class TestForm:
    def test_the_hidden_field_is_nobodys(self, client, article):
        page = client.get(article.get_absolute_url()).content.decode()
        field = re.search(r"<p class=\"unseen\".*?</p>", page)[0]
        assert len(field) < 150
        assert 'aria-hidden="true"' in field
        assert 'tabindex="-1"' in field
        assert 'autocomplete="off"' in field
        assert "Leave this empty" in field

    @pytest.mark.parametrize("enabled", [True, False])
    def test_notices_are_offered_while_there_are_any(self, client, article, enabled):
        DiscussionSettings(pk=1, reply_notices_enabled=enabled).save()
        page = client.get(article.get_absolute_url()).content.decode()
        assert ('name="notify"' in page) is enabled
        assert ('name="notify"' in post(client, article, author="").content.decode()) is enabled
        assert post(client, article, notify="on").status_code == 303
        assert Subscription.objects.exists() is enabled

    def test_a_wish_is_written_down_with_the_comment(self, client, article):
        post(client, article)
        assert not Subscription.objects.exists()
        post(client, article, notify="on", comment="More.")
        assert Subscription.objects.get().comment == Comment.objects.latest("pk")

    def test_signed_in_readers_are_asked_neither(self, client, article):
        client.force_login(make_user(first_name="Ann", last_name="Okafor"))
        page = client.get(article.get_absolute_url()).content.decode()
        assert 'name="notify"' not in page
        assert 'name="more_about"' not in page


class TestLinkbacks:
    @pytest.fixture
    def announced(self, client, article, monkeypatch, run_tasks):
        """Return a function that announces a page, has it looked at, and returns its comment."""
        web = Web()
        monkeypatch.setattr(checking, "fetch", web.fetch)

        def announce(page: str = "", source: str = SOURCE) -> Comment:
            web.page(source, page or linking(article))
            mention(client, {"source": source, "target": target_of(article)})
            run_tasks()
            return Comment.objects.get(linkback__source_url=source)

        return announce

    @pytest.mark.parametrize(
        ("page", "place"),
        [
            ("<main><p>{}</p></main>", "content"),
            ("<article>{}</article>", "content"),
            ("<div class='post Entry-Content'>{}</div>", "content"),
            ("<div><p>{}</p></div>", "elsewhere"),
            ("<article>words</article><div>{}</div>", "elsewhere"),
        ],
    )
    def test_where_the_link_stands_is_noted(self, article, announced, page, place):
        link = f"<a href='{target_of(article)}'>this article</a>"
        assert announced(page.format(link)).signals["link_place"] == place

    def test_the_record_of_its_host_is_noted(self, article, announced):
        week = "2026-01-01T12:00:00Z"
        with time_machine.travel(week, tick=False):
            make_pingback(source_url="https://www.blog.example/1", status=Status.APPROVED)
            make_pingback(source_url="http://BLOG.example:80/2", status=Status.APPROVED)
        make_pingback(source_url="https://blog.example/3", status=Status.SPAM)
        make_pingback(source_url="https://blog.example.evil.example/", status=Status.SPAM)
        signals = announced().signals
        assert signals["host_known_days"] > 30
        assert (signals["host_approved"], signals["host_spam"]) == (2, 1)

    def test_a_new_host_has_none(self, announced):
        signals = announced().signals
        assert {signals[key] for key in ("host_known_days", "host_approved", "host_spam")} == {0}

    def test_the_record_costs_one_query_and_no_more_than_the_newest(
        self, article, monkeypatch, django_assert_num_queries
    ):
        monkeypatch.setattr(registering, "HOSTS_REMEMBERED", 2)
        for number in range(4):
            make_pingback(source_url=f"https://blog.example/{number}", status=Status.SPAM)
        row = Linkback.objects.earliest("pk")
        with django_assert_num_queries(1):
            assert registering.host_record(row)["host_spam"] == 2

    def test_they_go_through_the_same_filter(self, article, announced, moderator):
        teach(article, moderator, ham=55, spam=40)
        for number in range(10):
            words = f"buy cheap pills, cheap pills this article {number} offer cheap pills"
            make_pingback(article, text=words, author_name="Shop").mark_spam(by=moderator)
        follow_all()
        page = linking(article, "Buy cheap pills, cheap pills {} offer cheap pills", "Shop")
        comment = announced(page, "https://pills.example/offer")
        assert comment.kind == Kind.WEBMENTION
        assert comment.score == judging.judge(comment).score
        assert comment.status == Status.SPAM
        assert comment.events.earliest("pk").reasons[0].startswith("the filter is ")

    def test_trusted_sources_are_exempt(self, article, announced, moderator):
        DiscussionSettings(pk=1, trusted_sources="pills.example").save()
        teach(article, moderator, ham=55, spam=50)
        page = linking(article, "Buy cheap pills, cheap pills {} offer cheap pills", "Shop")
        assert announced(page, "https://pills.example/offer").status == Status.APPROVED

    def test_new_words_of_what_waits_are_judged_anew(
        self, article, announced, moderator, run_tasks
    ):
        teach(article, moderator, ham=20, spam=20)
        before = announced(linking(article, "thank you for the chapter about lighthouses {}"))
        later = announced(linking(article, "buy cheap pills cheap pills {} offer"))
        assert later.pk == before.pk
        assert said(later.score) > said(before.score)
