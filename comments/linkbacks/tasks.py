"""The background work of linkbacks."""

from django_tasks import task

from comments.linkbacks.models import Linkback
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
