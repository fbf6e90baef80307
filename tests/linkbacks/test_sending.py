"""Telling other pages of links: what is sent when, and what becomes of it."""

import datetime

import pytest
import time_machine
from django.utils import timezone

from articles.models import Article
from comments.linkbacks import sending
from comments.linkbacks.exceptions import SourceNotFound, SourceRefused, UpstreamError
from comments.linkbacks.models import OutgoingLinkback
from comments.models import Status
from recovery import environment
from tests.builders import make_article, make_faq_entry, make_pingback
from tests.linkbacks.sites import ENDPOINT, TARGET, linking, outgoing, rewrite, waiting

pytestmark = pytest.mark.django_db

State = OutgoingLinkback.State
OTHER = "https://second.example/post"
OTHER_ENDPOINT = "https://second.example/wm"


class TestPublishing:
    def test_tells_each_page_once(self, sites, publish):
        sites.takes()
        article = make_article(body=linking(TARGET, TARGET + "#part"))
        publish(article)
        assert [post.url for post in sites.posts] == [ENDPOINT]
        source = f"https://blog.example.org{article.get_absolute_url()}"
        assert sites.posts[0].form == {"source": source, "target": TARGET}
        row = outgoing()
        assert (row.state, row.protocol, row.endpoint) == (State.SENT, "webmention", ENDPOINT)
        assert (row.last_status, row.last_answer, row.attempts) == (200, "Thanks", 1)
        assert row.sent_at
        assert row.next_attempt_at is None

    def test_links_in_answers_count_and_own_ones_do_not(self, sites, publish):
        sites.takes()
        article = make_article(
            body="[own](https://blog.example.org/articles/x/) [m](mailto:a@b.example)"
        )
        make_faq_entry(article, answer=linking(TARGET))
        publish(article)
        assert sites.asked == sites.told == [TARGET]

    def test_links_in_answers_that_are_drafts_wait(self, sites, publish):
        sites.takes()
        article = make_article()
        entry = make_faq_entry(article, answer=linking(TARGET), is_published=False)
        publish(article)
        assert sites.asked == sites.posts == []
        entry.is_published = True
        entry.store()
        publish(article)
        assert sites.told == [TARGET]

    def test_a_draft_is_only_read(self, sites, publish):
        sites.takes()
        publish(make_article(body=linking(TARGET), status="draft"))
        assert sites.asked == sites.posts == []
        assert outgoing().state == State.FOUND

    def test_saving_again_without_a_material_change_tells_nobody(self, sites, publish):
        sites.takes()
        article = make_article(body=linking(TARGET))
        publish(article)
        rewrite(article, "Look [*there*](https://other.example/post).", title="Another")
        publish(article)
        assert sites.told == [TARGET]

    def test_a_change_tells_old_and_new_links(self, sites, publish):
        sites.takes()
        sites.takes(url=OTHER, endpoint=OTHER_ENDPOINT)
        article = make_article(body=linking(TARGET))
        publish(article)
        rewrite(article, linking(TARGET, OTHER))
        publish(article)
        assert sorted(sites.told) == sorted([TARGET, TARGET, OTHER])

    def test_an_unticked_link_is_never_told(self, sites, publish):
        sites.takes()
        article = make_article(body=linking(TARGET), status="draft")
        publish(article)
        sending.choose(article, [outgoing().target_digest], [])
        article.status = "published"
        article.store()
        publish(article)
        rewrite(article, "Without.")
        publish(article)
        assert sites.asked == sites.posts == []

    def test_a_linkback_that_arrives_tells_nobody(self, sites, publish, run_tasks, moderator):
        sites.takes()
        article = make_article(body=linking(TARGET))
        publish(article)
        make_pingback(article, text=linking(OTHER), source_url=OTHER).approve(by=moderator)
        publish(article)
        sending.sweep()
        run_tasks()
        assert sites.told == [TARGET]
        assert OutgoingLinkback.objects.count() == 1

    def test_the_address_first_told_is_kept_when_the_article_moves(self, sites, publish):
        sites.takes()
        article = make_article(body=linking(TARGET), slug="first")
        publish(article)
        rewrite(article, linking(TARGET) + " More.", slug="second")
        publish(article)
        assert {post.form["source"] for post in sites.posts} == {
            "https://blog.example.org/articles/first/"
        }

    def test_one_page_that_breaks_does_not_keep_the_next_from_being_told(self, sites, publish):
        sites.page(html=ValueError("a bug"))
        sites.takes(url=OTHER, endpoint=OTHER_ENDPOINT)
        publish(make_article(body=linking(TARGET, OTHER)))
        assert sites.told == [OTHER]


