"""Other sites that are told of links to them, made up in place of the one guarded fetch."""

from urllib.parse import parse_qsl

from django_tasks_db.models import DBTaskResult

from comments.linkbacks import delivery, sending
from comments.linkbacks.exceptions import SourceNotFound
from comments.linkbacks.fetching import Headers, Page
from comments.linkbacks.models import OutgoingLinkback

TARGET = "https://other.example/post"
ENDPOINT = "https://other.example/webmention"
ACCEPTED = '<?xml version="1.0"?><methodResponse><params><param><value><string>Thanks</string></value></param></params></methodResponse>'


class Sites:
    """Pages and endpoints by address, what was asked for, and what was posted."""

    def __init__(self):
        self.pages, self.endpoints, self.asked, self.posts = {}, {}, [], []

    def page(self, url=TARGET, html="", *, final=None, **answer):
        """Put a page there, or what is raised in place of it."""
        self.pages[url] = (
            html if isinstance(html, Exception) else made(final or url, html, **answer)
        )

    def takes(self, protocol="webmention", url=TARGET, endpoint=ENDPOINT):
        """Let the page name an endpoint of that protocol, which accepts everything."""
        self.page(url, f'<link rel="{protocol}" href="{endpoint}">')
        body = {"pingback": ACCEPTED, "trackback": "<response><error>0</error></response>"}
        self.answers((200, body.get(protocol, "Thanks")), endpoint=endpoint)

    def answers(self, *answers, endpoint=ENDPOINT):
        """Let the endpoint give these answers one by one, the last for ever.

        Each is a status, a status and a body, these and headers, or an exception.
        """
        self.endpoints[endpoint] = [
            answer if isinstance(answer, tuple | Exception) else (answer,) for answer in answers
        ]

    def fetch(self, url, *, method="GET", body=None, headers=None, **_):
        if method == "GET":
            self.asked.append(url)
            answer = self.pages.get(url, SourceNotFound("no"))
        else:
            self.posts.append(Post(url, body, dict(headers or {})))
            answers = self.endpoints.get(url, [(404,)])
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            if isinstance(answer, tuple):
                status, text, fields = (*answer, "", {})[:3] if len(answer) < 3 else answer
                answer = made(url, text, status=status, headers=fields)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def told(self):
        """The targets told by webmentions, in order."""
        return [post.form["target"] for post in self.posts]


def reached(monkeypatch, settings):
    """Return sites that this one may tell: it has a public address here, and sends."""
    settings.SITE_URL, settings.LINKBACK_SENDING = "https://blog.example.org", True
    sites = Sites()
    monkeypatch.setattr(delivery, "fetch", sites.fetch)
    return sites


def follower(run_tasks):
    """Return a function that does what follows from saving an article, and all the work of it."""

    def follow(article):
        sending.plan(article)
        run_tasks()

    return follow


class Post:
    """What was posted to an endpoint."""

    def __init__(self, url, body, headers):
        self.url, self.body, self.headers = url, body, headers

    @property
    def form(self):
        return dict(parse_qsl(self.body.decode(), strict_parsing=True))


def made(url, text, *, status=200, headers=None, content_type="text/html"):
    """Return an answer as the fetch gives it."""
    return Page(
        url=url,
        status=status,
        headers=Headers((headers or {}).items()),
        content_type=content_type,
        charset="utf-8",
        body=text.encode(),
        truncated=False,
    )


def linking(*urls):
    """Return Markdown with links to these pages."""
    return "Look " + " and ".join(f"[there]({url})" for url in urls) + "."


def outgoing(url=TARGET):
    """Return what is known of telling that page."""
    return OutgoingLinkback.objects.get(target_url=url)


def rewrite(article, body, **changes):
    """Store the article with other words."""
    article.body = body
    for name, value in changes.items():
        setattr(article, name, value)
    article.store()


def waiting():
    """Return the tasks that are to send something."""
    return DBTaskResult.objects.filter(status="READY", task_path__endswith="send_linkback")
