"""Webmention, the receiver: webmention.rocks' receive scripts, verification, update and removal."""

from functools import partial
from typing import Final

from django.conf import settings

from articles.models import Article
from comments.linkbacks.discovery import Endpoint, discover
from comments.linkbacks.fetching import Headers
from comments.linkbacks.models import Linkback
from comments.models import Comment, Status
from recovery.linkback_check.bench import Bench, link_to
from recovery.linkback_check.peer import Page
from recovery.linkback_check.table import Row, Rows, equal, expect

ROWS = Rows("webmention")
State = Linkback.State


@ROWS.row("3.1.2", "an article advertises the endpoint by Link header and link element")
def _(bench: Bench) -> None:
    page = bench.site.ask(bench.article().get_absolute_url())
    endpoint = f"{settings.SITE_URL}/webmention"
    expect(f'<{endpoint}>; rel="webmention"' in page.headers.get("Link"), "No Link header")
    found = discover(url=settings.SITE_URL, headers=Headers(), html=page.text)
    equal(found, Endpoint("webmention", endpoint), "By the link element")


@ROWS.row("3.2 receive 1", "a valid pair: 201, Location, a status page; then in the queue")
def _(bench: Bench) -> None:
    article = bench.article()
    source = bench.linking(article)
    answer = bench.webmention(source, bench.address(article))
    equal(answer.status, 201, "Status")
    where = answer.headers.get("Location").removeprefix(settings.SITE_URL)
    expect("Received" in bench.site.ask(where).text, "The status page does not say “Received”")
    bench.work()
    row = bench.found(source)
    equal((row.state, row.comment and row.comment.status), (State.VERIFIED, "pending"), "Row")
    expect("waits for a moderator" in bench.site.ask(where).text, "The status page is behind")


# What is sent ({ours} is an article, {theirs} a page), and whether as a form.
_BAD: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "source is garbage": ("receive 2", {"source": "garbage", "target": "{ours}"}),
    "target is garbage": ("receive 2", {"source": "{theirs}", "target": "garbage"}),
    "both are garbage": ("receive 2", {"source": "x", "target": "y"}),
    "source is missing": ("3.2.1", {"target": "{ours}"}),
    "target is missing": ("3.2.1", {"source": "{theirs}"}),
    "source equals target": ("3.2.1", {"source": "{ours}", "target": "{ours}"}),
    "source by another scheme": ("3.2.1", {"source": "ftp://a.example/", "target": "{ours}"}),
    "target on another site": ("3.2.1", {"source": "{theirs}", "target": "https://a.example/"}),
    "target does not exist": ("3.2.1", {"source": "{theirs}", "target": "{ours}nowhere/"}),
    "target is the front page": ("3.2.1", {"source": "{theirs}", "target": "{site}/"}),
}


def _refuses(bench: Bench, *, fields: dict[str, str]) -> None:
    article = bench.article()
    known = {"{theirs}": bench.linking(article), "{ours}": bench.address(article)}
    known["{site}"] = settings.SITE_URL
    for name, address in known.items():
        fields = {key: value.replace(name, address) for key, value in fields.items()}
    before = Linkback.objects.count()
    answer = bench.post_form("/webmention", fields)
    equal(answer.status, 400, "Status")
    expect(answer.text.strip(), "No sentence says why")
    equal(Linkback.objects.count(), before, "Linkbacks")


ROWS += [
    Row("webmention", clause, f"400: {name}", partial(_refuses, fields=fields))
    for name, (clause, fields) in _BAD.items()
]


@ROWS.row("3.2.1", "400 for another content type, 405 for GET")
def _(bench: Bench) -> None:
    article = bench.article()
    body = f'{{"source": "{bench.linking(article)}", "target": "{bench.address(article)}"}}'
    answer = bench.site.ask("/webmention", body.encode(), {"Content-Type": "application/json"})
    equal((answer.status, bench.site.ask("/webmention").status), (400, 405), "Status")


@ROWS.row("3.2.1", "a target with a fragment means the article")
def _(bench: Bench) -> None:
    article = bench.article()
    source = bench.peer.serve(bench.path(), link_to(f"{bench.address(article)}#comments"))
    equal(bench.webmention(source, f"{bench.address(article)}#comments").status, 201, "Status")
    bench.work()
    equal(bench.found(source).state, State.VERIFIED, "State")


# Pages that do not link, though the address is in them: {ours} is the target.
_NO_LINK: Final = {
    "the address as text only": "<p>Read {ours} today.",
    "the link in a comment only": '<p>Hello<!-- <a href="{ours}">x</a> -->',
    "the address absent": '<p>Read <a href="https://a.example/">this</a>.',
    "a longer address": '<p>Read <a href="{ours}more/">this</a>.',
    "the link in a script only": "<script>'<a href=\"{ours}\">x</a>'</script>",
    "the link in a template only": '<template><a href="{ours}">x</a></template>',
    "the link in the navigation only": '<nav><a href="{ours}">x</a></nav><p>Hello',
}


