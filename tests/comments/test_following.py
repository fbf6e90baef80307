"""What follows from a decision is done once, by whoever finds it first, and never forgotten."""

from contextlib import suppress
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from comments import following
from comments.filter import lessons
from comments.models import ModerationEvent
from comments.moderation.decisions import decide, verb_named
from comments.moderation.seen import Seen
from recovery import housekeeping
from tests.builders import make_comment


@pytest.fixture
def followed(monkeypatch):
    """Return the events that a step was called with."""
    found: list[ModerationEvent] = []
    monkeypatch.setattr(following, "STEPS", [found.extend])
    return found


@pytest.mark.django_db(transaction=True)
def test_each_event_is_followed_once(followed, run_tasks):
    comment = make_comment()
    comment.approve()
    run_tasks()
    assert [event.to_status for event in followed] == ["pending", "approved"]
    comment.hold()
    run_tasks()
    assert [event.to_status for event in followed] == ["pending", "approved", "pending"]


@pytest.mark.django_db(transaction=True)
def test_many_decisions_are_one_piece_of_work(followed):
    for _ in range(5):
        make_comment()
    tasks = DBTaskResult.objects.filter(task_path=following.follow_decisions.module_path)
    assert tasks.count() == 1


def queued():
    """Return how often the work is queued."""
    path = following.follow_decisions.module_path
    return DBTaskResult.objects.filter(task_path=path).count()


@pytest.mark.django_db(transaction=True)
def test_a_decision_about_many_asks_once_whether_work_is_queued(followed):
    comments = [make_comment() for _ in range(30)]
    DBTaskResult.objects.all().delete()
    seen = Seen(states={one.pk: one.status for one in comments}, texts={}, words={}, folds={})
    with CaptureQueriesContext(connection) as queries:
        outcome = decide(verb_named("trash"), comments, by=None, seen=seen)
    assert len(outcome.events) == 30
    asked = [one["sql"] for one in queries if DBTaskResult._meta.db_table in one["sql"]]
    assert [sql.split()[0] for sql in asked] == ["SELECT", "SELECT", "INSERT"]


@pytest.mark.django_db(transaction=True)
class TestPartsOfATransaction:
    """What is taken back of it takes no work from what stays."""

    @pytest.fixture
    def comments(self, followed):
        made = [make_comment(), make_comment()]
        DBTaskResult.objects.all().delete()
        return made

    def fail(self, comment, *inner):
        with suppress(RuntimeError), transaction.atomic():
            comment.approve()
            for one in inner:
                with transaction.atomic():
                    one.approve()
            raise RuntimeError

    def test_the_first_fails(self, comments):
        with transaction.atomic():
            self.fail(comments[0])
            comments[1].approve()
        assert queued() == 1

    def test_the_last_fails(self, comments):
        with transaction.atomic():
            comments[0].approve()
            self.fail(comments[1])
        assert queued() == 1

    def test_a_part_within_what_fails(self, comments):
        with transaction.atomic():
            self.fail(*comments)
            make_comment()
        assert queued() == 1

    def test_all_of_it_fails(self, comments):
        self.fail(*comments)
        assert queued() == 0
        comments[0].refresh_from_db()
        comments[0].approve()
        assert queued() == 1


@pytest.mark.django_db(transaction=True)
def test_a_step_that_fails_keeps_no_other_from_being_taken(followed, monkeypatch):
    monkeypatch.setattr(following, "STEPS", [fail, followed.extend])
    comment = make_comment()
    with pytest.raises(RuntimeError):
        following.follow_decisions.call()
    assert [event.comment for event in followed] == [comment]
    assert following.unfollowed().count() == 1


def fail(events):
    raise RuntimeError("no")


