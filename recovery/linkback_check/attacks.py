"""Abuse: what comes in, and sources and targets that misbehave, within the real limits.

All of them are announced and worked off together by a few workers at once, so that the slow ones
cost the run one deadline and not one each; the rows then look at what became of theirs.
"""

import datetime
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from django_tasks_db.models import DBTaskResult

from comments.linkbacks import sending
from comments.linkbacks.addresses import refusal
from comments.linkbacks.fetching import DEFAULT
from comments.linkbacks.models import Linkback, OutgoingLinkback
from comments.linkbacks.tasks import verify_linkback
from recovery.linkback_check import vices
from recovery.linkback_check.bench import Bench, link_to
from recovery.linkback_check.peer import HOST, Page, Reply
from recovery.linkback_check.site import forget_peak, peak
from recovery.linkback_check.table import Row, Rows, equal, expect
from recovery.scratch import strangers

ROWS = Rows("attacks")
State = Linkback.State
#: Seconds: the deadline of a fetch, and what reading and writing may take beyond it.
SETTLED_WITHIN: Final = DEFAULT.total + 3
#: Bytes by which this process may grow while everything below is checked.
GROWTH: Final = 64 * 1024 * 1024
#: One more than there are pages that use up their whole deadline: the queue moves meanwhile.
WORKERS: Final = 5
_REBINDING, _TWO_FACED = "rebinding.example", "two-faced.example"
_INSIDE: Final = "10.0.0.1"

INTERNAL: Final = (
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "168.63.129.16",
    "0.0.0.0",  # noqa: S104 - an address to be refused
    "224.0.0.1",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "１６９.２５４.１６９.２５４",
    "[::1]",
    "[::ffff:169.254.169.254]",
    "[64:ff9b::a9fe:a9fe]",
    "[fd00:ec2::254]",
    "[fe80::1]",
)


def _redirect(location: str) -> Page:
    return Page("", 302, (("Location", location),))


def _nested(ours: str) -> Page:
    return Page("<!doctype html><body>" + "<div>" * 20_000 + f'<a href="{ours}">x</a>')


def _xml(ours: str) -> Page:
    return Page("<a>" + "<b>text</b>" * 900_000 + link_to(ours), content_type="application/xml")


def _entities(_: str) -> Page:
    lols = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    html = f'<!DOCTYPE l [<!ENTITY l0 "lol">{lols}]><l>&l9;</l>'
    return Page(html, content_type="application/xml")


# Pages that are refused, by name; those first that use up their whole deadline.
_PAGES: Final[dict[str, Callable[[str], Page]]] = {
    "body that drips": lambda _: Page(vice=vices.BODY_DRIP),
    "headers that drip": lambda _: Page(vice=vices.HEADER_DRIP),
    "no answer at all": lambda _: Page(vice=vices.silent),
    "1 GB body": lambda _: Page(vice=vices.GIGABYTE),
    "endless body in chunks": lambda _: Page(vice=vices.ENDLESS),
    "endless headers": lambda _: Page(vice=vices.ENDLESS_HEADERS),
    "gzip bomb (100 MB)": lambda _: Page(vice=vices.GZIP_BOMB),
    "a megabyte of <": lambda _: Page("<" * 1_000_000),
    "10 MB XML page": _xml,
    "entity bomb in an XML page": _entities,
    "binary": lambda ours: Page(link_to(ours), content_type="image/png"),
    "redirect to itself for ever": lambda _: _redirect("?"),
    "redirect to an internal address": lambda _: _redirect(f"http://{_INSIDE}/"),
    "redirect to a file": lambda _: _redirect("file:///etc/passwd"),
}
_SLOW_TARGET: Final = "/slow-target"


@dataclass
class Siege:
    """What was announced, by name, and what the run of the queue cost."""

    sources: dict[str, str] = field(default_factory=dict)
    refused_at_once: set[str] = field(default_factory=set)
    lookups: list[str] = field(default_factory=list)
    growth: int = 0

    def row(self, name: str) -> Linkback:
        return Linkback.objects.get(source_url=self.sources[name])


