"""Teaching the filter as moderators do: by deciding about comments."""

from comments.filter import lessons
from comments.filter.regression import Example, fit
from comments.models import Comment, FilterState, Lesson, ModerationEvent
from tests.builders import make_comment

SPAM = "Buy cheap pills number {} at https://pills.example/offer"
HAM = "Thank you for the chapter about lighthouses, I have read page {} twice"


def follow_all() -> None:
    """Do what follows from every decision there has been: nothing is lost by doing it again."""
    lessons.follow(list(ModerationEvent.objects.select_related("comment").order_by("pk")))


def decide(article, moderator, *, ham: int = 0, spam: int = 0) -> list[Comment]:
    """Return so many comments of each class, decided about in turns and not yet followed."""
    made = []
    for number in range(max(ham, spam)):
        if number < ham:
            made.append(make_comment(article, text=HAM.format(number), author_name="Reader"))
            made[-1].approve(by=moderator)
        if number < spam:
            made.append(make_comment(article, text=SPAM.format(number), author_name="Shop"))
            made[-1].mark_spam(by=moderator)
    return made


def teach(article, moderator, *, ham: int = 0, spam: int = 0) -> list[Comment]:
    """The same, followed."""
    made = decide(article, moderator, ham=ham, spam=spam)
    follow_all()
    return made


def weights() -> bytes:
    """Return what the filter knows, as it is stored."""
    return bytes(FilterState.objects.get().weights)


def model_from_scratch():
    """Return the model that the stored lessons lead to."""
    return fit(
        [
            Example(lessons.unpacked(bytes(one.features)), one.is_spam)
            for one in Lesson.objects.order_by("pk")
        ]
    )


def said(score: float | None) -> float:
    """Return the score that there must be."""
    assert score is not None
    return score