class TestOneThatFails:
    """One decision of which nothing can follow, among others made before and after it."""

    @pytest.fixture
    def events(self, article):
        for _ in range(7):
            make_comment(article)
        return list(ModerationEvent.objects.order_by("pk"))

    @pytest.fixture(params=[3, 200], ids=["three at once", "all at once"])
    def poison(self, request, events, followed, monkeypatch):
        poison = events[2]

        def follow(given):
            if poison in given:
                raise RuntimeError("no")
            followed.extend(given)

        monkeypatch.setattr(following, "AT_ONCE", request.param)
        monkeypatch.setattr(following, "STEPS", [follow])
        return poison

    @pytest.mark.django_db
    def test_keeps_no_other_from_being_followed(self, events, poison, followed):
        with pytest.raises(RuntimeError):
            following.follow_decisions.call()
        assert sorted(event.pk for event in followed) == [
            event.pk for event in events if event != poison
        ]
        assert list(following.unfollowed()) == [poison]

    @pytest.mark.django_db
    def test_is_tried_again_by_housekeeping_alone(self, poison, followed, monkeypatch):
        with pytest.raises(RuntimeError):
            following.follow_decisions.call()
        monkeypatch.setattr(following, "STEPS", [followed.extend])
        following.follow_decisions.call()
        assert poison not in followed
        housekeeping.tidy()
        assert followed[-1] == poison
        assert not following.unfollowed().exists()

    @pytest.mark.django_db
    def test_is_given_up_in_the_end(self, poison, monkeypatch, caplog):
        monkeypatch.setattr(following, "GIVEN_UP_AFTER", 3)
        for _ in range(3):
            with pytest.raises(RuntimeError):
                following.follow_left_over()
        following.follow_left_over()
        assert not following.unfollowed().exists()
        poison.refresh_from_db()
        assert (poison.is_followed, poison.follow_failures) == (False, 3)
        told = [line for line in caplog.messages if line.startswith("What follows from decision")]
        assert told == [f"What follows from decision {poison.pk} failed"] * 3


@pytest.mark.django_db(transaction=True)
def test_housekeeping_finds_what_a_killed_process_left(followed):
    make_comment()
    DBTaskResult.objects.all().delete()
    housekeeping.tidy()
    assert len(followed) == 1


@pytest.mark.django_db
def test_of_decisions_before_the_upgrade_only_the_newest_by_people_are_followed(
    article, moderator, monkeypatch
):
    migration = import_module("comments.migrations.0004_failures_of_following")
    monkeypatch.setattr(migration, "LEARNED", 2)
    decisions = [make_comment(article).approve(by=moderator) for _ in range(3)]
    make_comment(article).mark_spam()
    migration.settle_the_past(apps, None)
    assert list(following.unfollowed()) == decisions[1:]


@pytest.mark.django_db(transaction=True)
def test_it_waits_a_moment_for_others_to_join_it(followed):
    before = timezone.now()
    make_comment()
    task = DBTaskResult.objects.get(task_path=following.follow_decisions.module_path)
    assert before + following.GATHERED_FOR <= task.run_after
    assert task.run_after <= timezone.now() + following.GATHERED_FOR


@pytest.mark.django_db
def test_what_comes_in_meanwhile_has_its_own_work(monkeypatch):
    made = [make_comment()]

    def step(events):
        # Were they followed as well, there would be no end to it.
        assert len(made) < 5
        made.append(make_comment())

    monkeypatch.setattr(following, "STEPS", [step])
    following.follow_left_over()
    assert [event.comment for event in following.unfollowed()] == made[1:]


@pytest.mark.django_db
def test_what_just_came_in_takes_no_lock_to_learn_from(django_assert_num_queries, monkeypatch):
    events = [make_comment().events.get() for _ in range(20)]
    with django_assert_num_queries(2):
        lessons.follow(events)


@pytest.mark.django_db
def test_the_article_is_read_without_its_text(followed):
    make_comment()
    following.follow_left_over()
    assert followed[0].comment.article.get_deferred_fields() == {"body", "body_html"}