def _siege(bench: Bench) -> Siege:
    """Announce everything, work it off, and measure."""
    siege, article = Siege(), bench.article()
    vices.bomb()  # made before anything is measured
    ours = bench.address(article)
    _announce(bench, siege, "warm-up", bench.linking(article), ours)
    bench.work()
    for name, make in _PAGES.items():
        path = bench.path()
        bench.peer.pages[path] = make(ours)
        _announce(bench, siege, name, bench.peer.url(path), ours)
        if name == "no answer at all":
            _plan_slow_target(bench)
    _announce_the_rest(bench, siege, ours)
    forget_peak()
    before = peak()
    with _names(siege):
        bench.work(WORKERS)
    siege.growth = peak() - before
    return siege


def _announce_the_rest(bench: Bench, siege: Siege, ours: str) -> None:
    """Names that change their mind, forms of internal addresses, a deep page, an honest one."""
    path, port = bench.path(), bench.peer.port
    bench.peer.pages[path] = _redirect(f"http://{_REBINDING}:{port}{path}-2")
    bench.peer.serve(f"{path}-2", link_to(ours))
    for name in (_REBINDING, _TWO_FACED):
        _announce(bench, siege, name, f"http://{name}:{port}{path}", ours)
    for number, form in enumerate(INTERNAL):
        # A path for each: two forms of one address would be the same page.
        _announce(bench, siege, form, f"http://{form}/{number}", ours)
    deep = bench.path()
    bench.peer.pages[deep] = _nested(ours)
    _announce(bench, siege, "20,000 nested tags", bench.peer.url(deep), ours)
    honest = bench.peer.serve(bench.path(), link_to(ours))
    _announce(bench, siege, "honest", honest, ours)


def _announce(bench: Bench, siege: Siege, name: str, source: str, ours: str) -> None:
    bench.an_hour_passes()
    siege.sources[name] = source
    if bench.webmention(source, ours).status == 400:
        siege.refused_at_once.add(name)


def _plan_slow_target(bench: Bench) -> None:
    bench.peer.pages[_SLOW_TARGET] = Page(vice=vices.BODY_DRIP)
    sending.plan(bench.article(bench.peer.url(_SLOW_TARGET)))


@contextmanager
def _names(siege: Siege) -> Iterator[None]:
    """Have two names that lead here at first, and inside this network at the second look-up."""
    resolve = socket.getaddrinfo

    def look_up(host: Any, *rest: Any, **options: Any) -> list[Any]:
        if host not in (_REBINDING, _TWO_FACED):
            return resolve(host, *rest, **options)
        siege.lookups.append(host)
        inside = resolve(_INSIDE, *rest, **options)
        here = resolve(HOST, *rest, **options)
        if host == _TWO_FACED:
            return [*here, *inside]
        return here if siege.lookups.count(host) == 1 else inside

    socket.getaddrinfo = look_up
    try:
        yield
    finally:
        socket.getaddrinfo = resolve


def _besieged(bench: Bench) -> Siege:
    return bench.once("siege", _siege)


def _times(linkback: Linkback) -> tuple[datetime.datetime, datetime.datetime]:
    """When the check of a linkback began and when it ended; fails if there was none."""
    found = DBTaskResult.objects.filter(task_path=verify_linkback.module_path)
    for task in found.exclude(finished_at=None):
        if task.args_kwargs["args"][0] == linkback.pk and task.started_at and task.finished_at:
            return task.started_at, task.finished_at
    raise LookupError("It was never checked.")


def _settled(bench: Bench, name: str, state: str) -> str:
    row = _besieged(bench).row(name)
    begun, ended = _times(row)
    seconds = (ended - begun).total_seconds()
    equal(row.state, state, "State")
    expect(seconds <= SETTLED_WITHIN, f"It took {seconds:.1f} s")
    return f"settled in {seconds:.2f} s"


def _refused(bench: Bench, *, name: str) -> str:
    said = _settled(bench, name, State.REFUSED)
    equal(_besieged(bench).row(name).comment, None, "Response")
    return said


