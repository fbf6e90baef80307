"""TrackBack 1.2, both sides."""

from django.conf import settings

from articles.models import Article
from comments.linkbacks import trackback as wire
from comments.linkbacks.discovery import discover_all
from comments.linkbacks.models import Linkback, OutgoingLinkback
from recovery.linkback_check.bench import Bench
from recovery.linkback_check.peer import Reply
from recovery.linkback_check.site import Answer
from recovery.linkback_check.table import Rows, equal, expect

ROWS = Rows("trackback")


def error_of(answer: Answer) -> str | None:
    """Return the message of an error, None for a success."""
    try:
        wire.parse_answer(answer.text.encode())
    except wire.TrackbackFault as fault:
        return fault.message
    return None


def _path(article: Article) -> str:
    return f"{article.get_absolute_url()}trackback/"


@ROWS.row("ping", "a valid ping: error 0, as XML; then in the queue")
def _(bench: Bench) -> None:
    article = bench.article()
    source = bench.linking(article)
    answer = bench.trackback(article, source, title="A title", blog_name="A blog")
    equal(error_of(answer), None, "Error")
    equal(answer.headers.get("Content-Type"), wire.ANSWER_CONTENT_TYPE, "Content-Type")
    bench.work()
    comment = bench.found(source).comment
    equal(comment and (comment.kind, comment.status), ("trackback", "pending"), "Response")


@ROWS.row("ping", "title and excerpt are the page's own, not what the ping claims")
def _(bench: Bench) -> None:
    article = bench.article()
    source = bench.linking(article)
    bench.trackback(article, source, title="Buy pills", excerpt="Cheap pills")
    bench.work()
    comment = bench.found(source).comment
    expect(comment and "pills" not in f"{comment.author_name} {comment.text}", "It is believed")


@ROWS.row("ping", "a page that does not link is refused")
def _(bench: Bench) -> None:
    article = bench.article()
    source = bench.peer.serve(bench.path(), "<p>Cheap pills.")
    equal(error_of(bench.trackback(article, source)), None, "Error at once")
    bench.work()
    equal((bench.found(source).state, bench.found(source).comment), ("refused", None), "Row")


@ROWS.row("ping", "error 1 and a sentence without a url")
def _(bench: Bench) -> None:
    expect(error_of(bench.post_form(_path(bench.article()), {"title": "x"})), "No error")


@ROWS.row("ping", "error 1 for another content type")
def _(bench: Bench) -> None:
    article = bench.article()
    body = f"url={bench.linking(article)}".encode()
    answer = bench.site.ask(_path(article), body, {"Content-Type": "text/plain"})
    expect(error_of(answer), "No error")


@ROWS.row("ping", "error 1 for an article that does not exist or takes none")
def _(bench: Bench) -> None:
    article = bench.article(linkbacks_open=False)
    source = bench.linking(article)
    expect(error_of(bench.trackback(article, source)), "No error where it takes none")
    answer = bench.post_form("/articles/nowhere/trackback/", {"url": source})
    expect(error_of(answer), "No error where there is none")


@ROWS.row("ping", "error 1 when it is registered already")
def _(bench: Bench) -> None:
    article = bench.article()
    source = bench.linking(article)
    answers = [error_of(bench.trackback(article, source)) for _ in range(2)]
    expect(answers[0] is None and answers[1], f"The answers were {answers}")


@ROWS.row("ping", "other charsets are read, those that hide markup are not")
def _(bench: Bench) -> None:
    article = bench.article()
    answers = {}
    for charset in ("iso-8859-1", "shift_jis", "utf-7"):
        content_type = f"{wire.FORM}; charset={charset}"
        body = wire.form(bench.linking(article))
        answers[charset] = error_of(
            bench.site.ask(_path(article), body, {"Content-Type": content_type})
        )
    equal([bool(answer) for answer in answers.values()], [False, False, True], "Errors")


@ROWS.row("ping", "GET is no ping: it leads to the article")
def _(bench: Bench) -> None:
    article = bench.article()
    answer = bench.site.ask(f"{_path(article)}?url=http://a.example/")
    wanted = (302, article.get_absolute_url())
    equal((answer.status, answer.headers.get("Location")), wanted, "Answer")


