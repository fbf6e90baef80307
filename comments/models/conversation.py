"""What is said about an article, and every decision about it."""

import datetime
from collections.abc import Callable, Iterable
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, FaqEntry
from articles.prepared import NUMBER, Prepared, PreparedInsert
from comments.models.kinds import Kind, ResponseType, Status
from comments.models.marks import digest, fingerprint, new_private_key
from comments.models.purging import purge_some
from comments.rendering import link_hosts, render_reply

Actor = AbstractBaseUser | AnonymousUser | None
# So many threads, and of a thread so many replies, are on the first page of an article.
FIRST_SHOWN = 50
_LISTED = ["kind", "status", "status_since"]


class CommentQuerySet(models.QuerySet["Comment"]):
    def approved(self) -> Self:
        """What readers see: the one place where that is decided."""
        return self.filter(status=Status.APPROVED)

    def in_words(self) -> Self:
        """What has something to read: likes and reposts are only counted."""
        return self.exclude(response_type__in=[ResponseType.LIKE, ResponseType.REPOST])

    def waiting(self) -> Self:
        """What a moderator has to decide about: what is held, and new words of what is shown."""
        changed = Q(status=Status.APPROVED, pk__in=Proposal.objects.values("comment"))
        return self.filter(Q(status=Status.PENDING) | changed)

    def standing(self) -> Self:
        """What has not been thrown away: neither spam nor trash."""
        return self.exclude(status__in=[Status.SPAM, Status.TRASH])

    def oldest_first(self) -> Self:
        return self.order_by("created_at", "pk")

    def thrown_away_before(self, status: Status, moment: datetime.datetime) -> Self:
        """Comments that have been in this state since before that moment."""
        return self.filter(status=status, status_since__lt=moment)

    def forget_credit(self) -> None:
        """Name the authors of these comments in the FAQ no more, and link there no more."""
        entries = FaqEntry.objects.filter(pk__in=self.order_by().values("faq_origin__entry"))
        entries.update(credit_name="", credit_anchor="")

    def purge(self) -> int:
        """Delete these rows for good; their replies move up one level. Return how many went.

        Each chunk is a transaction of its own, so that nobody who posts waits for all of them.
        """
        gone = 0
        while chunk := purge_some(self):
            gone += chunk
        return gone


