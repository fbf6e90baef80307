"""The signed token in a reply form: proves that the form came from this article's page.

It names the article and the moment, nothing about the visitor, so that every visitor gets the
same bytes and the page can be cached.
"""

import time

from django.core import signing

from articles.models import Article

MAX_AGE = 30 * 24 * 3600  # seconds
_SALT = "comments.reply"


def issue(article: Article) -> str:
    """Return a token for a reply to this article, good for 30 days."""
    return signing.dumps(article.pk, salt=_SALT)


def is_valid(token: str, article: Article) -> bool:
    """Say whether the token is ours, for this article, and not too old."""
    return age(token, article) is not None


def age(token: str, article: Article) -> float | None:
    """Return how long ago the token was issued, in seconds; None when it is not valid.

    Whole seconds are signed, so up to one second too much. Pages are cached: it says how long the
    reader has had the form at most, and of a script that fetches and posts that it is one.
    """
    try:
        if signing.loads(token, salt=_SALT, max_age=MAX_AGE) != article.pk:
            return None
        return max(0.0, time.time() - _issued_at(token))
    except signing.BadSignature:
        return None


def _issued_at(token: str) -> int:
    # As ``django.core.signing`` writes it: value, moment, signature.
    return signing.b62_decode(token.rsplit(":", 2)[1])
