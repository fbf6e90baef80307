"""Learning from the moderators: a lesson for each comment about which a person has decided.

The lessons are the truth, and the weights follow from them: whoever finds that the weights do not
cover the lessons there are brings them up to date. When only new lessons have come, they are
learned on top; when one was withdrawn, all are learned again, which leads to exactly the weights
of never having learned it. No lock is held while that is computed.
"""

import hashlib
import struct
from collections.abc import Iterable
from functools import partial

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_tasks import task

from comments.filter import judging, regression
from comments.filter.features import Sample, numbers, traits
from comments.filter.judging import Opinion
from comments.filter.regression import Example, Model
from comments.models import Comment, FilterState, Lesson, ModerationEvent, Status
from comments.policy import SPAM_FROM

# The newest; cut in blocks, as each cut means learning everything again.
MOST_LESSONS, CUT_TO = 5_000, 4_500
MEASURED = 500  # the newest that were no spam
RESCORED = 500  # the newest that wait


def follow(events: list[ModerationEvent]) -> None:
    """Learn what was decided about the comments of these events, and unlearn what was taken back."""
    judged = _judged(event.comment_id for event in events if event.comment_id)
    if not judged:
        return  # as when replies come in: nobody waits for a lock because of that
    note(judged)
    if catch_up():
        rescore_waiting()


def _judged(comments: Iterable[int]) -> list[int]:
    """Return those of the comments that a person has decided about, or that taught something before."""
    wanted = list(dict.fromkeys(comments))
    decided = ModerationEvent.objects.filter(comment__in=wanted, actor__isnull=False)
    taught = Lesson.objects.filter(comment__in=wanted)
    return sorted(
        {*decided.values_list("comment", flat=True), *taught.values_list("comment", flat=True)}
    )


def forget(comments: Iterable[Comment]) -> None:
    """Delete the lessons of these comments; soon after, the weights are as without them.

    To be called in the transaction that erases what the comments say.
    """
    pks = [comment.pk for comment in comments]
    Lesson.objects.filter(comment__in=pks).delete()
    transaction.on_commit(partial(unlearn.enqueue, pks))


@task()
def unlearn(comments: list[int]) -> None:
    """Bring the weights, and the opinions of what waits, up to the lessons without these comments."""
    with transaction.atomic():
        _locked_state()
        # A worker may have been learning one of them while it was erased.
        Lesson.objects.filter(comment__in=comments).delete()
    if catch_up():
        rescore_waiting()


# The lessons


def note(comments: Iterable[int]) -> None:
    """Bring the lessons of these comments up to the decisions that stand about them."""
    wanted = list(dict.fromkeys(comments))
    with transaction.atomic():
        _locked_state()  # two workers must not both find a lesson missing
        decisions = {pk: _standing(pk) for pk in wanted}
        known = {one.comment_id: one for one in _light().filter(comment__in=wanted)}
        wrong = [one.pk for pk, one in known.items() if one.is_spam != _label(decisions[pk or 0])]
        right = {pk for pk, one in known.items() if one.pk not in wrong}
        Lesson.objects.filter(pk__in=wrong).delete()
        for comment in Comment.objects.filter(pk__in=set(wanted) - right).order_by("pk"):
            _add(comment, decisions[comment.pk])
        _cut()


def _light() -> QuerySet[Lesson]:
    return Lesson.objects.defer("features")


def _locked_state() -> FilterState:
    FilterState.objects.get_or_create(pk=1)
    return FilterState.objects.select_for_update().defer("weights").get(pk=1)


def _standing(comment: int) -> ModerationEvent | None:
    """Return the last decision of a person that says whether it is spam and was not taken back.

    Trash says nothing about that: there are many reasons to throw something away.
    """
    taken_back = set()
    decided = ModerationEvent.objects.filter(comment=comment).order_by("-pk")
    for event in decided:
        if event.pk in taken_back:
            continue
        if event.undoes_id:
            taken_back.add(event.undoes_id)
        elif event.actor_id and event.to_status != Status.TRASH:
            return event
    return None


def _label(decision: ModerationEvent | None) -> bool | None:
    """Return whether it says spam; None when it says nothing, as when it put it back to wait."""
    if decision is None or decision.to_status == Status.PENDING:
        return None
    return decision.to_status == Status.SPAM


def _add(comment: Comment, decision: ModerationEvent | None) -> None:
    label = _label(decision)
    if decision is None or label is None:
        return
    if comment.edited_at and comment.edited_at > decision.at:
        # It was about other words: an approval of kind ones must not vouch for what came after.
        return
    found = numbers(traits(judging.sample_of(comment)))
    # What was rescued from spam counts by what was said when it was put there.
    rescued = decision.from_status == Status.SPAM and not label
    Lesson.objects.create(
        comment=comment,
        is_spam=label,
        features=struct.pack(f"<{len(found)}I", *found),
        score_before=decision.score if rescued else None,
    )


