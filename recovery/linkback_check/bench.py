"""What the rows work with: the site, the peer, articles, the queue, and time that passes at once."""

import datetime
import threading
from collections.abc import Callable
from itertools import count
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.db import close_old_connections, connections
from django.db.models import F
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from articles.models import Article
from articles.site_addresses import page_of
from comments.linkbacks import pingback, sending, trackback, webmention
from comments.linkbacks.models import Linkback, OutgoingLinkback, page_digest
from comments.models import NetworkUse
from recovery.linkback_check.peer import Peer
from recovery.linkback_check.site import Answer, Site
from recovery.scratch import work_off

Value = TypeVar("Value")


class Bench:
    """One run of the table."""

    def __init__(self, site: Site, peer: Peer, *, flood: int = 1000) -> None:
        self.site, self.peer, self.flood = site, peer, flood
        self._numbers, self._once = count(1), dict[str, Any]()

    def once(self, name: str, make: Callable[["Bench"], Value]) -> Value:
        """Return what several rows share, made for the first of them."""
        if name not in self._once:
            self._once[name] = make(self)
        value: Value = self._once[name]
        return value

    # --- Articles and pages ---------------------------------------------------------------------

    def article(self, *links: str, **values: Any) -> Article:
        """Return a new published article that links to these addresses."""
        article = Article(
            title=f"Article {next(self._numbers)}", status=Article.Status.PUBLISHED, **values
        )
        return self.write(article, *links)

    def write(self, article: Article, *links: str) -> Article:
        """Give an article a text with these links and store it."""
        paragraphs = [f"Words before [page {n}]({link}) and after." for n, link in enumerate(links)]
        article.body = "\n\n".join(["A first paragraph.", *paragraphs])
        article.store()
        return article

    def address(self, article: Article) -> str:
        """Return the article's absolute address."""
        return page_of(article)

    def path(self) -> str:
        """Return a path on the peer that nothing else has."""
        return f"/page-{next(self._numbers)}"

    def linking(self, article: Article, **how: Any) -> str:
        """Put a page that links to the article on the peer, and return its address."""
        return self.peer.serve(self.path(), link_to(self.address(article)), **how)

    # --- Announcing -----------------------------------------------------------------------------

    def webmention(self, source: str, target: str, **headers: str) -> Answer:
        body = webmention.form(source, target)
        return self.post_form("/webmention", body, **headers)

    def post_form(self, path: str, body: bytes | dict[str, str], **headers: str) -> Answer:
        """POST a form; ``headers`` are named with underscores."""
        raw = body if isinstance(body, bytes) else urlencode(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.site.ask(path, raw, {"Content-Type": webmention.CONTENT_TYPE, **named})

    def pingback(self, source: str, target: str, path: str = "/xmlrpc", **headers: str) -> Answer:
        return self.xmlrpc(pingback.call(source, target), path, **headers)

    def xmlrpc(self, body: bytes, path: str = "/xmlrpc", **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.site.ask(path, body, {"Content-Type": pingback.CONTENT_TYPE, **named})

    def trackback(self, article: Article, source: str, **fields: str) -> Answer:
        body = trackback.form(source, **fields)
        return self.post_form(f"{article.get_absolute_url()}trackback/", body)

    def found(self, source: str) -> Linkback:
        """Return the row of a source; ``Linkback.DoesNotExist`` if there is none."""
        return Linkback.objects.select_related("comment").get(source_digest=page_digest(source))

    # --- Work and time --------------------------------------------------------------------------

    def work(self, workers: int = 1) -> None:
        """Work off everything that is due, as the worker does."""
        if workers == 1:
            work_off()
            return
        threads = [
            threading.Thread(target=_work_and_close, args=(f"check {n}",)) for n in range(workers)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def tell(self, article: Article) -> None:
        """Send what an article has to send."""
        sending.plan(article)
        self.work()

    def an_hour_passes(self) -> None:
        """Make the pace of announcements start anew."""
        NetworkUse.objects.all().delete()

    def days_pass(self, days: float, source: str) -> None:
        """Let days go by for a linkback whose link is missing."""
        self.an_hour_passes()
        ago = datetime.timedelta(days=days)
        rows = Linkback.objects.filter(source_digest=page_digest(source))
        rows.update(missing_since=F("missing_since") - ago, look_again_at=F("look_again_at") - ago)

    def pauses_end(self) -> None:
        """Make every attempt due that waits for its time."""
        now = timezone.now()
        DBTaskResult.objects.filter(status="READY").update(run_after=now)
        waiting = OutgoingLinkback.objects.filter(state=OutgoingLinkback.State.PLANNED)
        waiting.update(next_attempt_at=now)


def link_to(url: str, words: str = "this article") -> str:
    """Return a page that links there in its content."""
    return (
        f"<!doctype html><title>A post elsewhere</title><body><p>I thought about "
        f'<a href="{url}">{words}</a> for a week.</p></body>'
    )


def _work_and_close(name: str) -> None:
    close_old_connections()
    try:
        work_off(name)
    finally:
        connections.close_all()
