"""What comes before and after an article in lists by date."""

import datetime

from django.db.models import Q


def neighbour(side: str, published_at: datetime.datetime | None, pk: int, number: str = "pk") -> Q:
    """Return the condition on what is older (``lt``) or newer (``gt``) than that; ``number`` names the key."""
    # What the index is searched by is said of the moment alone, first: “or” alone would read all rows.
    from_there = Q(**{f"published_at__{side}e": published_at})
    return from_there & (
        Q(**{f"published_at__{side}": published_at}) | Q(**{f"{number}__{side}": pk})
    )
