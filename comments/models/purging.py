"""Deleting comments for good, without their replies: the thread closes over the gap."""

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Case, Value, When

if TYPE_CHECKING:
    from comments.models.conversation import CommentQuerySet

AT_ONCE = 500  # rows


@transaction.atomic
def purge_some(unwanted: "CommentQuerySet") -> int:
    """Delete some of these comments; their replies move up one level. Return how many went."""
    comments = unwanted.model.objects
    doomed = dict(unwanted.order_by("-pk").values_list("pk", "parent_id")[:AT_ONCE])
    below = comments.filter(parent__in=doomed).order_by()
    answered = set(below.values_list("parent_id", flat=True).distinct())
    heirs = {pk: _surviving_ancestor(pk, doomed) for pk in answered}
    # Without a case the reply goes to the top.
    cases = [When(parent=pk, then=Value(heir)) for pk, heir in heirs.items() if heir]
    if heirs:
        below.update(parent=Case(*cases))
        _rehead(comments.filter(head__in=[pk for pk, heir in heirs.items() if heir is None]))
    gone = comments.filter(pk__in=doomed)
    gone.forget_credit()
    gone.delete()
    return len(doomed)


def _surviving_ancestor(pk: int | None, doomed: Mapping[int, int | None]) -> int | None:
    while pk is not None and pk in doomed:
        pk = doomed[pk]
    return pk


def _rehead(orphans: "CommentQuerySet") -> None:
    """Give each of these, whose thread loses its head, the topmost of its own ancestors for one."""
    parents = dict(orphans.order_by("pk").values_list("pk", "parent_id"))
    members = defaultdict(list)
    for pk, head in heads_of(parents).items():
        members[None if head == pk else head].append(pk)
    comments = orphans.model.objects
    for new, those in members.items():
        for start in range(0, len(those), AT_ONCE):
            comments.filter(pk__in=those[start : start + AT_ONCE]).update(head=new)


def heads_of(parents: Mapping[int, int | None]) -> dict[int, int]:
    """Return for each comment the topmost of its ancestors among these, or itself."""
    heads: dict[int, int] = {}
    for pk in parents:
        way, top = [pk], pk
        while top not in heads:
            above = parents[top]
            if above is None or above not in parents:
                break
            way.append(above)
            top = above
        heads.update(dict.fromkeys(way, heads.get(top, top)))
    return heads
