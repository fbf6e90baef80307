"""Who decides about what is said: moderators about everything, authors about their own articles."""

from django.contrib.auth.models import AnonymousUser, User

from articles.models import Article

MODERATE_PERMISSION = "comments.moderate_comment"


def may_moderate(user: User | AnonymousUser) -> bool:
    """Say whether the user decides about all comments; a closed account never does."""
    return user.has_perm(MODERATE_PERMISSION)


def decides_about(user: User | None, article: Article) -> bool:
    """Say whether the user decides about what is said to the article: nobody need decide about them."""
    if user is None:
        return False
    return user.pk == article.author_id or may_moderate(user)
