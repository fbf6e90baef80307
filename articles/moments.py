"""Moments as programs read them. Plain Python."""

import datetime


def rfc3339(moment: datetime.datetime) -> str:
    """Return the moment as RFC 3339 writes it: whole seconds, in UTC."""
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
