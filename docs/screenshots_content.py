"""Run inside the site of ``docs/screenshots.py``: more articles beside the demo, and a conversation below it."""

import datetime

from django.contrib.auth.models import User
from django.db.models import F
from django.utils import timezone

from articles.models import Article, Blog
from comments.models import Comment, Status

now = timezone.now()
Blog(
    pk=1,
    name="Slow Mornings",
    tagline="Notes on staying in touch",
    navigation="About /articles/letters-that-were-never-sent/\nPhotographs https://photos.example/",
    author_line="Written by **Maren Holt**, who grows beans and answers letters.",
    footer="Text under [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/).",
).store()
maren = User.objects.create_user("maren", first_name="Maren", last_name="Holt")

for days, title, summary in (
    (
        11,
        "Letters that were never sent",
        "A drawer, forty envelopes, and what I learned by reading them aloud.",
    ),
    (
        24,
        "The arithmetic of attention",
        "Why twenty minutes are usually enough to change an afternoon.",
    ),
    (
        40,
        "On keeping a small garden",
        "Beans do not care how your week went. That is what is good about them.",
    ),
    (63, "How to leave a party", "Say it once, find your coat, and go while it is still warm."),
):
    published = now - datetime.timedelta(days=days)
    Article(
        title=title, summary=summary, body=f"{summary}\n\nMore of it another day.", author=maren,
        status=Article.Status.PUBLISHED, published_at=published,
    ).store()  # fmt: skip

article = Article.objects.get(slug="recovery-from-disconnection")
article.author = maren
article.published_at = begun = now - datetime.timedelta(days=3)
article.store()
# Written today, and not changed since it was published.
Article.objects.update(updated_at=F("published_at"))


def say(
    hours: float, name: str, text: str, parent: Comment | None = None, **values: object
) -> Comment:
    """Write an approved reply, so many hours after the article."""
    comment = Comment(
        article=article, author_name=name, parent=parent, status=Status.APPROVED,
        created_at=begun + datetime.timedelta(hours=hours), **values,
    )  # fmt: skip
    comment.set_text(text)
    comment.take_place()
    comment.save()
    return comment


Comment.objects.update(created_at=begun + datetime.timedelta(hours=5))
ann = say(
    7.2,
    "Ann O’Nym",
    "The fourth one did it for me. A choir on Tuesdays, of all things: I cannot sing, and nobody minds.\n\n"
    "Thank *you* for writing this down.",
    author_url="https://ann.example/",
)
answer = say(
    8.5, "Maren Holt", "That nobody minds is the whole secret. Which song was it?", ann, user=maren
)
song = say(
    9.1,
    "Ann O’Nym",
    "“Dona nobis pacem”, as a round. We came in at the wrong place, twice.",
    answer,
)
say(11.3, "Tomás", "Everybody does. It is how you know that you are in it.", song)
say(
    26.0,
    "Li Wei",
    "Does the third strategy work for teams, too? We have tried:\n\n"
    "- a channel for photographs\n- lunch on Fridays\n\n> Small contact asks little\n\nhas been our motto since.",
)
say(30.4, "نور", "شكرا جزيلا على هذا المقال، لقد ساعدني كثيرا.")
