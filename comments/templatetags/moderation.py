"""What the admin's first page says of moderation."""

from django import template

from comments.moderation import health

register = template.Library()


@register.simple_tag
def moderation_summary() -> str:
    """Return one line: what waits, what the filter does, which mails failed."""
    return health.summary()
