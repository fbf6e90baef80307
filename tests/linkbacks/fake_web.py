"""A web that is made up: pages by address, in place of the one guarded fetch."""

from urllib.parse import urlencode

from comments.linkbacks.exceptions import SourceNotFound
from comments.linkbacks.fetching import Headers, Page

SOURCE = "https://blog.example/post"
SITE = "http://127.0.0.1:8000"
FORM = "application/x-www-form-urlencoded"


def mention(client, data, **extra):
    """Post the parameters of a webmention as servers and browsers do."""
    return client.post("/webmention", urlencode(data, doseq=True), content_type=FORM, **extra)


def target_of(article):
    """Return the article's absolute address."""
    return SITE + article.get_absolute_url()


def linking(article, words="I thought about {} for a week", title="A post"):
    """Return a page that links to the article with these words around it."""
    link = f"<a href='{target_of(article)}'>this article</a>"
    return f"<title>{title}</title><body><p>{words.format(link)}</p></body>"


class Web:
    """Pages by address, and how often each was asked for."""

    def __init__(self):
        self.pages, self.asked, self.sent = {}, [], []

    def page(self, url, html, *, status=200, final=None, headers=(), truncated=False):
        self.pages[url] = Page(
            url=final or url,
            status=status,
            headers=Headers(dict(headers).items()),
            content_type="text/html",
            charset="utf-8",
            body=html.encode(),
            truncated=truncated,
        )

    def fetch(self, url, **kwargs):
        self.asked.append(url)
        self.sent.append(dict(kwargs.get("headers") or {}))
        page = self.pages.get(url, SourceNotFound("There is no such page."))
        if isinstance(page, Exception):
            raise page
        return page
