"""Who else wrote what: the record of an author, found through equal blind indexes.

Comments belong together when the same address stands behind them; which address that is, nobody
needs to know for it. Neither it nor its index leaves this module.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, F, Max, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext, pgettext

from comments.models import Comment, Contact, Status


@dataclass(frozen=True, kw_only=True)
class Record:
    """How an author has done so far, apart from the comment it is shown beside."""

    # Which of the author's comments this one is, counted from 1, and how many there are.
    nth: int
    total: int
    approved: int = 0
    spam: int = 0

    def __str__(self) -> str:
        """Such as “3rd comment, 2 approved”."""
        nth = {"nth": ordinal(self.nth), "total": self.total}
        first = gettext("%(nth)s comment") % nth
        if self.total > self.nth:
            first = gettext("%(nth)s of %(total)s comments") % nth
        return ", ".join([first, *verdicts(self.approved, self.spam)])


def ordinal(number: int) -> str:
    """Return “1st”, “2nd”, “11th”, or “1.” in languages that write every ordinal alike."""
    # Translators: how every ordinal is written, such as “%(number)s.”; as it is for English endings.
    alike = pgettext("ordinal", "%(number)s")
    if alike != "%(number)s":
        return alike % {"number": number}
    tens, ones = divmod(number % 100, 10)
    ending = "th" if tens == 1 else {1: "st", 2: "nd", 3: "rd"}.get(ones, "th")
    return f"{number}{ending}"


def verdicts(approved: int, spam: int) -> list[str]:
    """Return what there is to say of earlier verdicts, such as “2 approved” and “1 spam”."""
    said = {
        gettext("%(count)s approved"): approved,
        gettext("%(count)s spam"): spam,
    }
    return [what % {"count": number} for what, number in said.items() if number]


def records(comments: Iterable[Comment]) -> dict[int, Record]:
    """Return the record behind each comment that has an address, with one query."""
    shown = {comment.pk: comment for comment in comments}
    return {contact.comment_id: _record(contact, shown) for contact in _beside(shown)}


def _beside(shown: Iterable[int]) -> QuerySet[Contact]:
    """Return the contacts of these comments with the counts of all that have the same address."""
    author = F("blind_index")
    mine = Contact.objects.filter(comment__in=shown).values("blind_index")
    return (
        Contact.objects.filter(blind_index__in=mine)
        .annotate(
            # A plain condition on the comment would leave its neighbours uncounted.
            beside=Window(Max("comment"), F("comment")),
            nth=Window(RowNumber(), author, order_by="comment"),
            total=Window(Count("pk"), author),
            approved=Window(Count("pk", filter=Q(comment__status=Status.APPROVED)), author),
            spam=Window(Count("pk", filter=Q(comment__status=Status.SPAM)), author),
        )
        .filter(beside__in=shown)
        .only("comment")
    )


def _record(contact: Contact, shown: dict[int, Comment]) -> Record:
    status = shown[contact.comment_id].status
    counted = vars(contact)
    return Record(
        nth=counted["nth"],
        total=counted["total"],
        approved=counted["approved"] - (status == Status.APPROVED),
        spam=counted["spam"] - (status == Status.SPAM),
    )


def by_the_same(comment: Comment) -> QuerySet[Comment]:
    """Return every comment with the same address behind it, this one too; none without an address."""
    mine = Contact.objects.filter(comment=comment).values("blind_index")
    return Comment.objects.filter(contact__blind_index__in=mine)
