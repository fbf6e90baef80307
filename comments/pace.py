"""Who is asking, and how often: without ever storing an IP address.

An address is cut to its network (IPv4 /24, IPv6 /48), and the network is kept for a day at most
as an HMAC under a key that changes every day and is nowhere stored.
"""

import datetime
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from articles.prepared import MOMENT, TEXT, Prepared, PreparedInsert
from comments.models import Comment, NetworkUse

UNKNOWN = "unknown"
KEPT = datetime.timedelta(hours=24)
# No limit is higher: of more acts it need not be known when they were.
MOST_COUNTED = 100
_PREFIX = {4: 24, 6: 48}


def client_network(request: HttpRequest) -> str:
    """Return the network that the request comes from, such as ``192.0.2.0/24``.

    ``X-Forwarded-For`` counts only as far as each hop was added by one of ``TRUSTED_PROXIES``:
    the rightmost address that is not one of them is the client.
    """
    address = request.META.get("REMOTE_ADDR", "")
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    while hops and _is_trusted_proxy(address):
        address = hops.pop() or address
    return _network(address)


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return ip.ipv4_mapped or ip if isinstance(ip, IPv6Address) else ip


def _is_trusted_proxy(address: str) -> bool:
    ip = _parsed(address)
    return ip is not None and any(ip in network for network in settings.TRUSTED_PROXIES)


def _network(address: str) -> str:
    ip = _parsed(address)
    if ip is None:
        return UNKNOWN
    return str(ip_network(f"{ip}/{_PREFIX[ip.version]}", strict=False))


def _keyed(who: str, day: datetime.date) -> str:
    key = f"{settings.SECRET_KEY}:network:{day.isoformat()}".encode()
    return hmac.digest(key, who.encode(), "sha256").hex()


def _keys(who: str) -> list[str]:
    today = timezone.now().date()
    return [_keyed(who, today), _keyed(who, today - datetime.timedelta(days=1))]


def network_key(network: str) -> str:
    """Return what finds other comments from this network today, and says nothing of it; "" if unknown."""
    return "" if network == UNKNOWN else _keyed(network, timezone.now().date())


@dataclass(frozen=True)
class Limit:
    """At most ``times`` acts of a network (or host, or whatever ``who`` names) ``within`` that long."""

    act: str
    who: str
    times: int
    within: datetime.timedelta


def allow(act: str, who: str, *, times: int, within: datetime.timedelta) -> bool:
    """Count one act of this network (or host) and say whether it keeps the pace; see ``count()``."""
    return count(Limit(act, who, times, within)) is None


def count(*limits: Limit) -> Limit | None:
    """Count one act under all these limits, once under those of the same name; or return the first exceeded.

    A refused act is not counted. Call it inside a transaction: two acts at once are then judged one after
    the other.
    """
    keys = {limit.who: _keys(limit.who) for limit in limits}
    _one_at_a_time(key for key, _ in keys.values())
    now = timezone.now()
    exceeded = _first_exceeded(limits, keys, now)
    if exceeded is None:
        for who, act in dict.fromkeys((limit.who, limit.act) for limit in limits):
            _note(NetworkUse(key=keys[who][0], act=act, at=now))
    return exceeded


def exceeded(*limits: Limit) -> Limit | None:
    """Return the first limit that one more act would exceed; nothing is counted."""
    return _first_exceeded(
        limits, {limit.who: _keys(limit.who) for limit in limits}, timezone.now()
    )


def _first_exceeded(
    limits: Sequence[Limit], keys: dict[str, list[str]], now: datetime.datetime
) -> Limit | None:
    latest: dict[tuple[str, str], list[datetime.datetime]] = {}
    for limit in limits:
        pair = (limit.who, limit.act)
        if pair not in latest:
            since = now - max(other.within for other in limits if (other.who, other.act) == pair)
            latest[pair] = [at for (at,) in _acts(*keys[limit.who], limit.act, since)]
        if sum(at > now - limit.within for at in latest[pair]) >= limit.times:
            return limit
    return None


_acts = Prepared(
    lambda today, yesterday, act, since: (
        NetworkUse.objects.filter(key__in=[today, yesterday], act=act, at__gt=since)
        .order_by("-at")
        .values_list("at")[:MOST_COUNTED]
    ),
    *(TEXT, TEXT, TEXT, MOMENT),
)
_note = PreparedInsert(NetworkUse)


def _one_at_a_time(keys: Iterable[str]) -> None:
    # SQLite's transactions are immediate: they already follow one another.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # In one order, so that no two wait for each other.
            for key in sorted(keys):
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(key[:15], 16)])


def forget_old() -> int:
    """Delete what is older than a day; return how many rows went."""
    return NetworkUse.objects.filter(at__lt=timezone.now() - KEPT).delete()[0]


def forget_networks() -> int:
    """Forget where comments older than a day came from; return how many."""
    kept = Comment.objects.exclude(network_key="").filter(created_at__lt=timezone.now() - KEPT)
    return kept.update(network_key="")
