"""How much an article's conversation holds: counted by the database itself, see ``comments.tallying``."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from articles.models import Article
from comments.models.conversation import Comment


class Tally(models.Model):
    """What readers see of an article's conversation, in numbers. No row while there is nothing."""

    article = models.OneToOneField(Article, models.CASCADE, primary_key=True, related_name="tally")
    responses = models.IntegerField(default=0)
    threads = models.IntegerField(default=0)
    likes = models.IntegerField(default=0)
    reposts = models.IntegerField(default=0)

    class Meta:
        verbose_name_plural = _("tallies")

    def __str__(self) -> str:
        return f"{self.responses} responses in {self.threads} threads"


class Thread(models.Model):
    """A comment without a parent, and the replies below it, as long as any of them is shown."""

    head = models.OneToOneField(Comment, models.CASCADE, primary_key=True, related_name="opened")
    article = models.ForeignKey(Article, models.CASCADE, related_name="threads", db_index=False)
    began_at = models.DateTimeField()
    # How many of its comments are shown, the head included.
    shown = models.IntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["article", "began_at", "head"], name="thread_of_article")]

    def __str__(self) -> str:
        return f"Thread {self.head_id}: {self.shown}"