def _cut() -> None:
    pks = list(Lesson.objects.order_by("-pk").values_list("pk", flat=True)[: MOST_LESSONS + 1])
    if len(pks) > MOST_LESSONS:
        Lesson.objects.filter(pk__lte=pks[CUT_TO]).delete()


# The weights


class Course:
    """The lessons in their order, each read from the database when it is needed."""

    def __init__(self) -> None:
        rows = Lesson.objects.order_by("pk").values_list("pk", "is_spam", "score_before")
        self.rows = list(rows)
        self._read: dict[int, Example] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, ordinal: int) -> Example:
        pk, is_spam, _ = self.rows[ordinal]
        if pk not in self._read:
            stored = Lesson.objects.values_list("features", flat=True).get(pk=pk)
            self._read[pk] = Example(unpacked(bytes(stored)), is_spam)
        return self._read[pk]

    def read_all(self) -> None:
        """Read every lesson at once."""
        for pk, is_spam, stored in Lesson.objects.values_list("pk", "is_spam", "features"):
            self._read[pk] = Example(unpacked(bytes(stored)), is_spam)

    def digest(self, upto: int) -> str:
        """Return what tells the first so many lessons from any others."""
        said = ",".join(str(pk) for pk, *_ in self.rows[:upto])
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def unpacked(stored: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(stored) // 4}I", stored)


def catch_up() -> bool:
    """Bring the weights up to the lessons; say whether they have changed."""
    changed = False
    while True:
        state = FilterState.objects.filter(pk=1).first() or FilterState(pk=1)
        course, model = Course(), regression.load(bytes(state.weights or b""))
        if model.lessons == len(course) and _covers(state, course, model):
            return changed
        if not _covers(state, course, model):
            model = Model()
            course.read_all()
        try:
            scores = learn_rest(model, course)
        except Lesson.DoesNotExist:  # withdrawn at this very moment
            continue
        changed = _save(state, course, model, scores) or changed


def _covers(state: FilterState, course: Course, model: Model) -> bool:
    """Say whether the weights are those of the first lessons of the course."""
    covered = state.measures.get("covered", course.digest(0))
    return model.lessons <= len(course) and bool(course.digest(model.lessons) == covered)


def learn_rest(model: Model, course: Course) -> dict[int, float]:
    """Learn what the model does not know of the course; return what it said of each beforehand."""
    said: dict[int, float] = {}
    spam = sum(is_spam for _, is_spam, _ in course.rows[: model.lessons])
    for ordinal in range(model.lessons, len(course)):
        pk, is_spam, score = course.rows[ordinal]
        if score is None and judging.speaks(ordinal - spam, spam):
            said[pk] = model.probability(course[ordinal].features)
        model.learn(course[ordinal], course.__getitem__)
        spam += is_spam
    return said


@transaction.atomic
def _save(state: FilterState, course: Course, model: Model, said: dict[int, float]) -> bool:
    """Store the weights, unless somebody else has stored others in the meantime."""
    if _locked_state().version != state.version:
        return False
    for lesson in (rows := list(_light().filter(pk__in=said))):
        lesson.score_before = said[lesson.pk]
    Lesson.objects.bulk_update(rows, ["score_before"], batch_size=200)
    state.weights = regression.dump(model)
    state.version += 1
    state.measures = {**measure(), "covered": course.digest(len(course))}
    state.learned_at = timezone.now()
    state.save()
    return True


def measure() -> dict[str, float | None]:
    """Count the labels, and how often the filter was sure of spam where there was none."""
    ham, spam = Lesson.objects.filter(is_spam=False), Lesson.objects.filter(is_spam=True)
    scored = ham.exclude(score_before=None).order_by("-pk")
    scores = scored.values_list("score_before", flat=True)[:MEASURED]
    wrong = sum((score or 0.0) >= SPAM_FROM for score in scores)
    return {
        "ham": ham.count(),
        "spam": spam.count(),
        "measured_ham": len(scores),
        "false_positives": wrong,
        "false_positive_rate": wrong / len(scores) if scores else None,
    }


# What waits


def rescore_waiting() -> None:
    """Give what waits the opinion that the filter has now."""
    judge = judging.current()
    samples = {
        comment.pk: judging.sample_of(comment)
        for comment in _waiting().order_by("-created_at", "-pk")[:RESCORED]
    }
    _note_opinions({pk: (sample, judge.opinion(sample)) for pk, sample in samples.items()})


def _waiting() -> QuerySet[Comment]:
    fields = ("text", "author_name", "author_url", "kind", "signals")
    return Comment.objects.filter(status=Status.PENDING).only(*fields)


@transaction.atomic
def _note_opinions(said: dict[int, tuple[Sample, Opinion]]) -> None:
    """Write them on what is still as it was judged: what reasons quote may have been erased since."""
    rows = _waiting().select_for_update(no_key=True).filter(pk__in=said)
    same = [row for row in rows.order_by("pk") if judging.sample_of(row) == said[row.pk][0]]
    for comment in same:
        said[comment.pk][1].note(comment)
    Comment.objects.bulk_update(same, ["score", "score_reasons", "doubt"], batch_size=100)
