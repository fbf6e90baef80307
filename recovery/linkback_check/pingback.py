"""Pingback 1.0, both sides."""

import re
from functools import partial
from typing import Final

from django.conf import settings

from comments.linkbacks import pingback as wire
from comments.linkbacks.models import Linkback, OutgoingLinkback
from comments.models import DiscussionSettings
from recovery.linkback_check.bench import Bench
from recovery.linkback_check.peer import Header, Reply
from recovery.linkback_check.site import Answer
from recovery.linkback_check.table import Row, Rows, equal, expect

ROWS = Rows("pingback")
#: Pingback 1.0, 2.2: what a page's source is searched for.
_PATTERN: Final = re.compile(r'<link rel="pingback" href="([^"]+)" ?/?>')


def code_of(answer: Answer) -> int | None:
    """Return the code of a fault, None for a success."""
    try:
        wire.parse_answer(answer.text.encode())
    except wire.WireFault as fault:
        return fault.code
    return None


@ROWS.row("2.1", "one X-Pingback header, absolute")
def _(bench: Bench) -> None:
    page = bench.site.ask(bench.article().get_absolute_url())
    equal(page.headers.get_all("X-Pingback"), [f"{settings.SITE_URL}/xmlrpc"], "X-Pingback")
    expect("pingback" not in page.headers.get("Link"), "The Link header speaks of it too")


@ROWS.row("2.2", "one link element that matches the pattern, equal to the header")
def _(bench: Bench) -> None:
    page = bench.site.ask(bench.article().get_absolute_url())
    equal(_PATTERN.findall(page.text), page.headers.get_all("X-Pingback"), "Matches")


@ROWS.row("3", "a valid call: one string; then in the queue")
def _(bench: Bench) -> None:
    article = bench.article()
    source = bench.linking(article)
    answer = bench.pingback(source, bench.address(article))
    said = wire.parse_answer(answer.text.encode())
    expect(f"{settings.SITE_URL}/linkbacks/" in said, f"No status page is named: {said}")
    bench.work()
    comment = bench.found(source).comment
    equal(comment and (comment.kind, comment.status), ("pingback", "pending"), "Response")


@ROWS.row("3", "/xmlrpc.php is the same endpoint")
def _(bench: Bench) -> None:
    article = bench.article()
    answer = bench.pingback(bench.linking(article), bench.address(article), "/xmlrpc.php")
    equal(code_of(answer), None, "Fault")


# Code and target or source; {ours}, {theirs} and {site} are addresses.
_FAULTS: Final = {
    "no article at the target's address": (0x20, "{theirs}", "{site}/articles/nowhere/"),
    "the target is no article": (0x21, "{theirs}", "{site}/"),
    "the target is on another site": (0x21, "{theirs}", "https://a.example/"),
    "a source nobody would fetch": (0, "file:///etc/passwd", "{ours}"),
    "a source with a password": (0, "http://a:b@a.example/", "{ours}"),
    "a source on this site": (0, "{site}/", "{ours}"),
}


def _faults(bench: Bench, *, code: int, source: str, target: str) -> None:
    article = bench.article()
    known = {"{theirs}": bench.linking(article), "{ours}": bench.address(article)}
    known["{site}"] = settings.SITE_URL
    for name, address in known.items():
        source, target = source.replace(name, address), target.replace(name, address)
    equal(code_of(bench.pingback(source, target)), code, "Fault")


ROWS += [
    Row(
        "pingback",
        f"3 fault {code}",
        name,
        partial(_faults, code=code, source=source, target=target),
    )
    for name, (code, source, target) in _FAULTS.items()
]


@ROWS.row("3 fault 33", "an article that takes no linkbacks, and does not advertise")
def _(bench: Bench) -> None:
    article = bench.article(linkbacks_open=False)
    answer = bench.pingback(bench.linking(article), bench.address(article))
    equal(code_of(answer), 0x21, "Fault")
    page = bench.site.ask(article.get_absolute_url())
    equal(page.headers.get_all("X-Pingback"), [], "X-Pingback")


@ROWS.row("3 fault 48", "registered already")
def _(bench: Bench) -> None:
    article = bench.article()
    source = bench.linking(article)
    calls = [bench.pingback(source, bench.address(article)) for _ in range(2)]
    equal([code_of(answer) for answer in calls], [None, 0x30], "Faults")


