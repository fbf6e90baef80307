"""The 23 rows of webmention.rocks' discovery table, over HTTP: each page is told once, and rightly."""

from functools import partial
from typing import Final

from recovery.linkback_check.bench import Bench
from recovery.linkback_check.peer import Header, Page, Received
from recovery.linkback_check.table import Row, Rows, equal

ROWS = Rows("webmention")
_CLAUSE: Final = "3.1.2 discovery"

# Name, Link headers, HTML. {wm} is the endpoint's path, {full} its address, {wrong} a decoy's.
Case = tuple[str, tuple[Header, ...], str]


def _link(value: str, name: str = "Link") -> tuple[Header, ...]:
    return ((name, value),)


_CASES: Final[tuple[Case, ...]] = (
    ("Link header, rel not quoted, relative", _link("<{wm}>; rel=webmention"), ""),
    ("Link header, rel not quoted, absolute", _link("<{full}>; rel=webmention"), ""),
    ("link element, relative", (), '<link rel="webmention" href="{wm}">'),
    ("link element, absolute, href before rel", (), '<link href="{full}" rel="webmention">'),
    ("a element, relative", (), '<p><a rel="webmention" href="{wm}">wm</a>'),
    ("a element, absolute, href before rel", (), '<p><a href="{full}" rel="webmention">wm</a>'),
    ("header name in odd letter case", _link("<{full}>; rel=webmention", "LinK"), ""),
    ("Link header, rel in quotes", _link('<{full}>; rel="webmention"'), ""),
    ("link element, several rel tokens", (), '<link rel="webmention somethingelse" href="{full}">'),
    ("Link header, several rel tokens", _link('<{full}>; rel="webmention somethingelse"'), ""),
    (
        "header before link and a",
        _link("<{wm}>; rel=webmention"),
        '<link rel="webmention" href="{wrong}"><a rel="webmention" href="{wrong}">wm</a>',
    ),
    (
        "rel=not-webmention is none",
        (),
        '<link rel="not-webmention" href="{wrong}"><link rel="webmention" href="{wm}">',
    ),
    (
        "decoy in a comment",
        (),
        '<!-- <a href="{wrong}" rel="webmention"></a> --><a href="{wm}" rel="webmention">wm</a>',
    ),
    (
        "decoy in sample code",
        (),
        (
            "<code>&lt;a href=&quot;{wrong}&quot; rel=&quot;webmention&quot;&gt;</code>"
            '<a href="{wm}" rel="webmention">wm</a>'
        ),
    ),
    ("empty href: the page itself", (), '<link rel="webmention" href="">'),
    (
        "a before link in the document",
        (),
        '<a rel="webmention" href="{wm}">wm</a><link rel="webmention" href="{wrong}">',
    ),
    (
        "link before a in the document",
        (),
        '<p><link rel="webmention" href="{wm}"><a rel="webmention" href="{wrong}">wm</a>',
    ),
    (
        "two Link headers, the second counts",
        (*_link("<{wrong}>; rel=other"), *_link("<{wm}>; rel=webmention")),
        "",
    ),
    (
        "two values in one Link header",
        _link('<{wrong}>; rel="other", <{wm}>; rel="webmention"'),
        "",
    ),
    (
        "link without href is passed over",
        (),
        '<link rel="webmention"><a href="{wm}" rel="webmention">wm</a>',
    ),
    ("query stays in the address", (), '<link rel="webmention" href="{wm}?query=yes">'),
    ("relative to the page's own folder", (), '<link rel="webmention" href="folder/wm">'),
    (
        "relative after a redirect; each asked once",
        _link("<moved-wm>; rel=webmention"),
        '<a rel="webmention" href="moved-wm">wm</a>',
    ),
)
_OTHER_PATHS: Final = {15: "page", 21: "wm?query=yes", 22: "folder/wm", 23: "moved/moved-wm"}


def _filled(text: str, bench: Bench, number: int) -> str:
    here = f"/discovery-{number}/"
    values = {"wm": f"{here}wm", "full": bench.peer.url(f"{here}wm"), "wrong": f"{here}wrong"}
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _serve(bench: Bench, number: int, case: Case) -> str:
    """Put the page of a case on the peer, and return the address that articles link to."""
    _, headers, html = case
    path = final = f"/discovery-{number}/page"
    if number == 23:
        final = f"/discovery-{number}/moved/page"
        bench.peer.pages[path] = Page("", 302, _link("moved/page", "Location"))
    filled = tuple((name, _filled(value, bench, number)) for name, value in headers)
    bench.peer.pages[final] = Page(_filled(html, bench, number), headers=filled)
    return bench.peer.url(path)


def _told(bench: Bench) -> str:
    """Publish one article that links to all pages, send what follows, and return its address."""
    pages = [_serve(bench, number, case) for number, case in enumerate(_CASES, 1)]
    article = bench.article(*pages)
    bench.tell(article)
    return bench.address(article)


def _try(bench: Bench, *, number: int) -> None:
    source, here = bench.once("discovery", _told), f"/discovery-{number}/"
    received = bench.peer.received_below(here)
    wanted = f"{here}{_OTHER_PATHS.get(number, 'wm')}"
    equal([item.path for item in received], [wanted], "Told at")
    equal(received[0].form, _form(source, bench.peer.url(f"{here}page")), "Sent")
    asked = [path for path in bench.peer.asked if path.startswith(here)]
    equal(len(asked), len(set(asked)), "Addresses asked for")


def _form(source: str, target: str) -> dict[str, list[str]]:
    return {"source": [source], "target": [target]}


def sent_form(item: Received) -> tuple[str, str]:
    """Return source and target of a webmention as sent."""
    return item.form["source"][0], item.form["target"][0]


for _number, _case in enumerate(_CASES, 1):
    ROWS.append(
        Row("webmention", _CLAUSE, f"row {_number:02}: {_case[0]}", partial(_try, number=_number))
    )
