"""The row that keeps the card of an article."""

from django.db import models
from django.utils.translation import gettext


class Card(models.Model):
    """The card of one article, and what it was made from; see ``articles.cards``.

    In the database, so that every machine has it, and gone with its article.
    """

    article = models.OneToOneField(
        "articles.Article", models.CASCADE, primary_key=True, related_name="card"
    )
    title = models.CharField(max_length=200)
    # What all cards have in common: see ``making.look()``.
    look = models.CharField(max_length=40)
    # The last part of its address: another one for another picture. Empty where no font can do it.
    name = models.CharField(max_length=12, blank=True)
    png = models.BinaryField()

    def __str__(self) -> str:
        return gettext("Card of %(title)s") % {"title": self.title}