@ROWS.row("discovery", "an article's RDF names its permalink and its ping URL")
def _(bench: Bench) -> None:
    article = bench.article()
    page = bench.site.ask(article.get_absolute_url())
    found = discover_all(url=bench.address(article), headers=page.headers, html=page.text)
    endpoints = {endpoint.protocol: endpoint.url for endpoint in found}
    equal(endpoints.get("trackback"), settings.SITE_URL + _path(article), "Ping URL")


@ROWS.row("discovery", "an article that takes none has no RDF")
def _(bench: Bench) -> None:
    article = bench.article(linkbacks_open=False)
    expect("rdf:RDF" not in bench.site.ask(article.get_absolute_url()).text, "There is RDF")


def _told(bench: Bench, html: str) -> tuple[Article, str, str]:
    """Tell a page whose HTML is this; return the article, the page, and the path of its endpoint."""
    path = bench.path()
    ping, url = f"{path}-tb", bench.peer.url(path)
    values = {"{ping}": bench.peer.url(ping), "{url}": url}
    for name, value in values.items():
        html = html.replace(name, value)
    bench.peer.serve(path, html)
    bench.peer.replies[ping] = Reply(200, wire.answer(None))
    article = bench.article(url)
    bench.tell(article)
    return article, url, ping


_RDF = (
    '<!-- <rdf:RDF><rdf:Description rdf:about="{url}" dc:identifier="{url}" dc:title="x" '
    'trackback:ping="{ping}" /></rdf:RDF> -->'
)


@ROWS.row("discovery", "sent: by RDF, a form with its charset, url and title")
def _(bench: Bench) -> None:
    article, url, path = _told(bench, _RDF)
    [ping] = bench.peer.received_below(path)
    equal(ping.content_type, wire.CONTENT_TYPE, "Content-Type")
    wanted = ([bench.address(article)], [article.title])
    equal((ping.form["url"], ping.form["title"]), wanted, "Sent")
    equal(OutgoingLinkback.objects.get(target_url=url).state, "sent", "State")


@ROWS.row("discovery", "sent: not by the RDF of another page")
def _(bench: Bench) -> None:
    _, url, path = _told(bench, _RDF.replace("{url}", "https://a.example/other"))
    equal(bench.peer.received_below(path), [], "Sent")
    equal(OutgoingLinkback.objects.get(target_url=url).state, "none", "State")


@ROWS.row("extension", "sent: by rel=trackback")
def _(bench: Bench) -> None:
    _, _, path = _told(bench, '<a rel="trackback" href="{ping}">TrackBack</a>')
    equal(len(bench.peer.received_below(path)), 1, "Pings")


@ROWS.row("ping", "sent: once, for TrackBack knows no updates")
def _(bench: Bench) -> None:
    article, url, path = _told(bench, _RDF)
    other = bench.peer.serve(bench.path())
    bench.tell(bench.write(article, url, other))
    equal(len(bench.peer.received_below(path)), 1, "Pings")


@ROWS.row("ping", "sent: error 1 is taken as a refusal, with its sentence")
def _(bench: Bench) -> None:
    path = bench.path()
    url = bench.peer.serve(path, f'<a rel="trackback" href="{path}-tb">TrackBack</a>')
    bench.peer.replies[f"{path}-tb"] = Reply(200, wire.answer("Not from you."))
    bench.tell(bench.article(url))
    row = OutgoingLinkback.objects.get(target_url=url)
    equal((row.state, row.last_answer), ("failed", "Not from you."), "Row")


@ROWS.row("ping", "at most 16 KB and 20 fields")
def _(bench: Bench) -> None:
    article, before = bench.article(), Linkback.objects.count()
    url = bench.linking(article)
    long = error_of(bench.trackback(article, url, excerpt="x" * 100))
    equal(long, None, "Error of a short one")
    big = error_of(bench.post_form(_path(article), {"url": url, "title": "x" * 17_000}))
    many = {"url": url, **{f"field{number}": "x" for number in range(30)}}
    expect(big and error_of(bench.post_form(_path(article), many)), "No error")
    equal(Linkback.objects.count(), before + 1, "Linkbacks")
