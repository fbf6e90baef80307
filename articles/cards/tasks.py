"""The background work of cards."""

import datetime
from typing import Final

from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from articles.models import Article

#: After everything that somebody waits for.
_PRIORITY: Final = -10
_PAUSE: Final = datetime.timedelta(seconds=1)


@task()
def make_card(article_id: int) -> None:
    """Make the card of one article, if it lacks it."""
    from articles.cards import making

    making.make(Article.objects.filter(pk=article_id))


@task(priority=_PRIORITY)
def make_missing_cards() -> None:
    """Make some of the cards that are missing, and plan the next ones."""
    from articles.cards import making

    if making.make_some():
        make_missing_cards.using(run_after=timezone.now() + _PAUSE).enqueue()


def make_missing_if_wanted() -> None:
    """Have cards made that are missing, unless that is planned already.

    Of imported articles, say, of all when the blog has another name, or of a task that was lost.
    """
    from articles.cards import making

    path = make_missing_cards.module_path
    planned = DBTaskResult.objects.filter(task_path=path, status=TaskResultStatus.READY)
    if making.is_wanted() and not planned.exists():
        make_missing_cards.enqueue()
