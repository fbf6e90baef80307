"""Builders of the things tests are about: plain functions with sensible defaults."""

import time
from itertools import count
from typing import Any

from django.contrib.auth.models import Permission, User
from django.core import signing
from django.test import Client
from django.utils import timezone

from articles.models import Article, FaqEntry
from comments import contacts
from comments.linkbacks.models import Linkback, page_digest
from comments.models import Comment, Kind, ModerationEvent, ResponseType, Status

_number = count(1)


def make_article(**kwargs: Any) -> Article:
    """Return a published article, stored with its HTML."""
    number = next(_number)
    values: dict[str, Any] = {
        "title": f"Article {number}",
        "body": "A first paragraph.\n\n## A heading\n\nA second one.",
        "status": Article.Status.PUBLISHED,
        "published_at": timezone.now(),
    }
    article = Article(**{**values, **kwargs})
    article.store()
    return article


def make_faq_entry(article: Article, **kwargs: Any) -> FaqEntry:
    """Return a stored question with its answer."""
    number = next(_number)
    values = {"question": f"Question {number}?", "answer": f"Answer {number}.", "position": number}
    entry = FaqEntry(article=article, **{**values, **kwargs})
    entry.store()
    return entry


def make_comment(article: Article | None = None, *, address: str = "", **kwargs: Any) -> Comment:
    """Return a reply, pending unless said otherwise, with the event that recorded its coming in."""
    number = next(_number)
    text = kwargs.pop("text", f"What I think, number {number}.")
    values = {"author_name": f"Reader {number}", "kind": Kind.REPLY, "status": Status.PENDING}
    comment = Comment(article=article or make_article(), **{**values, **kwargs})
    comment.set_text(text)
    comment.take_place()
    comment.save()
    ModerationEvent.record(comment, "", reasons=["first-time author"])
    if address:
        contacts.seal(comment, address)
    return comment


def make_pingback(article: Article | None = None, **kwargs: Any) -> Comment:
    """Return a pingback with its verified linkback, pending unless said otherwise."""
    number = next(_number)
    source = kwargs.pop("source_url", f"https://blog{number}.example/post")
    values = {
        "response_type": ResponseType.MENTION,
        "kind": Kind.PINGBACK,
        "author_name": f"Post {number}",
        "author_url": source,
    }
    comment = make_comment(
        article, **{"text": f"some words around link {number} here", **values, **kwargs}
    )
    Linkback.objects.create(
        article=comment.article,
        comment=comment,
        source_url=source,
        source_digest=page_digest(source),
        target_url=f"http://127.0.0.1:8000{comment.article.get_absolute_url()}",
        protocols=["pingback"],
        state=Linkback.State.VERIFIED,
        verified_at=timezone.now(),
    )
    return comment


def make_user(*permissions: str, **kwargs: Any) -> User:
    """Return a staff user with these permissions, each as ``app.codename``; password “secret”."""
    number = next(_number)
    superuser = kwargs.pop("is_superuser", False)
    user = User.objects.create_user(
        f"user{number}",
        password="secret",
        **{"is_staff": True, "is_superuser": superuser, **kwargs},
    )
    for permission in permissions:
        app, _, codename = permission.partition(".")
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label=app, codename=codename)
        )
    return user


class _EarlierSigner(signing.TimestampSigner):
    def timestamp(self) -> str:
        return signing.b62_encode(int(time.time()) - 60)


def form_token(article: Article) -> str:
    """Return the token of a reply form that was made a minute ago."""
    return _EarlierSigner(salt="comments.reply").sign_object(article.pk)


def save_blog(client: Client, **changes: str) -> Any:
    """Save the blog's form in the admin as it is, but for these changes; return the answer."""
    url = "/admin/articles/blog/1/change/"
    shown = client.get(url).context["adminform"].form.initial
    values = {name: value for name, value in shown.items() if value is not None}
    return client.post(url, {**values, **changes})
