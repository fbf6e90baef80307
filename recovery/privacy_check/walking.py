"""Visits every address of the site: as anybody, as the reader, as a moderator, as the owner."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.contrib.auth.models import User
from django.urls import reverse

from articles.feeds.forms import FORMS
from articles.models import Article, Blog
from articles.site_addresses import absolute_to, page_of
from comments.linkbacks import pingback, trackback, webmention
from comments.linkbacks.models import Linkback
from recovery.privacy_check import canary, places
from recovery.privacy_check.scene import Scene
from recovery.privacy_check.visitor import Visitor
from recovery.scratch import work_off

#: Pages of one tour: links of one shape (numbers, keys and the values of queries aside) count once.
MOST_PAGES: Final = 150
_SHAPE = re.compile(r"\d+|[A-Za-z0-9_-]{22,}")
#: A page that nobody visits: the site refuses to fetch from its own machine.
NOWHERE: Final = "http://127.0.0.1/linking/"


def visit_public(scene: Scene) -> None:
    """Visit what everybody may see, and the pages that only the reader knows."""
    _announce_links(scene)
    for visitor in (scene.anybody(), scene.signed_in(scene.moderator)):
        follow_links(visitor, [*_public_paths(scene)])
    follow_links(scene.reader(), [comment.private_path for comment in scene.replies])


def _public_paths(scene: Scene) -> Iterator[str]:
    for pattern in places.patterns():
        if not pattern.is_admin and not pattern.arguments:
            yield f"/{pattern.route}"
    yield Blog.current().stylesheet
    # What the reader said, by the name that everybody sees.
    yield f"{reverse('search')}?{urlencode({'q': canary.NAME})}"
    for article in (scene.open, scene.closed):
        yield article.get_absolute_url()
        yield from _for_machines(article)
        yield from _feeds(article.get_absolute_url())
    yield reverse("sitemap_part", args=[1])
    tagged = (tag.get_absolute_url() for tag in scene.open.tags.all())
    for place in ("/", "/comments/", *tagged):
        yield from _feeds(place)
    yield from (f"{scene.open.get_absolute_url()}?reply={reply.pk}" for reply in scene.replies)
    for linkback in Linkback.objects.all():
        yield reverse("linkback_status", args=[linkback.status_key])


def _for_machines(article: Article) -> Iterator[str]:
    """Return the other forms of an article; its picture was made by the housekeeping."""
    yield reverse("article_markdown", args=[article.slug])
    yield f"{reverse('oembed')}?url={absolute_to('article', article.slug)}"
    names = Article.objects.filter(pk=article.pk).values_list("card_name", flat=True)
    yield from (reverse("card", args=[article.slug, name]) for name in names if name)


def _feeds(place: str) -> Iterator[str]:
    """Return the addresses of the feed of a place, as ``articles.feeds.addresses`` has them."""
    suffixes = [form.suffix for form in FORMS.values()]
    yield from (f"{place}feed/{suffix}" for suffix in (*suffixes, "rss2/"))


def follow_links(visitor: Visitor, paths: list[str], within: str = "/") -> None:
    """Visit the paths, and whatever they lead to, one of each shape."""
    waiting, shapes = list(paths), set[str]()
    visited = set[str]()
    while waiting and len(visited) < MOST_PAGES:
        path = waiting.pop(0)
        if path in visited:
            continue
        visited.add(path)
        for link in visitor.get(path).links():
            shape = _shape(link)
            if shape not in shapes and link.startswith(within):
                shapes.add(shape)
                waiting.append(link)


def _shape(link: str) -> str:
    parts = urlsplit(link)
    names = sorted(name for name, _ in parse_qsl(parts.query, keep_blank_values=True))
    return f"{_SHAPE.sub('0', parts.path)}?{'&'.join(names)}"


def _announce_links(scene: Scene) -> None:
    """Announce linkbacks from the reader's network, by each protocol."""
    reader, target = scene.reader(), page_of(scene.open)
    sources = [f"{NOWHERE}{number}" for number in range(3)]
    reader.ask("POST", "/webmention", webmention.form(sources[0], target))
    for path in ("/xmlrpc", "/xmlrpc.php"):
        call = pingback.call(sources[1], target)
        reader.ask("POST", path, call, CONTENT_TYPE=pingback.CONTENT_TYPE)
    reader.ask(
        "POST",
        f"{scene.open.get_absolute_url()}trackback/",
        trackback.form(sources[2]),
        CONTENT_TYPE=trackback.CONTENT_TYPE,
    )
    work_off()


def visit_admin(scene: Scene, user: User) -> None:
    """Visit every page of the admin as this user, and sign out."""
    visitor, home = scene.signed_in(user), f"/{places.ADMIN}"
    for pattern in filter(lambda one: one.is_admin, places.patterns()):
        for path in places.admin_paths(pattern):
            visitor.get(path)
    follow_links(visitor, _queue_paths(), f"{home}comments/")
    proof = visitor.get(home).csrf_token
    visitor.post(reverse("admin:logout"), [("csrfmiddlewaretoken", proof)])


def _queue_paths() -> list[str]:
    queue = reverse("admin:comments_comment_changelist")
    asked = ["", *(f"?status={name}" for name in ("pending", "approved", "spam", "trash", "all"))]
    asked += [f"?q={word}" for word in (canary.NAME.split()[0], canary.ADDRESS_PARTS[0][:3])]
    return [queue + query for query in asked]
