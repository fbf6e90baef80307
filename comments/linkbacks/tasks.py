"""The background work of linkbacks."""

from django_tasks import task

from comments.linkbacks.models import Linkback, OutgoingLinkback
from comments.retrying import try_again

DELAYS = (60, 900)  # seconds


@task()
def verify_linkback(linkback_id: int, attempt: int = 1) -> None:
    """Look at the source of a linkback once, and settle what follows from it.

    What the source does wrong settles the linkback. Only our own trouble (a database that went
    away) is tried again: repeating the fetch would make us a reflector.
    """
    from comments.linkbacks.checking import check

    linkback = Linkback.objects.select_related("article", "comment").filter(pk=linkback_id).first()
    if linkback is None or not linkback.begin_check():
        return
    with try_again(verify_linkback, linkback_id, attempt=attempt, delays=DELAYS):
        check(linkback)


@task()
def send_linkback(outgoing_id: int) -> None:
    """Make the attempt to tell of a link that is due; the row keeps when the next one is."""
    from comments.linkbacks.sending import send

    if outgoing := _outgoing(outgoing_id):
        send(outgoing)


@task()
def look_up_endpoint(outgoing_id: int) -> None:
    """Find out where the page that an article links to takes linkbacks; send nothing."""
    from comments.linkbacks.sending import look_up

    if outgoing := _outgoing(outgoing_id):
        look_up(outgoing)


@task()
def announce_feeds(saved: int | None = None) -> None:
    """Look whether feeds have changed, and plan to tell the hub; ``saved`` is the article that was."""
    from comments.linkbacks.websub import sweep

    sweep(saved)


@task()
def tell_hub(address: str, attempt: int = 1) -> None:
    """Tell the hub that the feed at this address has changed; tried again while the hub is away."""
    from comments.linkbacks import websub

    with try_again(tell_hub, address, attempt=attempt, delays=websub.DELAYS):
        websub.tell(address)


def _outgoing(outgoing_id: int) -> OutgoingLinkback | None:
    rows = OutgoingLinkback.objects.select_related("article")
    return rows.filter(pk=outgoing_id).first()
