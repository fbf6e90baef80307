"""From decisions to lessons to weights, and all the way back."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from comments.filter import judging, lessons, regression
from comments.models import Comment, FilterState, Lesson, ModerationEvent, Status
from comments.moderation import decisions
from comments.own_comment import editing, erasing
from tests.builders import make_article, make_comment, make_user
from tests.comments.filter.teaching import (
    SPAM,
    decide,
    follow_all,
    model_from_scratch,
    said,
    teach,
    weights,
)

pytestmark = pytest.mark.django_db


class TestLabels:
    @pytest.mark.parametrize(
        ("acts", "label"),
        [
            (["approve"], False),
            (["mark_spam"], True),
            (["move_to_trash"], None),
            (["approve", "mark_spam"], True),
            (["mark_spam", "approve"], False),
            (["mark_spam", "move_to_trash"], True),
            (["approve", "move_to_trash"], False),
            (["approve", "hold"], None),
            (["mark_spam", "restore"], None),
            (["approve", "move_to_trash", "restore"], False),
            (["approve", "undo"], None),
            (["mark_spam", "approve", "undo"], True),
            (["approve", "move_to_trash", "undo"], False),
            (["approve", "undo", "undo"], False),
            (["approve", "undo", "mark_spam"], True),
        ],
    )
    def test_the_last_decision_of_a_person_that_stands(self, article, moderator, acts, label):
        comment = make_comment(article)
        for act in acts:
            comment.refresh_from_db()
            if act == "undo":
                assert comment.events.order_by("-pk").first().undo(by=moderator)
            else:
                assert getattr(comment, act)(by=moderator)
        follow_all()
        assert list(Lesson.objects.values_list("is_spam", flat=True)) == (
            [] if label is None else [label]
        )

    def test_what_no_person_decided_teaches_nothing(self, article):
        for status in (Status.SPAM, Status.APPROVED):
            make_comment(article, status=status)
        make_comment(article).mark_spam(reasons=["a rule"])
        follow_all()
        assert not Lesson.objects.exists()

    def test_events_without_a_comment_are_passed_over(self, article, moderator):
        comment = make_comment(article)
        comment.approve(by=moderator)
        Comment.objects.all().purge()
        follow_all()
        assert not Lesson.objects.exists()


class TestWeights:
    def test_following_again_changes_nothing(self, article, moderator):
        teach(article, moderator, ham=6, spam=6)
        before = FilterState.objects.get()
        follow_all()
        after = FilterState.objects.get()
        assert (after.version, weights()) == (before.version, bytes(before.weights))
        assert Lesson.objects.count() == 12

    def test_learned_little_by_little_is_learned_at_once(self, article, moderator):
        for _ in range(4):
            teach(article, moderator, ham=2, spam=1)
        assert weights() == regression.dump(model_from_scratch())
        assert FilterState.objects.get().version == 4

    def test_taken_back_in_the_queue_is_never_learned(self, article, moderator):
        teach(article, moderator, ham=6, spam=6)
        before = weights()
        wrong = make_comment(article, text="A calm question about lighthouses")
        follow_all()
        outcome = decisions.Outcome("")
        outcome.add(wrong.mark_spam(by=moderator))
        follow_all()
        assert weights() != before
        taken_back = decisions.take_back([one.pk for one in outcome.events], by=moderator)
        assert len(taken_back.events) == 1
        follow_all()
        assert weights() == before == regression.dump(model_from_scratch())
        assert not Lesson.objects.filter(comment=wrong).exists()

    def test_a_decision_in_the_middle_changed_is_as_if_it_had_come_last(self, article, moderator):
        made = teach(article, moderator, ham=4, spam=4)
        made[2].refresh_from_db()
        made[2].mark_spam(by=moderator)
        follow_all()
        assert Lesson.objects.latest("pk").comment == made[2]
        assert weights() == regression.dump(model_from_scratch())

    def test_the_lessons_of_purged_spam_stay(self, article, moderator):
        teach(article, moderator, ham=3, spam=3)
        before = weights()
        Comment.objects.filter(status=Status.SPAM).purge()
        teach(article, moderator)
        assert Lesson.objects.filter(comment=None).count() == 3
        assert weights() == before

    def test_forgetting_a_comment_unlearns_it(
        self, article, moderator, django_capture_on_commit_callbacks, run_tasks
    ):
        made = teach(article, moderator, ham=6, spam=6)
        with django_capture_on_commit_callbacks(execute=True):
            lessons.forget(made[3:4])
        run_tasks()
        assert Lesson.objects.count() == 11
        assert not Lesson.objects.filter(comment=made[3]).exists()
        assert weights() == regression.dump(model_from_scratch())

    def test_what_was_learned_while_it_was_erased_is_unlearned_too(
        self, article, moderator, django_capture_on_commit_callbacks, run_tasks
    ):
        comment = make_comment(article)
        comment.approve(by=moderator)
        with django_capture_on_commit_callbacks(execute=True):
            lessons.forget([comment])
            lessons.note([comment.pk])
            assert Lesson.objects.exists()
        lessons.unlearn.func([comment.pk])
        assert not Lesson.objects.exists()

    def test_forgetting_everything_is_knowing_nothing(self, article, moderator):
        lessons.forget(teach(article, moderator, ham=2, spam=2))
        assert lessons.catch_up()
        assert weights() == regression.dump(regression.Model())
        assert not lessons.catch_up()

    def test_the_newest_lessons_are_kept(self, article, moderator, monkeypatch):
        monkeypatch.setattr(lessons, "MOST_LESSONS", 10)
        monkeypatch.setattr(lessons, "CUT_TO", 8)
        teach(article, moderator, ham=5, spam=5)
        newest = list(Lesson.objects.order_by("-pk").values_list("pk", flat=True)[:7])
        teach(article, moderator, ham=1)
        assert list(Lesson.objects.order_by("-pk").values_list("pk", flat=True)[1:]) == newest
        assert weights() == regression.dump(model_from_scratch())

    def test_lessons_whose_worker_died_are_learned_with_the_next(self, article, moderator):
        made = decide(article, moderator, ham=3, spam=3)
        lessons.note(one.pk for one in made)
        assert bytes(FilterState.objects.get().weights) == b""
        follow_all()
        assert weights() == regression.dump(model_from_scratch())

    def test_no_word_of_a_comment_is_kept_in_its_lesson(self, article, moderator):
        teach(article, moderator, spam=1)
        lesson = Lesson.objects.get()
        assert len(lesson.features) % 4 == 0
        assert b"pills" not in bytes(lesson.features)


class TestMeasures:
    def test_each_lesson_is_scored_before_it_is_learned(self, article, moderator):
        teach(article, moderator, ham=8, spam=8)
        scores = list(Lesson.objects.order_by("pk").values_list("score_before", flat=True))
        assert scores[:10] == [None] * 10
        course = lessons.Course()
        model = regression.fit([course[ordinal] for ordinal in range(10)])
        assert scores[10] == model.probability(course[10].features)
        assert None not in scores[10:]

    def test_errors_are_counted_at_the_threshold(self, article, moderator):
        teach(article, moderator, ham=8, spam=8)
        ham = Lesson.objects.filter(is_spam=False).order_by("-pk")
        spam = Lesson.objects.filter(is_spam=True).order_by("-pk")
        for rows, scores in ((ham, (0.98, 0.9799)), (spam, (0.99, 0.985, 0.1))):
            for row, score in zip(rows, scores, strict=False):
                Lesson.objects.filter(pk=row.pk).update(score_before=score)
        Lesson.objects.filter(pk__in=[one.pk for one in ham[2:]]).update(score_before=None)
        assert lessons.measure() == {
            "ham": 8,
            "spam": 8,
            "measured_ham": 2,
            "false_positives": 1,
            "false_positive_rate": 0.5,
        }

    def test_only_the_newest_of_each_class_count(self, article, moderator, monkeypatch):
        monkeypatch.setattr(lessons, "MEASURED", 3)
        teach(article, moderator, ham=10, spam=10)
        oldest = Lesson.objects.filter(is_spam=False, score_before__isnull=False).earliest("pk")
        Lesson.objects.filter(pk=oldest.pk).update(score_before=1.0)
        assert lessons.measure()["false_positives"] == 0

    def test_what_is_rescued_from_spam_counts_as_what_was_said_then(self, article, moderator):
        teach(article, moderator, ham=6, spam=6)
        binned = make_comment(article, status=Status.SPAM, score=0.991, text="lighthouses")
        binned.approve(by=moderator)
        follow_all()
        assert Lesson.objects.get(comment=binned).score_before == 0.991
        assert FilterState.objects.get().measures["false_positives"] == 1


class TestRescoring:
    def test_what_waits_shows_the_present_opinion(self, article, moderator):
        waiting = make_comment(article, text=SPAM.format("x"))
        shown = make_comment(article, text=SPAM.format("y"), status=Status.APPROVED)
        teach(article, moderator, ham=8, spam=8)
        waiting.refresh_from_db()
        shown.refresh_from_db()
        assert said(waiting.score) > 0.8
        assert waiting.doubt == pytest.approx(2 * (1 - said(waiting.score)))
        assert any("pills" in reason for reason in waiting.score_reasons)
        assert (shown.score, shown.doubt) == (None, 1.0)

    def test_only_the_newest_that_wait_and_nothing_else_of_them(
        self, article, moderator, monkeypatch
    ):
        monkeypatch.setattr(lessons, "RESCORED", 1)
        older = make_comment(article, text=SPAM.format("x"))
        newer = make_comment(article, text=SPAM.format("y"))
        teach(article, moderator, ham=8, spam=8)
        # Decided in the meantime: the opinion must not bring it back.
        older.refresh_from_db()
        newer.refresh_from_db()
        assert older.score is None
        assert said(newer.score) > 0.8
        assert (newer.text, newer.status) == (SPAM.format("y"), Status.PENDING)

    @pytest.mark.parametrize(
        "meanwhile",
        [
            erasing.keep_as_anonymous,
            lambda comment: editing.edit(comment, "Quite other words"),
            lambda comment: comment.approve(),
        ],
        ids=["made anonymous", "edited", "decided"],
    )
    def test_what_changes_meanwhile_keeps_what_is_said_of_it(
        self, article, moderator, monkeypatch, meanwhile
    ):
        """The reasons quote the name: it may have been erased while they were being made."""
        teach(article, moderator, ham=8, spam=8)
        waiting = make_comment(article, text=SPAM.format("x"), author_name="Pills Shop")
        other = make_comment(article, text=SPAM.format("y"))
        sample_of = judging.sample_of

        def changing(comment):
            sample = sample_of(comment)
            if comment == waiting:
                monkeypatch.setattr(judging, "sample_of", sample_of)
                meanwhile(Comment.objects.get(pk=waiting.pk))
                waiting.refresh_from_db()
            return sample

        monkeypatch.setattr(judging, "sample_of", changing)
        lessons.rescore_waiting()
        before = (waiting.score, waiting.score_reasons)
        waiting.refresh_from_db()
        other.refresh_from_db()
        assert (waiting.score, waiting.score_reasons) == before
        assert said(other.score) > 0.8


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_lose_no_lesson():
    article, moderator = make_article(), make_user("comments.moderate_comment")
    decide(article, moderator, ham=12, spam=12)
    events = list(ModerationEvent.objects.select_related("comment").order_by("pk"))
    together = threading.Barrier(3)

    def work(turn: int) -> None:
        try:
            together.wait()
            # Each its own third and one another's, in steps, as batches may overlap.
            for start in range(0, len(events), 8):
                lessons.follow(events[start : start + 4 + 4 * turn])
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))
    follow_all()
    assert Lesson.objects.count() == 24
    assert weights() == regression.dump(model_from_scratch())
    assert judging.current().measures["ham"] == 12
