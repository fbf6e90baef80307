"""Taking nothing more from a site: its line in the settings, and what waits from there."""

from urllib.parse import urlsplit

from django.db import transaction

from comments.models import Actor, Comment, DiscussionSettings, Kind, Status, validate_sources
from comments.moderation.decisions import Outcome
from comments.policy import is_listed
from comments.untrusted import web_address

MOST_MOVED = 1_000


def host_of(comment: Comment) -> str:
    """Return the host, with its port if it names one, of the page behind a linkback; else nothing."""
    if comment.is_reply:
        return ""
    return urlsplit(web_address(comment.author_url)).netloc.rpartition("@")[2].lower()


@transaction.atomic
def block(place: str, *, by: Actor) -> Outcome:
    """Put a host, or host and path, on the list of blocked sources, and what waits into spam.

    What is shown from there stays. Raises a ``ValidationError`` when it is no such place.
    """
    line = " ".join(place.split()).lower()
    validate_sources(line)
    rules, _ = DiscussionSettings.objects.select_for_update().get_or_create(pk=1)
    if not is_listed(f"https://{line}", rules.blocked_sources):
        rules.blocked_sources = "\n".join([*rules.blocked_sources.splitlines(), line]).strip()
        rules.save(update_fields=["blocked_sources"])
    outcome = Outcome("Marked {} from there as spam.")
    for comment in _waiting_from(line):
        outcome.add(comment.mark_spam(by=by, reasons=[f"from {line}, which is blocked"]))
    return outcome


def _waiting_from(line: str) -> list[Comment]:
    host = line.partition("/")[0]
    waiting = Comment.objects.filter(status=Status.PENDING, author_url__icontains=host)
    linkbacks = waiting.exclude(kind=Kind.REPLY).defer("text", "text_html").order_by("pk")
    return [one for one in linkbacks if is_listed(one.author_url, line)][:MOST_MOVED]
