"""Sending survives lost tasks, dead workers and two at once; the sweep finds what was missed."""

import datetime

import pytest
import time_machine
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from comments.linkbacks import sending
from comments.linkbacks.models import OutgoingLinkback, SentText
from tests.builders import make_article, make_faq_entry
from tests.linkbacks.sites import TARGET, linking, outgoing, rewrite, waiting

pytestmark = pytest.mark.django_db

State = OutgoingLinkback.State


class TestWorkers:
    def test_two_at_once_send_once(self, sites):
        sites.takes()
        sending.plan(make_article(body=linking(TARGET)))
        first, second = outgoing(), outgoing()
        fetch = sites.fetch

        def meanwhile(url, **kwargs):
            sending.send(second)
            return fetch(url, **kwargs)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("comments.linkbacks.delivery.fetch", meanwhile)
            sending.send(first)
        assert sites.told == [TARGET]

    def test_one_that_dies_is_followed_by_another(self, sites, publish, run_tasks):
        sites.takes()
        sending.plan(make_article(body=linking(TARGET)))
        DBTaskResult.objects.all().delete()
        assert outgoing().claim()
        for minutes, told in ((9, 0), (21, 1)):
            with time_machine.travel(timezone.now() + datetime.timedelta(minutes=minutes)):
                sending.sweep()
                run_tasks()
            assert len(sites.told) == told

    def test_one_link_that_kills_them_all_is_given_up(self, sites, run_tasks):
        sites.takes()
        sending.plan(make_article(body=linking(TARGET)))
        OutgoingLinkback.objects.update(attempts=5)
        run_tasks()
        assert sites.asked == []
        assert outgoing().state == State.FAILED

    def test_a_lost_task_is_queued_again_once(self, sites, run_tasks):
        sites.takes()
        sending.plan(make_article(body=linking(TARGET)))
        DBTaskResult.objects.all().delete()
        with time_machine.travel(timezone.now() + datetime.timedelta(minutes=11)):
            sending.sweep()
            sending.sweep()
            assert waiting().count() == 1
            run_tasks()
        assert sites.told == [TARGET]

    def test_what_changes_while_it_is_sent_is_sent_after_it(self, sites, publish, run_tasks):
        sites.takes()
        article = make_article(body=linking(TARGET))
        sending.plan(article)
        fetch = sites.fetch

        def edit_meanwhile(url, **kwargs):
            rewrite(article, linking(TARGET) + " More.")
            sending.plan(article)
            sites_patch.setattr("comments.linkbacks.delivery.fetch", fetch)
            return fetch(url, **kwargs)

        with pytest.MonkeyPatch.context() as sites_patch:
            sites_patch.setattr("comments.linkbacks.delivery.fetch", edit_meanwhile)
            sending.send(outgoing())
            assert outgoing().state == State.PLANNED
            run_tasks()
        assert sites.told == [TARGET, TARGET]
        assert outgoing().state == State.SENT


def test_of_two_at_once_the_later_text_wins(sites, publish, run_tasks, monkeypatch):
    sites.takes()
    later = "https://later.example/"
    article = make_article(body=linking(TARGET))
    read = sending.Text.of

    def edited_meanwhile(current, read_at):
        text = read(current, read_at)
        monkeypatch.setattr(sending.Text, "of", read)
        rewrite(article, linking(later))
        sending.plan(article)
        return text

    monkeypatch.setattr(sending.Text, "of", edited_meanwhile)
    sending.plan(article)
    run_tasks()
    assert sites.asked == [later]


class TestSweep:
    def swept(self, run_tasks):
        sending.sweep()
        run_tasks()

    def test_finds_scheduled_articles_whose_time_has_come(self, sites, publish, run_tasks):
        sites.takes()
        soon = timezone.now() + datetime.timedelta(hours=1)
        publish(make_article(body=linking(TARGET), published_at=soon))
        self.swept(run_tasks)
        assert sites.told == []
        with time_machine.travel(soon + datetime.timedelta(seconds=1)):
            self.swept(run_tasks)
            self.swept(run_tasks)
        assert sites.told == [TARGET]

    def test_finds_imported_changed_and_withdrawn_ones(self, sites, run_tasks):
        sites.takes()
        article = make_article(body=linking(TARGET))
        self.swept(run_tasks)
        assert len(sites.told) == 1
        rewrite(article, linking(TARGET) + " More.")
        self.swept(run_tasks)
        assert len(sites.told) == 2
        rewrite(article, article.body, status="draft")
        self.swept(run_tasks)
        self.swept(run_tasks)
        assert len(sites.told) == 3

    def test_finds_an_answer_that_no_date_tells_of(self, sites, run_tasks):
        sites.takes()
        article = make_article()
        self.swept(run_tasks)
        make_faq_entry(article, answer=linking(TARGET))
        self.swept(run_tasks)
        assert sites.told == [TARGET]

    def test_costs_the_same_however_many_are_unchanged(
        self, sites, run_tasks, django_assert_num_queries
    ):
        for number in (1, 30):
            for _ in range(number):
                make_article(body=linking(TARGET))
            self.swept(run_tasks)
            with django_assert_num_queries(10):
                sending.sweep()

    def test_reads_all_again_by_and_by(self, sites, run_tasks):
        for _ in range(sending.READ_AGAIN * 2):
            make_article()
        sending.sweep()
        before = timezone.now()
        sending.sweep()
        sending.sweep()
        assert not SentText.objects.filter(looked_at__lt=before).exists()


def test_an_archive_that_moved_in_is_not_announced_but_its_later_changes_are(sites, run_tasks):
    sites.takes()
    long_ago = timezone.now() - datetime.timedelta(days=400)
    article = make_article(body=linking(TARGET), published_at=long_ago)
    sending.sweep()
    run_tasks()
    assert sites.told == []
    assert outgoing().state == State.FOUND
    rewrite(article, f"Said anew.\n\n{linking(TARGET)}")
    sending.sweep()
    run_tasks()
    assert sites.told == [TARGET]
