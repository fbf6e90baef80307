"""The words that the site's texts are made of: see ``articles.search.words``."""

from django.db import models


class Word(models.Model):
    """A word without case and accents, and in how many texts it stands, about."""

    word = models.CharField(max_length=30, primary_key=True)
    size = models.PositiveSmallIntegerField()
    uses = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["size"], name="word_size")]

    def __str__(self) -> str:
        return self.word


class SearchState(models.Model):
    """When the words were last read, and how many seconds that took: one row."""

    words_read_at = models.DateTimeField()
    words_took = models.FloatField()

    def __str__(self) -> str:
        return f"{self.words_read_at}"