ROWS += [Row("attacks", "source", name, partial(_refused, name=name)) for name in _PAGES]


@ROWS.row("source", "20,000 nested tags: read, within the deadline")
def _(bench: Bench) -> str:
    return _settled(bench, "20,000 nested tags", State.VERIFIED)


@ROWS.row("source", "a redirect for ever is followed five times")
def _(bench: Bench) -> None:
    source = _besieged(bench).sources["redirect to itself for ever"]
    asked = [path for path in bench.peer.asked if bench.peer.url(path).startswith(f"{source}")]
    equal(len(asked), DEFAULT.redirects + 1, "Requests")


@ROWS.row("address", "a rebinding name: looked up once a hop, refused when it turns inside")
def _(bench: Bench) -> str:
    siege = _besieged(bench)
    equal(siege.lookups.count(_REBINDING), 2, "Look-ups for two hops")
    return _refused(bench, name=_REBINDING)


@ROWS.row("address", "a name with one public and one internal address")
def _(bench: Bench) -> str:
    return _refused(bench, name=_TWO_FACED)


def _internal(bench: Bench, *, form: str) -> str:
    siege = _besieged(bench)
    if form in siege.refused_at_once:
        return "refused at once"
    return _refused(bench, name=form)


ROWS += [Row("attacks", "address", f"http://{f}/", partial(_internal, form=f)) for f in INTERNAL]


@ROWS.row("address", "loopback, where nothing is excepted from the rule (here it is)")
def _(_bench: Bench) -> None:
    forms = ("127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "0.0.0.0")  # noqa: S104
    equal([form for form in forms if not refusal(form)], [], "Let through")


@ROWS.row("sending", "a target that drips: given up at the deadline, tried again later")
def _(bench: Bench) -> None:
    _besieged(bench)
    row = OutgoingLinkback.objects.get(target_url=bench.peer.url(_SLOW_TARGET))
    equal((row.state, row.attempts), (OutgoingLinkback.State.PLANNED, 1), "Row")
    # Done with, so that no later row waits for it.
    row.delete()


# What a page names as its endpoint; {here} leads the peer to an internal address by 307.
_ENDPOINTS: Final = ("http://169.254.169.254/wm", "http://[::1]/wm", "file:///etc/passwd", "{here}")


def _endpoint(bench: Bench, *, endpoint: str) -> None:
    path = bench.path()
    named = endpoint.replace("{here}", f"{path}-wm")
    moved = (("Location", "http://169.254.169.254/wm"),)
    bench.peer.replies[f"{path}-wm"] = Reply(307, headers=moved)
    url = bench.peer.serve(path, f'<link rel="webmention" href="{named}">')
    bench.tell(bench.article(url))
    state = OutgoingLinkback.objects.get(target_url=url).state
    expect(state in ("failed", "none"), f"The state is {state}")


ROWS += [
    Row("attacks", "sending", f"endpoint at {name}", partial(_endpoint, endpoint=endpoint))
    for endpoint, name in zip(
        _ENDPOINTS, (*_ENDPOINTS[:-1], "our peer that redirects inside"), strict=True
    )
]


@ROWS.row("address", "in all of this, no connection left loopback")
def _(bench: Bench) -> None:
    _besieged(bench)
    equal(strangers, [], "Connections")


@ROWS.row("queue", "an honest page announced last is taken while the slow ones drip")
def _(bench: Bench) -> str:
    siege = _besieged(bench)
    ends = {name: _times(siege.row(name))[1] for name in ("honest", "body that drips")}
    expect(ends["honest"] < ends["body that drips"], "It waited for the slow ones")
    return _settled(bench, "honest", State.VERIFIED)


@ROWS.row("memory", f"all sources together: less than {GROWTH >> 20} MB more")
def _(bench: Bench) -> str:
    growth = _besieged(bench).growth
    expect(growth <= GROWTH, f"It grew by {growth / 2**20:.0f} MB")
    return f"{growth / 2**20:.1f} MB more; {peak() / 2**20:.0f} MB in all, this check included"
