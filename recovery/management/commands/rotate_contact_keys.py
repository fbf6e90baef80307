"""``manage.py rotate_contact_keys``: a new key for commenters' addresses, and the end of old ones."""

import time
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from comments import rotation
from recovery import keys

#: Seconds that a new key must have stood first before old ones go: no request or task that read the
#: old ones lasts longer.
GRACE: Final = 600


class Command(BaseCommand):
    """Makes a key, encrypts every address with it, and with ``--drop-old`` takes old keys away."""

    help = (
        "Make a new key for commenters' addresses and encrypt all of them with it, while the site "
        "runs. Run it again after an interruption. With CONTACT_KEYS set, put the new key first "
        "there, restart the site, and run this."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--drop-old",
            action="store_true",
            help="make no new key; take away those that nothing is encrypted with any more",
        )
        parser.add_argument(
            "--forget-mailboxes",
            action="store_true",
            help="with --drop-old: give up what was agreed with addresses that are not kept any more",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        drop, forget = options["drop_old"], options["forget_mailboxes"]
        if forget and not drop:
            raise CommandError("--forget-mailboxes goes with --drop-old.")
        kept = settings.CONTACT_KEYS
        if not isinstance(kept, keys.KeptKeys):
            self._rotate_given(list(kept), drop=drop)
            return
        try:
            with keys.changing(kept.path):
                self._drop(kept, forget=forget) if drop else self._rotate(kept)
        except BlockingIOError as error:
            raise CommandError("The keys are being changed by another process.") from error

    # --- Keys in DATA_DIR -----------------------------------------------------------------------

    def _rotate(self, kept: keys.KeptKeys) -> None:
        old = list(kept)
        if any(use.contacts for use in rotation.uses(old[1:])):
            self.stdout.write("An earlier rotation was not finished: this finishes it.")
            if (done := self._reseal(old)).changed:
                self._tell_what_is_left(old, done)
                return
        keys.write_contact_keys(kept.path, [keys.new_contact_key(), *old])
        self.stdout.write("Made a new key.")
        done = self._reseal(list(kept))
        self._tell_what_is_left(list(kept), done)

    def _drop(self, kept: keys.KeptKeys, *, forget: bool) -> None:
        first, *old = kept
        if not old:
            self.stdout.write("There is one key only: nothing to drop.")
            return
        if (wait := GRACE - (time.time() - kept.path.stat().st_mtime)) > 0:
            raise _too_new(wait)
        done = self._reseal([first, *old])
        if forget:
            gone, _ = rotation.mailboxes_under(old).delete()
            self.stdout.write(f"Forgot {gone} rows about addresses that are not kept any more.")
        uses = rotation.uses(old, apart_from=done.unreadable)
        needed = [key for key, use in zip(old, uses, strict=True) if use.is_needed]
        keys.write_contact_keys(kept.path, [first, *needed])
        self.stdout.write(f"Dropped {len(old) - len(needed)} of {len(old)} old keys.")
        if needed:
            raise CommandError(_what_is_left([first, *needed], done))

    # --- Keys in the environment ----------------------------------------------------------------

    def _rotate_given(self, given: list[str], *, drop: bool) -> None:
        if drop:
            raise CommandError("The keys stand in CONTACT_KEYS: take old ones away there.")
        done = self._reseal(given)
        self._tell_what_is_left(given, done)
        uses = rotation.uses(given, apart_from=done.unreadable)
        free = [
            str(number) for number, use in enumerate(uses, 1) if number > 1 and not use.is_needed
        ]
        if free:
            self.stdout.write(
                f"Nothing needs key {' and '.join(free)} of CONTACT_KEYS any more: it can be taken away."
            )

    # --- Both -----------------------------------------------------------------------------------

    def _reseal(self, all_keys: Sequence[str]) -> rotation.Resealing:
        done = rotation.reseal_everything(all_keys)
        self.stdout.write(
            f"Encrypted {done.changed} of {done.contacts} addresses anew, "
            f"moved {done.mailboxes} mailboxes."
        )
        if done.unreadable:
            self.stderr.write(f"{len(done.unreadable)} addresses are under none of these keys.")
        return done

    def _tell_what_is_left(self, all_keys: Sequence[str], done: rotation.Resealing) -> None:
        if left := _what_is_left(all_keys, done):
            self.stdout.write(left)


def _what_is_left(all_keys: Sequence[str], done: rotation.Resealing) -> str:
    """Return what still needs keys other than the first, a line for each; empty if nothing does."""
    uses = rotation.uses(all_keys, apart_from=done.unreadable)
    return "\n".join(
        f"Key {number} of {len(all_keys)} is still needed: by {use.contacts} addresses and by "
        f"{use.mailboxes} mailboxes whose addresses are not kept any more."
        for number, use in enumerate(uses, 1)
        if number > 1 and use.is_needed
    )


def _too_new(seconds: float) -> CommandError:
    minutes = max(1, round(seconds / 60))
    return CommandError(
        "The newest key is too new: somebody may be commenting with the one before. "
        f"Try again in {minutes} min."
    )