class TestRemoval:
    def test_a_removed_link_is_told_once_more(self, sites, publish):
        sites.takes()
        article = make_article(body=linking(TARGET))
        publish(article)
        rewrite(article, "Without.")
        publish(article)
        assert sites.told == [TARGET, TARGET]
        assert (outgoing().state, outgoing().sent_at) == (State.SENT, None)
        rewrite(article, "Without it.")
        publish(article)
        assert sites.told == [TARGET, TARGET]
        assert not OutgoingLinkback.objects.exists()

    def test_of_an_article_made_a_draft(self, sites, publish):
        sites.takes()
        article = make_article(body=linking(TARGET))
        publish(article)
        rewrite(article, article.body, status="draft")
        publish(article)
        assert sites.told == [TARGET, TARGET]
        rewrite(article, article.body, status="published")
        publish(article)
        assert len(sites.told) == 3
        assert outgoing().sent_at

    @pytest.mark.parametrize("whole_set", [True, False], ids=["many", "one"])
    def test_of_a_deleted_article(self, sites, publish, run_tasks, whole_set):
        sites.takes()
        sites.takes(url=OTHER, endpoint=OTHER_ENDPOINT)
        article = make_article(body=linking(TARGET, OTHER))
        publish(article)
        OutgoingLinkback.objects.filter(target_url=OTHER).update(sent_at=None)
        source = sites.posts[0].form["source"]
        Article.objects.all().delete() if whole_set else article.delete()
        for _ in range(2):
            sending.sweep()
            run_tasks()
        assert sites.told[2:] == [TARGET]
        assert sites.posts[-1].form["source"] == source
        assert OutgoingLinkback.objects.get().sent_at is None

    def test_never_sent_it_is_forgotten(self, sites, publish):
        article = make_article(body=linking(TARGET), status="draft")
        publish(article)
        rewrite(article, "Without.")
        publish(article)
        assert not OutgoingLinkback.objects.exists()

    def test_before_it_was_sent_nothing_is_told(self, sites, publish, run_tasks):
        sites.takes()
        article = make_article(body=linking(TARGET))
        sending.plan(article)
        rewrite(article, article.body, status="draft")
        publish(article)
        assert sites.asked == []
        assert outgoing().state == State.FOUND

    def test_a_refusal_is_answer_enough_and_an_outage_is_not(self, sites, publish):
        sites.takes()
        article = make_article(body=linking(TARGET))
        publish(article)
        sites.answers(503, (400, "does not link"))
        rewrite(article, "Without.")
        publish(article)
        assert outgoing().sent_at
        with time_machine.travel(timezone.now() + datetime.timedelta(seconds=61)):
            publish(article)
        row = outgoing()
        assert (row.sent_at, row.state, row.last_answer) == (None, State.FAILED, "does not link")


