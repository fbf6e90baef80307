"""Abuse of the endpoints themselves: big bodies, XML bombs, and floods."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Final
from urllib.parse import urlsplit

from django_tasks_db.models import DBTaskResult

from articles.models import Article
from comments.linkbacks import pingback as wire
from comments.linkbacks.models import Linkback
from comments.linkbacks.receiving import (
    MOST_WAITING,
    PER_CALLER_AND_HOUR,
    PER_SOURCE_HOST_AND_HOUR,
)
from comments.linkbacks.tasks import verify_linkback
from recovery.linkback_check.bench import Bench
from recovery.linkback_check.pingback import code_of
from recovery.linkback_check.site import HUNG_UP, Answer
from recovery.linkback_check.table import Rows, equal, expect

ROWS = Rows("attacks")
#: Bytes by which a web process may grow over a body that is refused, and its size altogether.
GROWTH, WHOLE = 64 * 1024 * 1024, 250 * 1024 * 1024
NETWORKS: Final = 50  # callers', and hosts named, in a flood
CLIENTS: Final = 8
_TOO_LARGE: Final = (400, 413, HUNG_UP)
_XML: Final = {"Content-Type": wire.CONTENT_TYPE}


def _is_refused(answer: Answer) -> bool:
    return answer.status in _TOO_LARGE or code_of(answer) == wire.NOT_WELL_FORMED


def _megabytes(number: int) -> Iterator[bytes]:
    yield b"<methodCall><methodName>pingback.ping</methodName><params>"
    yield from repeat(b"<param><value>12345</value></param>" * 1000, number * 1_000_000 // 35_000)


@ROWS.row("endpoint", "a 10 MB XML body is refused, and the web server grows little")
def _(bench: Bench) -> str:
    before, size = bench.site.peak(), sum(map(len, _megabytes(10)))
    answer = bench.site.ask("/xmlrpc", _megabytes(10), _XML, size)
    expect(_is_refused(answer), f"The answer was {answer.status}")
    growth = bench.site.peak() - before
    expect(growth <= GROWTH, f"It grew by {growth / 2**20:.0f} MB")
    return f"status {answer.status or 'hung up'}; {growth / 2**20:.1f} MB more"


def _bomb() -> bytes:
    lols = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    call = wire.call("http://a.example/", "http://b.example/").decode()
    _, _, rest = call.partition("?>")
    return f'<!DOCTYPE l [<!ENTITY l0 "lol">{lols}]>{rest.replace("http://a", "&l9;")}'.encode()


@ROWS.row("endpoint", "an entity bomb is refused, in UTF-16 too")
def _(bench: Bench) -> None:
    before = bench.site.peak()
    for body in (_bomb(), _bomb().decode().encode("utf-16")):
        equal(code_of(bench.xmlrpc(body)), wire.NOT_WELL_FORMED, "Fault")
    expect(bench.site.peak() - before <= GROWTH, "The web server grew")


@ROWS.row("endpoint", "an external entity is refused")
def _(bench: Bench) -> None:
    body = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><methodCall>&x;</methodCall>'
    equal(code_of(bench.xmlrpc(body)), wire.NOT_WELL_FORMED, "Fault")


@ROWS.row("endpoint", "20,000 nested tags in a call are refused")
def _(bench: Bench) -> None:
    for depth in (1000, 20_000):
        answer = bench.xmlrpc(b"<a>" * depth + b"</a>" * depth)
        expect(_is_refused(answer) or code_of(answer) == wire.NOT_A_CALL, "It was taken")


@dataclass(frozen=True)
class Shot:
    """One ping of a flood: who sent it, what it got, and after how many seconds."""

    network: int
    host: str
    code: int | None
    seconds: float


def _shoot(bench: Bench, article: Article, number: int) -> Shot:
    network = number % NETWORKS
    host = f"flooded-{(number * 7 + number // NETWORKS) % NETWORKS}.example"
    started = time.monotonic()
    answer = bench.pingback(
        f"http://{host}/{number}",
        bench.address(article),
        X_Forwarded_For=f"198.18.{network}.{number % 250 + 1}",
    )
    code = -1 if answer.status != 200 else code_of(answer)
    return Shot(network, host, code, time.monotonic() - started)


def _flood(bench: Bench, article: Article) -> list[Shot]:
    with ThreadPoolExecutor(CLIENTS) as clients:
        return list(clients.map(lambda number: _shoot(bench, article, number), range(bench.flood)))


def _read_meanwhile(bench: Bench, article: Article) -> float:
    started = time.monotonic()
    equal(bench.site.ask(article.get_absolute_url()).status, 200, "Status of the article")
    return time.monotonic() - started


@ROWS.row("flood", f"pings from {NETWORKS} networks, naming {NETWORKS} hosts, at one article")
def _(bench: Bench) -> str:
    article = bench.article()
    with ThreadPoolExecutor(1) as reader:
        flood = reader.submit(_flood, bench, article)
        readings = []
        while not flood.done():
            readings.append(_read_meanwhile(bench, article))
            time.sleep(0.05)
        shots = flood.result()
    try:
        return _judge(article, shots, max(readings))
    finally:
        _forget(article)


def _judge(article: Article, shots: list[Shot], slowest_reading: float) -> str:
    """Compare what is queued with what is allowed."""
    equal({shot.code for shot in shots} <= {None, 0x31}, True, "Answers are successes or 49")
    taken = [shot for shot in shots if shot.code is None]
    networks = Counter(shot.network for shot in taken)
    rows = Linkback.objects.filter(article=article)
    hosts = Counter(urlsplit(row.source_url).hostname for row in rows)
    expect(max(networks.values()) <= PER_CALLER_AND_HOUR, f"One network: {max(networks.values())}")
    expect(max(hosts.values()) <= PER_SOURCE_HOST_AND_HOUR, f"One host: {max(hosts.values())}")
    equal((rows.count(), _queued(article)), (len(taken), len(taken)), "Rows and tasks")
    expect(len(taken) <= MOST_WAITING + CLIENTS, f"{len(taken)} wait")
    times = sorted(shot.seconds for shot in shots)
    p99 = times[int(len(times) * 0.99) - 1]
    return (
        f"{len(shots)} pings, all answered, {len(taken)} fetches queued; answers: median "
        f"{times[len(times) // 2] * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms; "
        f"the article at worst {slowest_reading * 1000:.0f} ms"
    )


def _tasks(article: Article) -> list[DBTaskResult[Any, Any]]:
    pks = set(Linkback.objects.filter(article=article).values_list("pk", flat=True))
    tasks = DBTaskResult.objects.ready().filter(task_path=verify_linkback.module_path)
    return [task for task in tasks if task.args_kwargs["args"][0] in pks]


def _queued(article: Article) -> int:
    return len(_tasks(article))


def _forget(article: Article) -> None:
    """Take the fetches back: the hosts are made up."""
    for task in _tasks(article):
        task.delete()
    Linkback.objects.filter(article=article).delete()


@ROWS.row("memory", f"no web process beyond {WHOLE >> 20} MB")
def _(bench: Bench) -> str:
    size = bench.site.peak()
    expect(size <= WHOLE, f"{size / 2**20:.0f} MB")
    return f"{size / 2**20:.0f} MB at its peak"
