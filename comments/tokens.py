"""The signed token in a reply form: proves that the form came from this article's page.

It names the article and the moment, nothing about the visitor, so that every visitor gets the
same bytes and the page can be cached.
"""

from django.core import signing

from articles.models import Article

MAX_AGE = 30 * 24 * 3600  # seconds
_SALT = "comments.reply"


def issue(article: Article) -> str:
    """Return a token for a reply to this article, good for 30 days."""
    return signing.dumps(article.pk, salt=_SALT)


def is_valid(token: str, article: Article) -> bool:
    """Say whether the token is ours, for this article, and not too old."""
    try:
        return bool(signing.loads(token, salt=_SALT, max_age=MAX_AGE) == article.pk)
    except signing.BadSignature:
        return False