class TestTrouble:
    @pytest.mark.parametrize(
        "trouble", [500, 503, 429, 408, UpstreamError("slow"), SourceNotFound("no")], ids=str
    )
    @pytest.mark.parametrize("where", ["page", "endpoint"])
    def test_is_met_with_ever_longer_pauses(self, sites, publish, run_tasks, trouble, where):
        sites.takes()
        if where == "endpoint":
            sites.answers(trouble)
        elif isinstance(trouble, int):
            sites.page(status=trouble)
        else:
            sites.page(html=trouble)
        with time_machine.travel(timezone.now(), tick=False) as clock:
            publish(make_article(body=linking(TARGET)))
            for attempt, delay in enumerate((60, 900, 7200, 43200), start=1):
                row = outgoing()
                assert (row.state, row.attempts) == (State.PLANNED, attempt)
                assert row.next_attempt_at - timezone.now() == datetime.timedelta(seconds=delay)
                clock.shift(delay - 1)
                run_tasks()
                assert len(sites.asked) == attempt
                clock.shift(1)
                run_tasks()
                assert len(sites.asked) == attempt + 1
        row = outgoing()
        assert (row.state, row.attempts, row.next_attempt_at) == (State.FAILED, 5, None)
        assert not waiting().exists()

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410])
    def test_that_is_ours_ends_it(self, sites, publish, status):
        sites.takes()
        sites.answers((status, "<p>No <b>such</b> page</p>"))
        publish(make_article(body=linking(TARGET)))
        row = outgoing()
        assert (row.state, row.last_status, row.sent_at) == (State.FAILED, status, None)
        assert not waiting().exists()

    @pytest.mark.parametrize("status", [429, 503])
    @pytest.mark.parametrize(
        ("value", "seconds"),
        [
            ("120", 120),
            ("86401", 86400),
            ("9" * 5000, 86400),
            ("Sun, 22 Nov 2026 10:05:00 GMT", 300),
            ("Sun, 22 Nov 2026 10:05:00", 300),
            ("Sun, 22 Nov 2099 10:05:00 GMT", 86400),
            ("Sun, 22 Nov 2020 10:05:00 GMT", 60),
            ("0", 60),
            ("-5", 60),
            ("soon", 60),
            ("²", 60),
        ],
    )
    def test_retry_after_is_obeyed(self, sites, publish, status, value, seconds):
        sites.takes()
        sites.answers((status, "", {"Retry-After": value}))
        with time_machine.travel("2026-11-22T10:00:00Z", tick=False):
            publish(make_article(body=linking(TARGET)))
            ahead = outgoing().next_attempt_at - timezone.now()
        assert ahead == datetime.timedelta(seconds=seconds)
        assert waiting().get().run_after - ahead == datetime.datetime(
            2026, 11, 22, 10, tzinfo=datetime.UTC
        )

    def test_an_endpoint_inside_is_refused(self, sites, publish):
        sites.takes()
        sites.answers(SourceRefused("no"))
        publish(make_article(body=linking(TARGET)))
        row = outgoing()
        assert row.state == State.FAILED
        assert row.last_answer == "The endpoint of that page is not one on the public web."
        assert row.endpoint == ENDPOINT

    def test_a_page_without_an_endpoint(self, sites, publish):
        sites.page(html="<p>A page</p>")
        publish(make_article(body=linking(TARGET)))
        assert outgoing().state == State.NO_ENDPOINT

    def test_a_missing_page(self, sites, publish):
        sites.page(status=404)
        publish(make_article(body=linking(TARGET)))
        assert (outgoing().state, outgoing().last_status) == (State.FAILED, 404)

    def test_answers_are_kept_short_and_plain(self, sites, publish):
        sites.takes()
        sites.answers((200, "a\x00\n\tb " * 10_000))
        publish(make_article(body=linking(TARGET)))
        assert outgoing().last_answer.startswith("a b a b")
        assert len(outgoing().last_answer) <= 500


@pytest.mark.parametrize("status", [Article.Status.DRAFT, Article.Status.PUBLISHED])
def test_where_sending_is_off_links_are_found_and_nothing_is_asked(
    sites, publish, run_tasks, settings, status
):
    sites.takes()
    settings.LINKBACK_SENDING = False
    publish(make_article(body=linking(TARGET), status=status))
    sending.sweep()
    run_tasks()
    assert sites.asked == []
    assert outgoing().state == State.FOUND


@pytest.mark.parametrize(
    ("host", "is_public"),
    [
        ("blog.example.org", True),
        ("xn--bcher-kva.de", True),
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("100.64.0.1", False),
        ("::1", False),
        ("fd00::1", False),
        ("127.1", False),
        ("localhost", False),
        ("blog", False),
        ("", False),
        ("blog.localhost", False),
        ("blog.local.", False),
        ("BLOG.INTERNAL", False),
        ("blog.test", False),
        ("blog.example", False),
        ("blog.invalid", False),
    ],
)
def test_a_site_without_a_public_name_does_not_send_by_itself(host, is_public):
    assert environment.is_public_name(host) is is_public


def test_switched_off_nothing_planned_is_sent_and_switched_on_it_is(
    sites, publish, run_tasks, settings
):
    sites.takes()
    article = make_article(body=linking(TARGET))
    sending.plan(article)
    settings.LINKBACK_SENDING = False
    run_tasks()
    assert sites.asked == []
    settings.LINKBACK_SENDING = True
    with time_machine.travel(timezone.now() + datetime.timedelta(hours=1)):
        sending.sweep()
        run_tasks()
    assert sites.told == [TARGET]


def test_approved_linkbacks_are_no_part_of_the_text(sites, publish, run_tasks, moderator):
    article = make_article(body="No link.")
    publish(article)
    make_pingback(article, source_url=TARGET, status=Status.APPROVED)
    sending.plan(article)
    assert not OutgoingLinkback.objects.exists()
