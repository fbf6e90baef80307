"""The one table of the yardstick."""

from django.db import models


class Row(models.Model):
    """A text and nothing else: no index, no foreign key. Made without a migration."""

    text = models.TextField()

    class Meta:
        app_label = "yardstick"

    def __str__(self) -> str:
        return self.text[:50]
