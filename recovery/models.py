"""What the project itself keeps in the database."""

import datetime
from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

# Longer than any page is kept (see ``recovery.page_cache.front.LONGEST_KEPT``).
KEPT = datetime.timedelta(days=2)
# A later change says all that an earlier one of the same said; just now it may not be committed yet.
SUPERSEDED_AFTER = datetime.timedelta(hours=1)
# What begins like this is forgotten altogether; of the few others the latest change stays, which tells when
# a feed last changed.
FORGOTTEN = ("article:", "frame:")
_AT_ONCE = 5_000  # rows: others want to write, too


class PageChangeQuerySet(models.QuerySet["PageChange"]):
    def forget_old(self) -> int:
        """Delete what no kept page can depend on any more; return how many rows went."""
        now, gone = timezone.now(), 0
        later = PageChange.objects.filter(key=OuterRef("key"), pk__gt=OuterRef("pk"))
        superseded = Q(Exists(later), at__lt=now - SUPERSEDED_AFTER)
        of_one = reduce(or_, (Q(key__startswith=begun) for begun in FORGOTTEN))
        unneeded = Q(of_one, at__lt=now - KEPT)
        old = self.filter(unneeded | superseded).order_by("pk")
        while rows := list(old.values_list("pk", flat=True)[:_AT_ONCE]):
            gone += PageChange.objects.filter(pk__in=rows).delete()[0]
        return gone


class PageChange(models.Model):
    """A change that readers can see, by the name of what shows it; written by triggers only.

    A page is true while no row has come for what it depends on (see ``recovery.page_cache``).
    """

    key = models.CharField(max_length=250)
    at = models.DateTimeField(default=timezone.now)

    objects = PageChangeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["key", "id"], name="page_change_of_key"),
            models.Index(fields=["at"], name="page_change_age"),
        ]

    def __str__(self) -> str:
        return self.key
