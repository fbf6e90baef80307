"""All like this one: from its author, from its network, linking where it links, or alike in words.

An address of the queue names the comment (``?like=author:12``), never what it has in common with
the others: no blind index and no key of a network is in any address or page.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.db.models import Count, F, Max, Q, QuerySet, Window
from django.utils.translation import gettext

from comments import authorship
from comments.models import Comment, Contact
from comments.moderation.searching import holds
from comments.untrusted import parse_id, without_controls

PARAMETER = "like"
# Texts that name a host somewhere are read one by one to see whether they link there.
MOST_READ = 5_000
MOST_HOSTS = 5  # offered in one menu
# Where a state has more comments than this, a menu names hosts without counting them.
MOST_COUNTED = 500

# A state, and what some comments of it have in common.
Key = tuple[str, object]


@dataclass(frozen=True)
class Likeness:
    """What some comments have in common, in words, and how they are found among others."""

    words: str
    among: Callable[[QuerySet[Comment]], QuerySet[Comment]]


@dataclass(frozen=True)
class Choice:
    """A line of the menu “All like this”: its parameter, its words."""

    value: str
    label: str


@dataclass(frozen=True)
class Neighbours:
    """How many comments there are of a state and like others: what one decision would be about.

    Each count by the state and what they have in common.
    """

    authors: dict[Key, int] = field(default_factory=dict)
    networks: dict[Key, int] = field(default_factory=dict)
    groups: dict[Key, int] = field(default_factory=dict)
    # None of a state in which there are too many comments to count the hosts in them.
    hosts: dict[str, Counter[str] | None] = field(default_factory=dict)


def named(value: str) -> Likeness | None:
    """Return the likeness that an address names, such as ``author:12``; None when there is none."""
    kind, _, what = value.partition(":")
    if kind == "host":
        what = without_controls(what)  # PostgreSQL refuses to look for a NUL
        return _linking_to(what) if what else None
    pk = parse_id(what)
    comment = Comment.objects.filter(pk=pk).first() if pk and kind in _FINDERS else None
    return _FINDERS[kind](comment) if comment else None


def _by_author(comment: Comment) -> Likeness:
    ours = authorship.by_the_same(comment).values("pk")
    return Likeness(
        gettext("From the author of %(comment)s") % {"comment": comment},
        lambda those: those.filter(pk__in=ours),
    )


def _from_network(comment: Comment) -> Likeness:
    # Without a key nothing is known of where it came from: then it is like nothing.
    same = Q(network_key=comment.network_key) & ~Q(network_key="")
    return Likeness(
        gettext("From the network of %(comment)s, within a day") % {"comment": comment},
        lambda those: those.filter(same),
    )


def _alike_in_words(comment: Comment) -> Likeness:
    return Likeness(
        gettext("Alike in words to %(comment)s") % {"comment": comment},
        lambda those: those.filter(look_alike=comment.look_alike),
    )


_FINDERS: dict[str, Callable[[Comment], Likeness]] = {
    "author": _by_author,
    "network": _from_network,
    "words": _alike_in_words,
}


def _linking_to(host: str) -> Likeness:
    def among(those: QuerySet[Comment]) -> QuerySet[Comment]:
        name_it = those.filter(holds("text", host) | holds("author_url", host))
        read = name_it.order_by("-pk").only("author_url", "text").select_related(None)[:MOST_READ]
        return those.filter(pk__in=[one.pk for one in read if host in one.hosts])

    return Likeness(gettext("Linking to %(host)s") % {"host": host}, among)


def neighbours(comments: Iterable[Comment]) -> Neighbours:
    """Count what is like these comments and in the same state, with three queries and one a state."""
    rows = list(comments)
    those = Comment.objects.filter(status__in={row.status for row in rows}).order_by()
    keys = {row.network_key for row in rows} - {""}
    groups = {row.look_alike for row in rows}
    linking = {row.status for row in rows if row.hosts}
    return Neighbours(
        authors=_by_authors(rows),
        networks=_sizes(those.filter(network_key__in=keys).exclude(network_key=""), "network_key"),
        groups=_sizes(those.filter(look_alike__in=groups), "look_alike"),
        hosts={status: _hosts_among(status) for status in linking},
    )


def _sizes(those: QuerySet[Comment], common: str) -> dict[Key, int]:
    counted = those.values_list("status", common).annotate(Count("pk"))
    return {(status, what): number for status, what, number in counted}


def _by_authors(rows: list[Comment]) -> dict[Key, int]:
    """Count by the number of the comment: nobody needs to know the index they have in common."""
    shown = {row.pk: row.status for row in rows}
    mine = Contact.objects.filter(comment__in=shown).values("blind_index")
    same = [F("blind_index"), F("comment__status")]
    counted = (
        Contact.objects.filter(blind_index__in=mine)
        # A plain condition on the comment would leave its neighbours uncounted.
        .annotate(beside=Window(Max("comment"), F("comment")), number=Window(Count("pk"), same))
        .filter(beside__in=shown)
        .values_list("comment", "number")
    )
    return {(shown[pk], pk): number for pk, number in counted}


def _hosts_among(status: str) -> Counter[str] | None:
    """Count the comments of a state that link to each host; None where they are too many."""
    those = Comment.objects.filter(status=status).order_by()
    read = list(those.only("author_url", "text")[: MOST_COUNTED + 1])
    if len(read) > MOST_COUNTED:
        return None
    return Counter(host for comment in read for host in comment.hosts)


def choices(comment: Comment, beside: Neighbours) -> list[Choice]:
    """Return what the menu of a row offers: each leads to more than this comment in its state."""
    pk, status = comment.pk, comment.status
    groups = [
        (f"author:{pk}", gettext("From this author"), beside.authors.get((status, pk), 0)),
        (
            f"network:{pk}",
            gettext("From this network, within a day"),
            beside.networks.get((status, comment.network_key), 0),
        ),
        (
            f"words:{pk}",
            gettext("Alike in words"),
            beside.groups.get((status, comment.look_alike), 0),
        ),
    ]
    found = [Choice(value, f"{label} ({number})") for value, label, number in groups if number > 1]
    return found + _host_choices(comment, beside.hosts.get(status))


def _host_choices(comment: Comment, counted: Counter[str] | None) -> list[Choice]:
    if counted is None:
        hosts = dict.fromkeys(comment.hosts, "")
    else:
        hosts = {host: f" ({counted[host]})" for host in comment.hosts if counted[host] > 1}
    named = list(hosts.items())[:MOST_HOSTS]
    to_host = gettext("Linking to %(host)s")
    return [Choice(f"host:{host}", f"{to_host % {'host': host}}{number}") for host, number in named]
