"""The site that is looked at: its articles, its people, and who asks it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from django.contrib.auth.models import Group, Permission, User
from django.utils import timezone

from articles.models import Article, Blog, FaqEntry, Series, Tag
from comments.linkbacks.models import OutgoingLinkback
from comments.models import Comment, ModeratorPreferences
from comments.models.mail import Digest
from recovery.privacy_check import canary
from recovery.privacy_check.visitor import Answer, Visitor

#: Their own addresses are no secret here.
STAFF_ADDRESS, OTHER_ADDRESS = "moderator@staff.example", "somebody@else.example"
Tell = Callable[[str, str, Answer], None]
_number = count(1)


@dataclass
class Scene:
    """Articles that take replies, that take none any more, and that are gone; and four people."""

    tell: Tell
    # Looks at what is kept at this moment.
    look: Callable[[], None]
    open: Article
    closed: Article
    gone: str
    moderator: User
    owner: User
    replies: list[Comment] = field(default_factory=list)
    # What did not go as it should have; then less was looked at than is claimed.
    faults: list[str] = field(default_factory=list)

    def reader(self, address: str = canary.IPV4, **environ: str) -> Visitor:
        """Return the one who is looked for, with a new browser."""
        return self._visitor("The reader", address, canary.BROWSER, **environ)

    def anybody(self) -> Visitor:
        return self._visitor("Anybody", "192.0.2.1", "Check/1.0")

    def signed_in(self, user: User) -> Visitor:
        """Return the moderator or the owner in the admin."""
        role = "The moderator" if user == self.moderator else "The owner"
        visitor = self._visitor(role, "192.0.2.2", "Check/1.0")
        visitor.sign_in(user)
        return visitor

    def _visitor(self, role: str, address: str, browser: str, **environ: str) -> Visitor:
        return Visitor(role, self.tell, address, browser, environ)


def build(tell: Tell, look: Callable[[], None]) -> Scene:
    """Write the articles and the people.

    ``tell`` is called with every answer of the site, ``look`` when what is kept should be looked at.
    """
    gone = _article("Gone")
    scene = Scene(
        tell=tell,
        look=look,
        open=_article("Open", faq=True),
        closed=_article("Closed", comments_open=False),
        gone=gone.get_absolute_url(),
        moderator=_staff("moderator", ["view_comment", "change_comment", "moderate_comment"]),
        owner=_staff("owner", [], is_superuser=True),
    )
    Article.objects.filter(pk=gone.pk).delete()
    _sort(scene.open)
    _fill_tables(scene.open)
    return scene


def _sort(article: Article) -> None:
    """Give the article a tag and a place in a series, so that pages lead to theirs."""
    article.tags.set(Tag.objects.named(["Journeys"]))
    article.series = Series.objects.named(["All journeys"])[0]
    article.store()


def _fill_tables(article: Article) -> None:
    """Write a row of each kind that the admin has pages for and that nothing else here makes."""
    Blog(pk=1).save()
    Group.objects.create(name="Helpers")
    OutgoingLinkback.objects.create(article=article, target_url="https://robin.example/map/")


def _article(title: str, *, faq: bool = False, **values: bool) -> Article:
    article = Article(
        title=f"{title} {next(_number)}",
        body="A first paragraph.\n\n## A heading\n\nA second one.",
        status=Article.Status.PUBLISHED,
        published_at=timezone.now(),
        **values,
    )
    article.store()
    if faq:
        FaqEntry(article=article, question="Why?", answer="Because.", position=1).store()
    return article


def _staff(name: str, permissions: list[str], *, is_superuser: bool = False) -> User:
    user = User(username=name, email=STAFF_ADDRESS, is_staff=True, is_superuser=is_superuser)
    user.set_unusable_password()
    user.save()
    wanted = Permission.objects.filter(codename__in=permissions)
    logs = Permission.objects.filter(
        content_type__app_label__in=["comments", "linkbacks", "articles", "django_tasks_database"],
        codename__startswith="view_",
    )
    # Every list that a moderator may be allowed to see; the reveals themselves are the owner's.
    user.user_permissions.add(*wanted, *logs.exclude(codename="view_contactreveal"))
    ModeratorPreferences.objects.update_or_create(user=user, defaults={"digest": Digest.AT_ONCE})
    return user
