"""The canary writes: replies that are taken, and replies that are not."""

from collections.abc import Mapping
from typing import Final

from django.db import DatabaseError

from comments import tokens
from comments.models import Comment, DiscussionSettings, NetworkUse
from recovery.privacy_check import canary
from recovery.privacy_check.scene import OTHER_ADDRESS, Scene
from recovery.privacy_check.visitor import Answer, Visitor
from recovery.privacy_check.watching import broken
from recovery.scratch import work_off

#: Ways on which the reader's network comes to be known.
_WAYS: Final[tuple[tuple[str, dict[str, str]], ...]] = (
    (canary.IPV4, {}),
    (canary.IPV6, {}),
    ("127.0.0.1", {"HTTP_X_FORWARDED_FOR": f"192.0.2.9, {canary.IPV4}"}),
)
SAID: Final = (
    "The part about rivers made me look at the map again.",
    "Have you tried this with a larger boat?",
    "My grandmother kept a diary of such journeys.",
    "I do not agree with the second paragraph at all.",
    "Where can one buy the maps that you mention?",
    "We sell everything for travellers, wholesale.",
)
SPAM_WORD: Final = "wholesale"
#: What is changed in a reply so that it is refused, and what the answer should be.
_REFUSED: Final[tuple[tuple[int, dict[str, str]], ...]] = (
    (400, {"comment": ""}),
    (400, {"author": "\u115f"}),
    (400, {"email": canary.ADDRESS.removesuffix(".example")}),
    (400, {"email": f"{'x' * 70}{canary.ADDRESS}"}),
    (400, {"url": "javascript:alert(1)"}),
    (400, {"token": "stale"}),
    (403, {"parent": "999999"}),
)


def post(visitor: Visitor, path: str, text: str, **changes: str) -> Answer:
    """Open the article, fill in its form as the canary, and post it."""
    form = visitor.get(path).form_to(f"{path}comments/")
    typed = {
        "comment": text,
        "author": canary.NAME,
        "email": canary.ADDRESS,
        "url": canary.WEBSITE,
        "remember": "on",
        "notify": "on",
        **{name: value for name, value in changes.items() if not name.startswith("HTTP_")},
    }
    environ = {name: value for name, value in changes.items() if name not in typed}
    return visitor.post(form.action, form.filled(**typed), **environ)


def plant(scene: Scene) -> None:
    """Leave replies that are taken (``scene.replies``), and try every way to be refused."""
    _leave_replies(scene)
    _be_refused(scene)
    _be_in_haste(scene)
    _meet_faults(scene)
    work_off()


def pass_hour() -> None:
    """Make the pace of posts start anew."""
    NetworkUse.objects.all().delete()


def answer(scene: Scene, parent: Comment, text: str) -> Comment:
    """Have somebody else reply, and return what they said."""
    pass_hour()
    path = parent.article.get_absolute_url()
    post(
        scene.anybody(),
        f"{path}",
        text,
        author="Somebody else",
        email=OTHER_ADDRESS,
        url="",
        parent=str(parent.pk),
    )
    return Comment.objects.latest("pk")


def _leave_replies(scene: Scene) -> None:
    rules = DiscussionSettings.current()
    rules.disallowed_words = SPAM_WORD
    rules.save()
    for number, text in enumerate(SAID):
        address, environ = _WAYS[number % len(_WAYS)]
        pass_hour()
        post(scene.reader(address, **environ), scene.open.get_absolute_url(), text)
    scene.replies = list(Comment.objects.filter(contact__isnull=False).order_by("pk"))
    if len(scene.replies) != len(SAID):
        scene.faults.append(f"{len(scene.replies)} of {len(SAID)} addresses were kept")


def _be_refused(scene: Scene) -> None:
    path, known = scene.open.get_absolute_url(), scene.replies[0].text if scene.replies else ""
    for status, changes in _REFUSED:
        _expect(scene, status, changes, post(scene.reader(), path, "Not taken.", **changes))
    pass_hour()
    _expect(scene, 409, {}, post(scene.reader(), path, known))
    foreign = {"HTTP_SEC_FETCH_SITE": "cross-site"}
    _expect(scene, 403, foreign, post(scene.reader(), path, "Elsewhere.", **foreign))
    closed = scene.closed.get_absolute_url()
    # Its page has no form any more: the token is that of a page opened before.
    late = post(scene.reader(), closed, "Too late.", token=tokens.issue(scene.closed))
    _expect(scene, 403, {}, late)
    _expect(scene, 410, {}, scene.reader().get(scene.gone))


def _expect(scene: Scene, status: int, changes: Mapping[str, str], answer: Answer) -> None:
    if answer.status != status:
        said = f"It answered {answer.status} instead of {status} to {changes or 'this'}"
        scene.faults.append(said.replace(canary.ADDRESS, "…"))


def _be_in_haste(scene: Scene) -> None:
    """Post until the pace is refused."""
    pass_hour()
    for number in range(10):
        said = post(scene.reader(), scene.open.get_absolute_url(), f"In haste, number {number}.")
        if said.status == 429:
            break
    else:
        scene.faults.append("Ten replies within a minute were all taken")
    pass_hour()


def _meet_faults(scene: Scene) -> None:
    """Post while something is broken: the error pages and the log must not tell either."""
    path = scene.open.get_absolute_url()
    with broken("comments.submission", "_record", RuntimeError("Broken on purpose.")):
        _expect(scene, 500, {}, post(scene.reader(), path, "While it is broken."))
    with broken("comments.submission", "_record", DatabaseError("Broken on purpose.")):
        _expect(scene, 503, {}, post(scene.reader(), path, "While the database is away."))
    scene.reader().get(path, HTTP_HOST="elsewhere.example")
    scene.reader().get("/nothing-here/")
    scene.reader().post(
        "/admin/login/", [("username", canary.ADDRESS), ("password", canary.ADDRESS)]
    )
