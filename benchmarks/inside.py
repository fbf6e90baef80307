"""What has to be done inside a scratch site, in a process with its settings: ``python -m benchmarks.inside``.

The name of a function and its arguments; what it returns is printed as JSON, on the last line.
"""

import datetime
import json
import random
import sys
from typing import Any

import django

# Syllables: how words begin, go on and end; and the words that make up half of a text.
_BEGIN, _GO_ON, _END, _SMALL = (
    line.split()
    for line in (
        "al be con de ex for in lo mi no out per re sa ter un ver wa yo zu",
        "a ba ci da e fi go ha ja ka li mo na o pe ra si tu va we",
        "d ed er ing l ly m n nt r rs s st t th y",
        "the of and a to in that it is was for on are with as his they be at this",
    )
)


def prose(seed: int, words: int) -> str:
    """Return so many words of no language, which compress about as well as English does."""
    dice = random.Random(seed)
    said: list[str] = []
    while len(said) < words:
        one = [
            dice.choice(_SMALL)
            if dice.random() < 0.45
            else dice.choice(_BEGIN) + dice.choice(_GO_ON) + dice.choice(_END)
            for _ in range(dice.randint(6, 18))
        ]
        said += [one[0].capitalize(), *one[1:-1], f"{one[-1]}."]
    return " ".join(said)


def blog(responses: str) -> dict[str, Any]:
    """Make an article of 1,200 words with so many responses, every third one a reply to another."""
    from django.db import transaction
    from django.utils import timezone

    from articles.cards import making
    from articles.models import Article

    body = "".join(f"## Part {part}\n\n{prose(part, 200)}\n\n" for part in range(1, 7))
    article = Article(
        title="Recovery from Silence",
        body=body,
        status=Article.Status.PUBLISHED,
        published_at=timezone.now() - datetime.timedelta(days=7),
    )
    article.store()
    with transaction.atomic():
        _respond(article, int(responses))
    # Or the worker would, and the page would name it, in the middle of a run.
    making.make(Article.objects.filter(pk=article.pk))
    return {"path": article.get_absolute_url(), "slug": article.slug}


def _respond(article: Any, number: int) -> None:
    from django.utils import timezone

    from comments.models import Comment, ModerationEvent, Status

    parent = None
    for at in range(number):
        comment = Comment(
            article=article,
            author_name=f"Reader {at}",
            author_url=f"https://reader{at}.example/" if at % 2 else "",
            status=Status.APPROVED,
            parent=parent if at % 3 == 2 else None,
            created_at=timezone.now() - datetime.timedelta(hours=number - at),
        )
        comment.set_text(prose(1_000 + at, 60))
        comment.save()
        ModerationEvent.record(comment, "", reasons=["part of the benchmark"])
        parent = comment


def moderator() -> str:
    """Make an administrator who is signed in; return the session's key."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.models import User
    from django.contrib.sessions.backends.db import SessionStore

    user, _ = User.objects.get_or_create(
        username="benchmark", defaults={"is_staff": True, "is_superuser": True}
    )
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session.session_key or ""


def quick_worker() -> None:
    """Have every linkback checked as soon as it is there, as if the worker took no time at all.

    The site takes none while 500 wait: what is measured is taking them, not looking at their pages.
    """
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TRIGGER benchmark_checked AFTER INSERT ON linkbacks_linkback BEGIN"
            " UPDATE linkbacks_linkback SET state = 'refused' WHERE id = NEW.id; END"
        )


def yardstick_table() -> None:
    """Make the table of the view that inserts one row."""
    from django.db import connection

    from benchmarks.yardstick.models import Row

    with connection.schema_editor() as editor:
        editor.create_model(Row)


def counted(model: str) -> int:
    """Return the number of rows of this model, such as ``comments.Comment``."""
    from django.apps import apps

    return int(apps.get_model(model)._default_manager.count())


def an_article(responses: str) -> str:
    """Return the path of an article with about so many responses: what is compared must be alike."""
    from django.db.models import Count, F, Q
    from django.db.models.functions import Abs

    from articles.models import Article

    seen = Count("comments", filter=Q(comments__status="approved"))
    published = Article.objects.published().annotate(seen=seen)
    alike = published.order_by(Abs(F("seen") - int(responses)), "pk").first()
    return alike.get_absolute_url() if alike else "/"


def in_the_middle() -> int:
    """Return the number of the article that has as many newer ones as older ones."""
    from articles.models import Article

    published = Article.objects.published().newest_first()
    return published[published.count() // 2].pk


_KNOWN = {
    act.__name__: act
    for act in (blog, moderator, quick_worker, yardstick_table, counted, an_article, in_the_middle)
}


if __name__ == "__main__":
    django.setup()
    print(json.dumps(_KNOWN[sys.argv[1]](*sys.argv[2:])))
