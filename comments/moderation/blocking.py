"""Taking nothing more from a site: its line in the settings, and what waits from there."""

from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext, ngettext_lazy

from comments.models import Actor, Comment, DiscussionSettings, Kind, Status, validate_sources
from comments.moderation.decisions import Outcome
from comments.policy import is_listed
from comments.untrusted import web_address

MOST_MOVED = 1_000
# Of a reply that links to many sites only these are offered.
MOST_OFFERED = 3


def hosts_to_block(comment: Comment) -> list[str]:
    """Return the hosts that a row offers to block.

    Of a linkback its page's, with the port if it names one; of a reply those that it leads to.
    """
    if not comment.is_reply:
        host = urlsplit(web_address(comment.author_url)).netloc.rpartition("@")[2].lower()
        return [host] if host else []
    own = urlsplit(settings.SITE_URL).hostname
    return [host for host in comment.hosts if host != own][:MOST_OFFERED]


@transaction.atomic
def block(place: str, *, by: Actor) -> Outcome:
    """Put a host, or host and path, on the list of blocked sources, and what waits into spam.

    What is shown from there stays. Raises a ``ValidationError`` when it is no such place.
    """
    line = " ".join(place.split()).lower()
    if not line:
        raise ValidationError(gettext("Name a host."))
    validate_sources(line)
    rules, _ = DiscussionSettings.objects.select_for_update().get_or_create(pk=1)
    if not is_listed(f"https://{line}", rules.blocked_sources):
        rules.blocked_sources = "\n".join([*rules.blocked_sources.splitlines(), line]).strip()
        rules.save(update_fields=["blocked_sources"])
    outcome = Outcome(
        ngettext_lazy(
            "Marked %(count)s comment from there as spam.",
            "Marked %(count)s comments from there as spam.",
            "count",
        )
    )
    for comment in sorted(islice(_waiting_from(line), MOST_MOVED), key=lambda each: each.pk):
        outcome.add(comment.mark_spam(by=by, reasons=[f"from {line}, which is blocked"]))
    return outcome


def _waiting_from(line: str) -> Iterator[Comment]:
    host = line.partition("/")[0]
    named = Q(author_url__icontains=host) | Q(text__icontains=host, kind=Kind.REPLY)
    waiting = Comment.objects.filter(named, status=Status.PENDING).defer("text_html")
    for comment in waiting.order_by("pk").iterator(chunk_size=500):
        urls = comment.linked_urls if comment.is_reply else (comment.author_url,)
        if any(is_listed(url, line) for url in urls):
            yield comment


@transaction.atomic
def unblock(line: str) -> None:
    """Take the line off the list of blocked sources; what was moved to spam stays there."""
    rules = DiscussionSettings.objects.select_for_update().get(pk=1)
    left = [each for each in rules.blocked_sources.splitlines() if each.strip() != line]
    rules.blocked_sources = "\n".join(left)
    rules.save(update_fields=["blocked_sources"])