@ROWS.row("3 fault 49", "a source that the owner has blocked")
def _(bench: Bench) -> None:
    article, rules = bench.article(), DiscussionSettings.current()
    rules.blocked_sources = "blocked.example"
    rules.save()
    for host in ("blocked.example", "BLOCKED.example:80", "blocked.example."):
        answer = bench.pingback(f"http://{host}/post", bench.address(article))
        equal(code_of(answer), 0x31, f"Fault for {host}")


def _value(text: str) -> str:
    return f"<param><value><string>{text}</string></value></param>"


def _call(method: str, params: str) -> str:
    return f"<methodCall><methodName>{method}</methodName><params>{params}</params></methodCall>"


_PROTOCOL_ERRORS: Final = {
    "not well-formed": (-32700, "<methodCall>"),
    "no call": (-32600, "<methodResponse/>"),
    "another method": (-32601, _call("system.listMethods", "")),
    "system.multicall": (-32601, _call("system.multicall", _value("x"))),
    "one parameter": (-32602, _call("pingback.ping", _value("x"))),
    "three parameters": (-32602, _call("pingback.ping", _value("x") * 3)),
    "a number as parameter": (
        -32602,
        _call("pingback.ping", "<param><value><int>1</int></value></param>" + _value("x")),
    ),
}


def _protocol_error(bench: Bench, *, code: int, body: str) -> None:
    equal(code_of(bench.xmlrpc(body.encode())), code, "Fault")


ROWS += [
    Row("pingback", f"3 fault {code}", name, partial(_protocol_error, code=code, body=body))
    for name, (code, body) in _PROTOCOL_ERRORS.items()
]


@ROWS.row("security", "a source that exists, one that does not, a closed port: one answer")
def _(bench: Bench) -> None:
    article, answers = bench.article(), set()
    for source in (bench.linking(article), bench.peer.url("/404"), "http://127.0.0.1:9/"):
        said = bench.pingback(source, bench.address(article)).text
        answers.add(re.sub(r"/linkbacks/\S+?/", "", said.replace(source, "")))
    equal(len(answers), 1, "Different answers")


def _endpoint_found(bench: Bench, *, headers: tuple[Header, ...], html: str) -> None:
    """Tell a page of the peer that we link to it, and look at the call that comes."""
    path = bench.path()
    full = bench.peer.url(f"{path}-rpc")
    filled = tuple((name, value.replace("{full}", full)) for name, value in headers)
    url = bench.peer.serve(path, html.replace("{full}", full), headers=filled)
    bench.peer.replies[f"{path}-rpc"] = Reply(200, wire.success("Thank you."))
    article = bench.article(url)
    bench.tell(article)
    received = bench.peer.received_below(f"{path}-rpc")
    calls = [wire.parse_call(item.body) for item in received]
    equal(calls, [wire.PingbackCall(bench.address(article), url)], "Calls")
    equal(OutgoingLinkback.objects.get(target_url=url).state, "sent", "State")


_HEADER = (("X-Pingback", "{full}"),)
_DISCOVERY: Final[dict[str, tuple[str, tuple[Header, ...], str]]] = {
    "by X-Pingback": ("2.1", _HEADER, ""),
    "by link element": ("2.2", (), '<link rel="pingback" href="{full}">'),
    "by link element, closed": ("2.2", (), '<link rel="pingback" href="{full}" />'),
    "the header wins": ("2", _HEADER, '<link rel="pingback" href="http://a.invalid/">'),
    "entities are expanded once": ("2.2", (), '<link rel="pingback" href="{full}?a&amp;b">'),
}
ROWS += [
    Row("pingback", clause, f"sent: {name}", partial(_endpoint_found, headers=headers, html=html))
    for name, (clause, headers, html) in _DISCOVERY.items()
]


@ROWS.row("3", "sent: a fault is taken as a refusal, with its sentence")
def _(bench: Bench) -> None:
    path = bench.path()
    url = bench.peer.serve(path, headers=(("X-Pingback", bench.peer.url(f"{path}-rpc")),))
    bench.peer.replies[f"{path}-rpc"] = Reply(200, wire.fault(0x31, "Not from you."))
    bench.tell(bench.article(url))
    row = OutgoingLinkback.objects.get(target_url=url)
    equal((row.state, "Not from you." in row.last_answer), ("failed", True), "Row")


@ROWS.row("3", "source side faults come later, on the status page: refused without a link")
def _(bench: Bench) -> None:
    article = bench.article()
    source = bench.peer.serve(bench.path(), "<p>No link here.")
    equal(code_of(bench.pingback(source, bench.address(article))), None, "Fault at once")
    bench.work()
    equal(bench.found(source).state, Linkback.State.REFUSED, "State")
