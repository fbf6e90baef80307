"""Dates as readers see them: “5. Januar 2026, 14:03”. The rest is Django's."""

DATE_FORMAT = "j. F Y"
DATETIME_FORMAT = "j. F Y, H:i"
