"""Webmention, the sender: webmention.rocks' update and delete scripts, and what 3.1 asks beyond."""

from articles.models import Article
from comments.linkbacks import sending
from comments.linkbacks.models import OutgoingLinkback
from recovery.linkback_check.bench import Bench
from recovery.linkback_check.discovery import sent_form
from recovery.linkback_check.peer import KEY, Reply
from recovery.linkback_check.table import Rows, equal

ROWS = Rows("webmention")
State = OutgoingLinkback.State


class Target:
    """A page of the peer whose endpoint takes each key once, as those of webmention.rocks."""

    def __init__(self, bench: Bench) -> None:
        self.bench, self.path = bench, bench.path()
        self.endpoint = f"{self.path}-wm"
        html = f'<link rel="webmention" href="{self.endpoint}?key={KEY}">'
        self.url = bench.peer.serve(self.path, html)

    def told(self) -> list[int]:
        """What was answered to each webmention that came."""
        return [item.status for item in self.bench.peer.received_below(f"{self.endpoint}?key=")]

    def links_seen(self, article: Article) -> list[int]:
        """The status of the article's page, and how often it holds a link to here."""
        page = self.bench.site.ask(article.get_absolute_url())
        return [page.status, page.text.count(f'href="{self.url}"')]

    def row(self) -> OutgoingLinkback:
        return OutgoingLinkback.objects.get(target_url=self.url)


@ROWS.row("3.1.5 update 1", "a link added: both pages are told, with a fresh key each")
def _(bench: Bench) -> None:
    first, second = Target(bench), Target(bench)
    article = bench.article(first.url)
    bench.tell(article)
    equal((first.told(), second.told()), ([202], []), "At first")
    bench.tell(bench.write(article, first.url, second.url))
    equal((first.told(), second.told()), ([202, 202], [202]), "After the update")
    equal((first.links_seen(article), second.links_seen(article)), ([200, 1], [200, 1]), "Seen")


@ROWS.row("3.1.5 update 2", "a link removed: both pages are told, the link is gone")
def _(bench: Bench) -> None:
    stays, goes = Target(bench), Target(bench)
    article = bench.article(stays.url, goes.url)
    bench.tell(article)
    bench.tell(bench.write(article, stays.url))
    equal((stays.told(), goes.told()), ([202, 202], [202, 202]), "Told")
    equal((stays.links_seen(article), goes.links_seen(article)), ([200, 1], [200, 0]), "Seen")


@ROWS.row("3.1.6 delete 1", "an article deleted: 410 without the link, and the page is told")
def _(bench: Bench) -> None:
    target = Target(bench)
    article = bench.article(target.url)
    bench.tell(article)
    Article.objects.get(pk=article.pk).delete()
    sending.sweep()
    bench.work()
    equal(target.told(), [202, 202], "Told")
    equal(target.links_seen(article), [410, 0], "Status and links of the deleted page")


@ROWS.row("3.1.6", "an article withdrawn: 410, and the page is told")
def _(bench: Bench) -> None:
    target = Target(bench)
    article = bench.article(target.url)
    bench.tell(article)
    article.status = Article.Status.DRAFT
    article.store()
    bench.tell(article)
    equal(target.told(), [202, 202], "Told")
    equal(target.links_seen(article), [410, 0], "Status and links of the withdrawn page")


@ROWS.row("3.1.3", "source is our permalink, target as written in the text, fragment included")
def _(bench: Bench) -> None:
    target = Target(bench)
    article = bench.article(f"{target.url}#part-2")
    bench.tell(article)
    sent = [sent_form(item) for item in bench.peer.received_below(target.endpoint)]
    equal(sent, [(bench.address(article), f"{target.url}#part-2")], "Sent")


@ROWS.row("3.1.3", "any 2xx is a success; the Location of a 201 is kept")
def _(bench: Bench) -> None:
    target = Target(bench)
    bench.peer.replies[target.endpoint] = Reply(201, headers=(("Location", "/status/7"),))
    bench.tell(bench.article(target.url))
    row = target.row()
    equal((row.state, row.status_url), (State.SENT, bench.peer.url("/status/7")), "Kept")


@ROWS.row("3.1.3", "a refusal (4xx) is taken, and not repeated")
def _(bench: Bench) -> None:
    target = Target(bench)
    bench.peer.replies[target.endpoint] = Reply(400, b"No such target.")
    bench.tell(bench.article(target.url))
    bench.pauses_end()
    bench.work()
    equal((target.row().state, target.told()), (State.FAILED, [400]), "Told")


@ROWS.row("our own", "an error of the other side (503) is tried again later")
def _(bench: Bench) -> None:
    target = Target(bench)
    bench.peer.replies[target.endpoint] = Reply(503)
    bench.tell(bench.article(target.url))
    equal(target.row().state, State.PLANNED, "State after the first attempt")
    bench.peer.replies[target.endpoint] = Reply(202)
    bench.pauses_end()
    bench.work()
    equal((target.row().state, target.told()), (State.SENT, [503, 202]), "Told")


@ROWS.row("3.1.5", "an unchanged text is not told again, whatever is said below it")
def _(bench: Bench) -> None:
    target = Target(bench)
    article = bench.article(target.url)
    bench.tell(article)
    source = bench.linking(article)
    bench.webmention(source, bench.address(article))
    bench.work()
    bench.tell(article)
    equal(target.told(), [202], "Told")


@ROWS.row("3.1.2", "a page without an endpoint is left in peace")
def _(bench: Bench) -> None:
    path = bench.path()
    url = bench.peer.serve(path, "<p>Nothing here.")
    bench.tell(bench.article(url))
    equal(OutgoingLinkback.objects.get(target_url=url).state, State.NO_ENDPOINT, "State")
    equal(bench.peer.asked.count(path), 1, "Times the page was asked for")
