"""One run: write, act, visit, read everything that is kept, and search it all."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from ipaddress import ip_network
from typing import Final

from django.test.utils import override_settings
from django.urls import reverse

from comments.models import Contact, ContactReveal
from recovery.privacy_check import (
    acting,
    canary,
    letters,
    places,
    planting,
    scene,
    stores,
    walking,
    watching,
)
from recovery.privacy_check.ledger import Ledger
from recovery.privacy_check.scene import Scene
from recovery.privacy_check.visitor import Answer

SELF: Final = "The check itself"
_EMAIL_FIELD = re.compile(rb'<input\b[^>]*\bname="email"[^>]*>')


def run() -> Ledger:
    """Check the site with the database of the settings, which has to be empty; return what was found."""
    ledger = Ledger()
    answers = Answers(ledger)
    with _surroundings(), watching.log() as log:
        site = scene.build(answers.take, partial(stores.look, ledger))
        planting.plant(site)
        acting.act(site)
        walking.visit_public(site)
        walking.visit_admin(site, site.moderator)
        _reveal(site)
        acting.press_own_buttons(site)
        walking.visit_public(site)
        walking.visit_admin(site, site.owner)
    letters.look(ledger)
    for name, lines in log.lines.items():
        ledger.look("Log", name, "\n".join(lines))
    stores.look(ledger)
    _look_at_itself(ledger, site, answers)
    return ledger


@contextmanager
def _surroundings() -> Iterator[None]:
    """Keep every mail, and believe what a proxy on this machine says of whom it speaks for."""
    trusted = (ip_network("127.0.0.1"),)
    with override_settings(EMAIL_BACKEND=letters.KEEPING, TRUSTED_PROXIES=trusted):
        yield


class Answers:
    """Everything that the site answers; ``reached`` are the routes that have answered."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.reached: set[str] = set()

    def take(self, role: str, method: str, answer: Answer) -> None:
        """Search the headers and the body, and note which route they come from."""
        route = places.route_of(answer.path)
        # An address that does not know the method has not shown anything of its own.
        if answer.status not in (404, 405) and answer.status < 500:
            self.reached.add(route)
        name = places.shown(route)
        raw = answer.raw
        if method == "POST" and answer.status >= 400:
            raw = self._without_echo(role, name, answer)
        self._ledger.look(role, name, raw, f"{method}, answered {answer.status}")

    def _without_echo(self, role: str, name: str, answer: Answer) -> bytes:
        """Leave out the field in which whoever typed the address gets it back, kept by nobody."""
        fields = b"".join(_EMAIL_FIELD.findall(answer.body))
        if fields and "no-store" not in answer.header("Cache-Control"):
            self._ledger.fault(role, name, "The form with what was typed may be kept by caches")
        return _EMAIL_FIELD.sub(b"", answer.raw)


def _reveal(site: Scene) -> None:
    """Try to reveal the address as a moderator; do it as the owner, which has to be written down.

    It shows too that there is something to be found, and that this check would find it.
    """
    contact = Contact.objects.filter(comment__in=site.replies).latest("pk")
    path = reverse("admin:comments_comment_reveal", args=[contact.comment_id])
    change = reverse("admin:comments_comment_change", args=[contact.comment_id])
    for user in (site.moderator, site.owner):
        visitor = site.signed_in(user)
        proof = visitor.get(change).csrf_token
        if user == site.owner:
            visitor.tell = lambda *_: None
        fields = [("csrfmiddlewaretoken", proof), ("reason", "To see whether it is written down")]
        shows = canary.ADDRESS.encode() in visitor.post(path, fields).body
        if shows != (user == site.owner):
            site.faults.append(f"What revealing shows to the {user} is not what it should be")
    if ContactReveal.objects.filter(user=site.owner, comment=contact.comment_id).count() != 1:
        site.faults.append("Who revealed the address was not written down")


def _look_at_itself(ledger: Ledger, site: Scene, answers: Answers) -> None:
    """Note where less was looked at than there is."""
    ledger.place(SELF, "what was done")
    for sentence in site.faults:
        ledger.fault(SELF, "what was done", sentence)
    for pattern in places.patterns():
        if pattern.route not in answers.reached:
            said = "No visit has reached it: see recovery/privacy_check/walking.py"
            ledger.fault("Addresses", f"/{pattern.route}", said)
    ledger.place("Addresses", f"{len(answers.reached - {''})} reached")
