"""What the spam filter has learned, and from which decisions."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from comments.models.conversation import Comment


class Lesson(models.Model):
    """A moderator's decision as the filter learns it: hashed features and a label, no words.

    It outlives the text of purged spam, and goes with the comment of a reader who asks for that.
    """

    comment = models.OneToOneField(Comment, models.SET_NULL, null=True, related_name="lesson")
    is_spam = models.BooleanField()
    # The numbers of the features that the comment had, each four bytes, little-endian.
    features = models.BinaryField(editable=False)
    # What the filter said of it before it learned it: how its own errors are measured.
    score_before = models.FloatField(null=True, editable=False)
    learned_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"Lesson {self.pk}: {'spam' if self.is_spam else 'no spam'}"


class FilterState(models.Model):
    """The weights that the lessons led to: one row."""

    weights = models.BinaryField(editable=False)
    # Changes with the weights: processes that keep them in memory compare it.
    version = models.PositiveIntegerField(default=0, editable=False)
    # Counts and measured errors, as of that version.
    measures = models.JSONField(default=dict, editable=False)
    learned_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_filter_state")]

    def __str__(self) -> str:
        return f"Spam filter, version {self.version}"
