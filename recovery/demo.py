"""What a new site shows: one article, and one other blog that answers it."""

from pathlib import Path
from typing import Final

from django.db import transaction
from django.utils import timezone

import articles
from articles.importing import MarkdownImport
from articles.models import Article
from articles.site_addresses import page_of
from comments.linkbacks.models import Linkback, page_digest
from comments.models import Comment, Kind, ModerationEvent, ResponseType, Status

ARTICLE: Final = Path(articles.__file__).parent / "demo" / "recovery-from-disconnection.md"

SOURCE_URL: Final = "https://slow-mornings.example/2026/the-sunday-phone-call/"
SOURCE_TITLE: Final = "The Sunday Phone Call"
EXCERPT: Final = (
    "for months I told myself I was only busy. Then I read Recovery from Disconnection, "
    "rang my brother, and we talked about nothing for an hour. We have done so every Sunday since"
)
LINK_TEXT: Final = "Recovery from Disconnection"


def load() -> Article | None:
    """Load the demo and return its article, or None when the site has an article already."""
    if Article.objects.exists():
        return None
    prepared = MarkdownImport().prepare(ARTICLE)
    with transaction.atomic():
        article = prepared.write().article
        if article is not None:
            _add_pingback(article)
    return article


def _add_pingback(article: Article) -> None:
    """Write what receiving and checking a real pingback would have written, and approve it."""
    comment = Comment(
        article=article,
        kind=Kind.PINGBACK,
        response_type=ResponseType.MENTION,
        status=Status.APPROVED,
        author_name=SOURCE_TITLE,
        author_url=SOURCE_URL,
    )
    comment.set_text(EXCERPT)
    comment.take_place()
    comment.save()
    ModerationEvent.record(comment, "", reasons=["part of the demo"])
    Linkback.objects.create(
        article=article,
        comment=comment,
        source_url=SOURCE_URL,
        source_digest=page_digest(SOURCE_URL),
        target_url=page_of(article),
        protocols=["pingback"],
        state=Linkback.State.VERIFIED,
        evidence={"final_url": SOURCE_URL, "link_text": LINK_TEXT, "rel": []},
        verified_at=timezone.now(),
    )
