"""Who decides about what is said: moderators about everything, authors about their own articles."""

from django.contrib.auth.models import User

from articles.models import Article

MODERATE_PERMISSION = "comments.moderate_comment"


def decides_about(user: User | None, article: Article) -> bool:
    """Say whether the user decides about what is said to the article: nobody need decide about them."""
    if user is None:
        return False
    return user.pk == article.author_id or user.has_perm(MODERATE_PERMISSION)
