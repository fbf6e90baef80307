"""A site that shows one of everything, and the addresses of all its public pages."""

import datetime
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.models import User
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from articles.models import Article, Blog
from comments.linkbacks.models import Linkback
from comments.mailing import links, subscriptions
from comments.models import Comment, FaqOrigin, Kind, Mailbox, ResponseType, Status, Subscription
from tests.builders import make_article, make_comment, make_faq_entry, make_pingback, make_user

BODY = """Words with *emphasis*, `code`, <abbr title="for example">e.g.</abbr> and a footnote.[^1]

# A heading

## A smaller one

> A quotation.

1. One
2. Two
    - nested

# A second

| Plant | Days |
|---|---:|
| Peas | 60 |

```python hl_lines="2"
def keep(reader: str, *, days: int = 30) -> bool:
    \"\"\"Return whether.\"\"\"  # a comment
    return days > 7 and reader != "nobody"
```

!!! warning "Mind"
    The step.

Term
:   Its meaning.

[^1]: The note.
"""
# Pages that come with other parts of the site; each is looked at as soon as it is there.
PERHAPS = (
    *("/search/", "/search/?q=words", "/search/?q=nothingofthekind", "/archive/", "/archives/"),
    *("/tags/", "/series/", "/subscribe/"),
)


@dataclass(frozen=True)
class Everything:
    """What the pages are about."""

    article: Article
    closed: Article
    pending: Comment
    declined: Comment
    subscription: Subscription
    mailbox: Mailbox
    moderator: User

    @property
    def paths(self) -> list[str]:
        """The addresses of all public pages."""
        linkbacks = Linkback.objects.all()
        return [
            "/",
            "/?page=2",
            self.article.get_absolute_url(),
            f"{self.article.get_absolute_url()}?reply={self.article.comments.first().pk}",
            self.closed.get_absolute_url(),
            reverse("privacy"),
            self.pending.private_path,
            self.declined.private_path,
            reverse("linkback_status", args=[linkbacks[0].status_key]),
            reverse("mailbox", args=[self.mailbox.token]),
            reverse("mute_mail", args=[self.subscription.token]),
            urlsplit(links.act_path("approve", self.pending, self.moderator)).path,
            "/nowhere/",
            "/articles/gone/",
            *(path for path in PERHAPS if is_there(path)),
        ]


def is_there(path: str) -> bool:
    """Say whether the site has such an address."""
    try:
        resolve(path.partition("?")[0])
    except Resolver404:
        return False
    return True


def make_everything() -> Everything:
    """Return a site with one of everything that readers can see."""
    Blog(
        pk=1,
        name="Slow Mornings",
        navigation="About /articles/about/\nPhotographs https://photos.example/",
        author_line="Written by **Maren Holt**, who grows [beans](https://beans.example/).",
        footer="# Imprint\n\nSomewhere, *once*.",
        articles_per_page=3,
    ).store()
    now, author = timezone.now(), make_user(first_name="Maren", last_name="Holt")
    for number in range(4):
        make_article(published_at=now - datetime.timedelta(days=number + 2))
    article = make_article(
        title="Recovery from Disconnection", slug="recovery", body=BODY, author=author
    )
    closed = make_article(language="ar", title="مقال", body="نص عربي", comments_open=False)
    make_article(slug="gone").delete()
    waiting, declined = _talk_about(article, author)
    told = make_comment(article, status=Status.APPROVED, address="told@hidden.example")
    return Everything(
        article,
        closed,
        waiting,
        declined,
        subscriptions.wish(told),
        Mailbox.objects.get_or_create(blind_index=told.contact.blind_index)[0],
        make_user("comments.moderate_comment", "comments.view_comment"),
    )


def _talk_about(article: Article, author: User) -> tuple[Comment, Comment]:
    """Write a conversation; return a comment that waits, and one that was declined."""
    shown: dict[str, Any] = {"article": article, "status": Status.APPROVED}
    parent, user = None, None
    for name in ("Ann O’Nym", "Maren Holt", "أحمد", "Bartholomew Featherstonehaugh", "Li"):
        user = author if name == "Maren Holt" else None
        parent = make_comment(**shown, parent=parent, author_name=name, user=user)
    top = make_comment(
        **shown,
        author_url="https://ann.example/",
        text="- one\n- two\n\n> three\n\n`four`\n\n```\nfive\n```",
    )
    make_pingback(**shown)
    make_pingback(**shown, kind=Kind.WEBMENTION, response_type=ResponseType.LIKE)
    asked = make_faq_entry(article, credit_name="Li", credit_anchor=f"comment-{top.pk}")
    FaqOrigin.objects.create(entry=asked, comment=top)
    make_faq_entry(article, question="Why?", answer="# Because\n\n- of this\n- of that")
    declined = make_comment(article)
    declined.move_to(Status.TRASH, by=author, message="Please without adverts.")
    return make_comment(article, address="waiting@hidden.example"), declined
