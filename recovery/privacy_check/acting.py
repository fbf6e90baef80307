"""What follows once the canary has written: decisions, mail, and every button it can press."""

import datetime
from typing import Final

from django.db.models import F, Model
from django.test.utils import override_settings
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from comments.models import (
    Comment,
    ModerationEvent,
    ModeratorPreferences,
    OutgoingMail,
    Status,
    Subscription,
)
from recovery import housekeeping
from recovery.privacy_check import letters, planting
from recovery.privacy_check.scene import Scene
from recovery.privacy_check.visitor import Visitor
from recovery.scratch import work_off

#: RFC 8058, 3.2: what a mail program posts.
ONE_CLICK: Final = [("List-Unsubscribe", "One-Click")]
MINUTE, WEEK = datetime.timedelta(minutes=1), datetime.timedelta(weeks=1)
#: What is told by the age of things.
_MOMENTS: Final[dict[type[Model], tuple[str, ...]]] = {
    Comment: ("created_at", "status_since"),
    ModerationEvent: ("at",),
    Subscription: ("created_at",),
    ModeratorPreferences: ("told_until",),
}
_MAILS: Final = {"confirm", "notice", "digest"}
DECLINED: Final = "Thank you, but this says the same as the one before."


def act(scene: Scene) -> None:
    """Tell the moderators, decide about the replies, and do what mails lead to."""
    housekeeping.plan(after=housekeeping.EVERY)
    _send(scene)
    _follow_mails(scene, scene.anybody(), to_reader=False)
    _decide(scene)
    _send(scene)
    _follow_mails(scene, scene.reader(), to_reader=True)
    for parent in scene.replies[:2]:
        planting.answer(scene, parent, f"An answer to number {parent.pk}.").approve()
    let_time_pass()
    _unsubscribe(scene)
    let_time_pass()
    missing = _MAILS - set(OutgoingMail.objects.filter(state="sent").values_list("kind", flat=True))
    scene.faults += [f"No mail of the kind “{kind}” was sent" for kind in sorted(missing)]


def press_own_buttons(scene: Scene) -> None:
    """Press every button of the page that only the reader knows."""
    reader = scene.reader()
    for number, comment in enumerate(scene.replies):
        forms = reader.get(comment.private_path).forms()
        presses = [(form.action, press) for form in forms for press in form.presses()]
        # Each comment's page starts with another button: what erases or withdraws ends the rest.
        first = number * len(presses) // len(scene.replies)
        for action, press in [*presses[first:], *presses[:first]]:
            reader.post(action, press)
    let_time_pass()


def let_time_pass() -> None:
    """Have a minute gone by, and work off what is due: mails, digests, lessons, housekeeping."""
    for model, fields in _MOMENTS.items():
        model._default_manager.update(**{name: F(name) - MINUTE for name in fields})
    # Between two mails about what waits there are some more.
    ModeratorPreferences.objects.update(digest_at=None, weekly_at=timezone.now() - WEEK - MINUTE)
    for _ in range(2):
        now = timezone.now()
        OutgoingMail.objects.filter(state="waiting").update(due_at=now)
        DBTaskResult.objects.filter(status="READY").update(run_after=now)
        work_off()
    housekeeping.tidy()


def _send(scene: Scene) -> None:
    """Send what is to be sent: first to a mail server that refuses for now, then to one that takes it."""
    with override_settings(EMAIL_BACKEND=letters.REFUSING):
        let_time_pass()
    if not OutgoingMail.objects.filter(state="waiting").exclude(fault="").exists():
        scene.faults.append("No mail met the mail server that refuses")
    # What failed is written down until it is done.
    scene.look()
    let_time_pass()


def _decide(scene: Scene) -> None:
    """Approve one reply by its button in the queue, and decide about the others in other ways."""
    approved, *others = scene.replies
    approved.refresh_from_db()
    approved.hold(by=scene.moderator)
    queue = reverse("admin:comments_comment_changelist")
    visitor = scene.signed_in(scene.moderator)
    button = ("_moderate", f"approve:{approved.pk}")
    form = visitor.get(queue).form_with(button)
    visitor.post(queue, [*form.fields, button])
    visitor.get(queue)
    approved.refresh_from_db()
    if approved.status != Status.APPROVED:
        scene.faults.append("The button “Approve” of the queue did not approve")
    for comment in others:
        comment.refresh_from_db()
    others[0].approve(by=scene.moderator, reasons=["approved by the check"])
    others[1].move_to(Status.TRASH, by=scene.moderator, message=DECLINED)
    others[2].mark_spam(by=scene.moderator)


def _follow_mails(scene: Scene, visitor: Visitor, *, to_reader: bool) -> None:
    """Open every link of the mails, and press the first button of the first page that has one."""
    for message in letters.sent():
        if letters.to_reader(message) != to_reader:
            continue
        pages = [visitor.get(path) for path in letters.links(message)]
        for form in [form for page in pages for form in page.forms()][:1]:
            visitor.post(form.action, next(form.presses()))


def _unsubscribe(scene: Scene) -> None:
    """Do what a mail program does at a click (RFC 8058), then press every button that mails lead to."""
    for message in filter(letters.to_reader, letters.sent()):
        for path in letters.unsubscribing(message):
            scene.reader().post(path, ONE_CLICK, HTTP_SEC_FETCH_SITE="none")
        for path in letters.links(message):
            for form in scene.reader().get(path).forms():
                for press in form.presses():
                    scene.reader().post(form.action, press)
