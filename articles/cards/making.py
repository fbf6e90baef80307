"""Keeps the cards as the articles and the blog are now: made when something changed, and only then."""

import hashlib
import logging
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from articles.appearance import DEFAULT_ACCENT
from articles.cards import font_files
from articles.models import Article, ArticleQuerySet, Blog, Card

logger = logging.getLogger(__name__)
#: To be raised with whatever changes how cards look.
VERSION: Final = 1
#: Drawing one takes about a tenth of a second: so many are a task of some seconds.
AT_ONCE: Final = 20


def look(blog: Blog) -> str:
    """Return a name for what all cards show beside the titles: another one makes them all anew."""
    return _digest(f"{VERSION}\n{blog.name}\n{blog.accent or DEFAULT_ACCENT}")


def _digest(text: str | bytes) -> str:
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()[:12]


def _look_of_failure(current: str) -> str:
    """Return the look of a card that could not be drawn: tried again when there are other fonts."""
    paths = "\n".join(map(str, font_files.find(settings.DATA_DIR / "fonts")))
    return f"{current}-{_digest(paths)}"


def without_card(blog: Blog) -> ArticleQuerySet:
    """Return the articles, shown or to be shown, whose card is not as it should be; newest first."""
    current = look(blog)
    outdated = ~Q(card__look__in=[current, _look_of_failure(current)])
    unlike = ~Q(card__title=F("title")) | ~Q(card__name=F("card_name"))
    articles = Article.objects.filter(status=Article.Status.PUBLISHED)
    return articles.filter(Q(card=None) | outdated | unlike).newest_first()


def make(articles: ArticleQuerySet) -> int:
    """Make the cards of those articles that lack theirs; return how many were written."""
    blog = Blog.current()
    found = without_card(blog).filter(pk__in=articles.order_by().values("pk"))
    return sum(_make(article, blog) for article in found.only("title"))


def make_some() -> bool:
    """Make some of the cards that are missing; say whether there may be more."""
    blog = Blog.current()
    found = list(without_card(blog).only("title")[:AT_ONCE])
    for article in found:
        _make(article, blog)
    return len(found) == AT_ONCE


def is_wanted() -> bool:
    """Say whether any card is missing."""
    return without_card(Blog.current()).exists()


def _drawn(article: Article, blog: Blog) -> bytes | None:
    """Return the picture; None where none can be drawn, which the log tells."""
    # Here, as the worker draws and nobody else: Pillow takes 4 MB of a process.
    from articles.cards import drawing

    there = font_files.find(settings.DATA_DIR / "fonts")
    try:
        png = drawing.draw(article.title, blog.name, blog.accent or DEFAULT_ACCENT, there)
    except Exception:
        # A broken font, say: one title must not keep the others from their cards.
        logger.exception("The card of “%s” could not be drawn", article.title)
        return None
    if png is None:
        logger.warning(
            "No font here has every letter of “%s”: the article has no card (docs/machines.md)",
            article.title,
        )
    return png


def _make(article: Article, blog: Blog) -> bool:
    # Outside the transaction: nobody else could write meanwhile.
    png = _drawn(article, blog)
    name = _digest(png) if png else ""
    current = look(blog)
    made = {"title": article.title, "look": current if png else _look_of_failure(current)}
    with transaction.atomic():
        # Deleted or given another title in the meantime, it needs none, or another one.
        mine = Article.objects.select_for_update().filter(pk=article.pk, title=article.title)
        if not mine.exists():
            return False
        values = {**made, "name": name, "png": png or b""}
        Card.objects.update_or_create(article_id=article.pk, defaults=values)
        Article.objects.filter(pk=article.pk).exclude(card_name=name).update(card_name=name)
    return True