def _finds_none(bench: Bench, *, html: str) -> None:
    article = bench.article()
    page = html.replace("{ours}", bench.address(article))
    source = bench.peer.serve(bench.path(), f"<!doctype html><title>x</title><body>{page}")
    equal(bench.webmention(source, bench.address(article)).status, 201, "Status at once")
    bench.work()
    equal((bench.found(source).state, bench.found(source).comment), (State.REFUSED, None), "Row")


ROWS += [
    Row("webmention", "3.2.2", f"refused: {name}", partial(_finds_none, html=html))
    for name, html in _NO_LINK.items()
]


@ROWS.row("3.2.2", "redirects of the source are followed")
def _(bench: Bench) -> None:
    article, path = bench.article(), bench.path()
    final = bench.linking(article)
    bench.peer.pages[path] = Page("", 301, (("Location", final),))
    source = bench.peer.url(path)
    bench.webmention(source, bench.address(article))
    bench.work()
    equal(bench.found(source).state, State.VERIFIED, "State")


@ROWS.row("3.2.4", "sent again: the one response is brought up to date")
def _(bench: Bench) -> None:
    article, source = _taken(bench)
    path = source.removeprefix(bench.peer.url(""))
    bench.peer.serve(path, link_to(bench.address(article), "quite other words"))
    _again(bench, source)
    comments = Comment.objects.filter(article=article)
    equal(comments.count(), 1, "Responses")
    expect("quite other words" in comments.get().text, "The words are still the old ones")


# How a page that linked goes, and whether that is believed at once.
_GONE: Final = {
    "410 at the source": Page("Gone.", 410),
    "meta status 410": Page('<meta http-equiv="Status" content="410 Gone"><p>Gone.'),
}


def _taken(bench: Bench) -> tuple[Article, str]:
    """Have the response of a page taken; return the article and the page's address."""
    article = bench.article()
    source = bench.linking(article)
    bench.webmention(source, bench.address(article))
    bench.work()
    equal(bench.found(source).state, State.VERIFIED, "State at first")
    return article, source


def _again(bench: Bench, source: str) -> Linkback:
    """Announce a page once more, an hour later."""
    bench.an_hour_passes()
    bench.webmention(source, bench.found(source).target_url)
    bench.work()
    return bench.found(source)


def _turn(bench: Bench, source: str, page: Page) -> None:
    bench.peer.pages[source.removeprefix(bench.peer.url(""))] = page


def _goes(bench: Bench, *, page: Page) -> None:
    _, source = _taken(bench)
    _turn(bench, source, page)
    row = _again(bench, source)
    equal((row.state, row.comment and row.comment.status), (State.GONE, Status.TRASH), "Row")


ROWS += [
    Row("webmention", "3.2.4 delete", f"{name}: removed", partial(_goes, page=page))
    for name, page in _GONE.items()
]


@ROWS.row("3.2.4 delete", "200 without the link: removed when seen so again a day later")
def _(bench: Bench) -> None:
    _, source = _taken(bench)
    _turn(bench, source, Page("<p>The link has gone."))
    equal(_again(bench, source).state, State.VERIFIED, "State at the first sight")
    bench.days_pass(1.1, source)
    row = _again(bench, source)
    equal((row.state, row.comment and row.comment.status), (State.GONE, Status.TRASH), "Row")


@ROWS.row("3.2.4 delete", "404 and 500 are outages: nothing is removed")
def _(bench: Bench) -> None:
    _, source = _taken(bench)
    for status in (404, 500, 503):
        _turn(bench, source, Page("", status))
        bench.days_pass(2, source)
        row = _again(bench, source)
        equal((row.state, row.comment and row.comment.status), (State.VERIFIED, "pending"), "Row")


@ROWS.row("4.4", "what a page says is shown as text, never as markup")
def _(bench: Bench) -> None:
    article = bench.article()
    title = "<title>&lt;script&gt;alert(7)&lt;/script&gt;</title>"
    source = bench.peer.serve(bench.path(), title + link_to(bench.address(article), "<b>x</b>"))
    bench.webmention(source, bench.address(article))
    bench.work()
    comment = bench.found(source).comment
    expect(comment, "No response was made")
    if comment:
        comment.approve()
    page = bench.site.ask(article.get_absolute_url()).text
    expect("alert(7)" in page, "The response is not shown")
    expect("<script>alert(7)" not in page, "The title became a script")


@ROWS.row("our own", "one page by all three protocols: one response")
def _(bench: Bench) -> None:
    article = bench.article()
    source = bench.linking(article)
    bench.webmention(source, bench.address(article))
    bench.pingback(source, bench.address(article))
    bench.trackback(article, source)
    bench.work()
    equal(Comment.objects.filter(article=article).count(), 1, "Responses")
    protocols = {"webmention", "pingback", "trackback"}
    equal(set(bench.found(source).protocols), protocols, "Protocols")