class Comment(models.Model):
    """Something a person or a page said about an article. The address behind it is in ``Contact``."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="comments")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.REPLY)
    response_type = models.CharField(
        max_length=10, choices=ResponseType, default=ResponseType.REPLY
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    status_since = models.DateTimeField(default=timezone.now)
    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="children"
    )
    # The first of the comments above it; none for what begins a thread. See ``take_place()``.
    head = models.ForeignKey(
        "self", models.SET_NULL, null=True, editable=False, related_name="members", db_index=False
    )
    # Whether others came first, enough that it may not be on the article's first page.
    is_late = models.BooleanField(default=False, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="comments"
    )
    author_name = models.CharField(max_length=245)
    author_url = models.CharField(max_length=2000, blank=True)
    text = models.TextField()
    text_html = models.TextField(editable=False)
    # Of the normalised text: finds the same thing said twice in the same place.
    text_digest = models.CharField(max_length=64, editable=False)
    # Opens the author's own page about this comment; never shown anywhere else.
    private_key = models.CharField(
        max_length=22, unique=True, default=new_private_key, editable=False
    )
    # The same for responses that say nearly the same: they are judged together.
    look_alike = models.CharField(max_length=22, default=new_private_key, editable=False)
    # Of the new words that were last declined: the page goes on saying them, once was enough.
    declined_digest = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    # How it came in, as far as that helps to judge it; never an address, never a network.
    signals = models.JSONField(default=dict, editable=False)
    # The filter's opinion: how probably it is spam (0 to 1; none while the filter knows too
    # little), why, strongest reason first, and from 0 to 1 how unsure that leaves it.
    score = models.FloatField(null=True, editable=False)
    score_reasons = models.JSONField(default=list, editable=False)
    doubt = models.FloatField(default=1.0, editable=False)
    # A keyed hash of the sender's network, forgotten after a day: finds what came from one place.
    network_key = models.CharField(max_length=64, blank=True, editable=False)
    # What its author did on the page that only they know.
    edited_at = models.DateTimeField(null=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        permissions = [("moderate_comment", "Can moderate comments")]
        indexes = [
            models.Index(fields=["article", "status", "created_at"], name="comment_of_article"),
            models.Index(fields=["status", "created_at"], name="comment_queue"),
            models.Index(fields=["status", "status_since"], name="comment_purge"),
            models.Index(fields=["article", "text_digest"], name="comment_same_text"),
            models.Index(fields=["look_alike", "status"], name="comment_alike_by_status"),
            # Few are linkbacks: with all kinds in it, SQLite would take it for replies too, and sort.
            models.Index(fields=_LISTED, condition=~Q(kind="reply"), name="comment_linkbacks"),
            # The newest that wait or were thrown away, with their groups: see ``comments.look_alikes``.
            models.Index(
                fields=["id", "look_alike"],
                condition=~Q(status=Status.APPROVED),
                name="comment_unapproved",
            ),
            models.Index(
                fields=["head", "status", "created_at", "id"],
                condition=Q(head__isnull=False),
                name="comment_of_thread",
            ),
            models.Index(fields=["status", "-doubt", "created_at"], name="comment_unsure"),
            models.Index(
                fields=["network_key"], condition=~Q(network_key=""), name="comment_network"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="comment_status"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="comment_kind"),
            models.CheckConstraint(
                condition=Q(response_type__in=ResponseType.values), name="comment_response_type"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk} by {self.author_name}"

    def get_absolute_url(self) -> str:
        # What came early stays on the first page whatever becomes of the others.
        query = f"?comment={self.pk}" if self.is_late else ""
        return f"{self.article.get_absolute_url()}{query}#comment-{self.pk}"

    def take_place(self) -> None:
        """Find its place below its parent and after the others, unsaved; before it is first saved."""
        if self.parent is not None:
            self.head_id = self.parent.head_id or self.parent.pk
        self.is_late = bool(_after_the_first(self.article_id))

    @property
    def private_path(self) -> str:
        """The path of the page that only the comment's author knows."""
        return reverse("your_comment", args=[self.private_key])

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that it leads to, by its website and in its text, once each."""
        return link_hosts(f"{self.author_url} {self.text}")

    @property
    def linked_urls(self) -> tuple[str, ...]:
        """The website of its author, as it is, and each host in its text."""
        website = (self.author_url,) if self.author_url else ()
        return website + tuple(f"https://{host}/" for host in link_hosts(self.text))

    @property
    def is_reply(self) -> bool:
        """Whether a person wrote it, rather than a page linked."""
        return self.kind == Kind.REPLY

    @property
    def words_digest(self) -> str:
        """What changes with every letter of the name or the text: what a moderator read."""
        return fingerprint(self.author_name, self.text)

    def set_text(self, text: str) -> None:
        """Take the text with its HTML and digest, unsaved."""
        if self.pk and digest(text) != self.text_digest:
            # What says something else now is not judged with those it was like.
            self.look_alike = new_private_key()
        self.text = text
        self.text_html = render_reply(text) if self.is_reply else ""
        self.text_digest = digest(text)

    def approve(self, *, by: Actor = None, reasons: Iterable[str] = ()) -> "ModerationEvent | None":
        """Show it to readers."""
        return self.move_to(Status.APPROVED, by=by, reasons=reasons)

    def hold(self, *, by: Actor = None, reasons: Iterable[str] = ()) -> "ModerationEvent | None":
        """Put it (back) into the queue."""
        return self.move_to(Status.PENDING, by=by, reasons=reasons)

    def mark_spam(
        self, *, by: Actor = None, reasons: Iterable[str] = ()
    ) -> "ModerationEvent | None":
        return self.move_to(Status.SPAM, by=by, reasons=reasons)

    def move_to_trash(
        self, *, by: Actor = None, reasons: Iterable[str] = ()
    ) -> "ModerationEvent | None":
        return self.move_to(Status.TRASH, by=by, reasons=reasons)

    def restore(self, *, by: Actor = None) -> "ModerationEvent | None":
        """Return it from trash or spam to the state it had before."""
        entries = self.events.filter(to_status=self.status)
        if self.status == Status.SPAM:
            # Spam that came back from the trash is restored to what it was before it was spam.
            entries = entries.exclude(from_status=Status.TRASH)
        last = entries.order_by("-pk").first()
        before = Status(last.from_status) if last and last.from_status else Status.PENDING
        return self.move_to(before, by=by, reasons=["restored"])

    def move_to(
        self,
        status: Status,
        *,
        by: Actor = None,
        reasons: Iterable[str] = (),
        undoes: "ModerationEvent | None" = None,
        message: str = "",
    ) -> "ModerationEvent | None":
        """Change the state and record it; return the event, or None when nothing changed.

        What its author has withdrawn is shown to nobody, and no moderator brings it back. The
        update is conditional on the state this object was read with: of two moderators who decide
        at the same time one wins, and the other is told that nothing happened.
        """
        before, now = self.status, timezone.now()
        if status == before:
            return None
        with transaction.atomic():
            mine = Comment.objects.filter(pk=self.pk, status=before)
            if status in (Status.APPROVED, Status.PENDING):
                mine = mine.filter(withdrawn_at=None)
            if status == Status.APPROVED:
                # Words that their author has changed since were read by nobody.
                mine = mine.filter(edited_at=self.edited_at)
            if not mine.update(status=status, status_since=now):
                return None
            self.status, self.status_since = status, now
            return ModerationEvent.record(
                self, before, by=by, reasons=reasons, undoes=undoes, message=message
            )


_after_the_first = Prepared(
    lambda article: (
        Comment.objects.filter(article=article)
        .order_by()
        .values_list("pk")[FIRST_SHOWN - 1 : FIRST_SHOWN]
    ),
    NUMBER,
)


class ModerationEvent(models.Model):
    """A moderator's or rule's decision: append-only audit log and training labels in one."""

    comment = models.ForeignKey(Comment, models.SET_NULL, null=True, related_name="events")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)
    # Empty when the comment came in.
    from_status = models.CharField(max_length=10, choices=Status, blank=True)
    to_status = models.CharField(max_length=10, choices=Status)
    reasons = models.JSONField(default=list)
    score = models.FloatField(null=True)
    undoes = models.OneToOneField("self", models.SET_NULL, null=True, related_name="undone_by")
    # What the moderator says to the comment's author, who reads it on their own page.
    message = models.CharField(max_length=500, blank=True)
    # Whether what follows from it (learning, mail) has been done.
    is_followed = models.BooleanField(default=False, editable=False)
    follow_failures = models.PositiveSmallIntegerField(default=0, editable=False)

    # Called with each event when it is written, inside the transaction. Filled by ``comments.apps``.
    followers: ClassVar[list[Callable[["ModerationEvent"], None]]] = []

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(is_followed=False), name="moderation_event_unfollowed"
            ),
            models.Index(fields=["at", "id"], name="moderation_event_at"),
            models.Index(
                fields=["id"], condition=Q(actor__isnull=False), name="moderation_event_human"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_status or 'new'} → {self.to_status}"

    @classmethod
    def record(
        cls,
        comment: Comment,
        before: str,
        *,
        by: Actor = None,
        reasons: Iterable[str] = (),
        undoes: "ModerationEvent | None" = None,
        message: str = "",
    ) -> "ModerationEvent":
        """Write down that the comment is now in its state, who decided and why."""
        event = cls(
            comment=comment,
            actor_id=getattr(by, "pk", None),
            from_status=before,
            to_status=comment.status,
            reasons=list(reasons),
            score=comment.score,
            undoes=undoes,
            message=message,
        )
        _write_event(event)
        for follow in cls.followers:
            follow(event)
        return event

    def undo(self, *, by: Actor) -> "ModerationEvent | None":
        """Take the decision back, unless somebody has decided again since; None when not done."""
        comment = self.comment
        stands = comment is not None and comment.events.order_by("-pk").first() == self
        if comment is None or not stands or not self.from_status:
            return None
        return comment.move_to(Status(self.from_status), by=by, reasons=["undone"], undoes=self)


_write_event = PreparedInsert(ModerationEvent)


class Proposal(models.Model):
    """New words for a response that is shown: its page has changed. Shown only when accepted."""

    comment = models.OneToOneField(Comment, models.CASCADE, related_name="proposal")
    author_name = models.CharField(max_length=245)
    text = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"New words for {self.comment}"

    @property
    def fingerprint(self) -> str:
        """What a moderator has seen of it, to the letter; pages change while somebody decides."""
        return fingerprint(self.author_name, self.text)

    @transaction.atomic
    def accept(self, *, by: Actor) -> ModerationEvent | None:
        """Show the new words instead of the old ones; None if there are others by now."""
        if not self._take():
            return None
        comment = Comment.objects.select_for_update().get(pk=self.comment_id)
        comment.author_name = self.author_name
        comment.set_text(self.text)
        comment.save()
        return ModerationEvent.record(
            comment, comment.status, by=by, reasons=["new words accepted"]
        )

    @transaction.atomic
    def decline(self, *, by: Actor) -> ModerationEvent | None:
        """Keep the old words, and forget the new ones; None if there are others by now."""
        if not self._take():
            return None
        said = digest(f"{self.author_name}\n{self.text}")
        Comment.objects.filter(pk=self.comment_id).update(declined_digest=said)
        return ModerationEvent.record(
            self.comment, self.comment.status, by=by, reasons=["new words declined"]
        )

    def _take(self) -> bool:
        """Delete it as it was read: of two who decide one wins, and nobody takes unseen words."""
        mine = Proposal.objects.filter(pk=self.pk, author_name=self.author_name, text=self.text)
        return bool(mine.delete()[0])
