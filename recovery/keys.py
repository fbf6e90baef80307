"""The site's secrets: taken from the environment, or made once and kept in ``DATA_DIR``."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from recovery import environment


def writable_folder(path: Path) -> Path:
    """Make the folder if needed and return it; refuse one that cannot be written."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ImproperlyConfigured(
            f"DATA_DIR is “{path}”, but that folder cannot be made: {error.strerror}."
        ) from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise ImproperlyConfigured(f"DATA_DIR is “{path}”, but that folder cannot be written to.")
    return path


def secret_key(folder: Path) -> str:
    """Return Django's ``SECRET_KEY``: at least 32 characters."""
    value = environment.text("SECRET_KEY")
    if value and len(value) < 32:
        raise ImproperlyConfigured("SECRET_KEY is too short: it should be 32 characters or more.")
    return value or kept_secret(folder / "secret_key", lambda: secrets.token_urlsafe(50))


def contact_keys(folder: Path) -> list[str]:
    """Return the keys that encrypt commenters' addresses, newest first (Fernet keys)."""
    keys = environment.words("CONTACT_KEYS")
    keys = keys or kept_secret(folder / "contact_keys", lambda: Fernet.generate_key().decode()).split(",")
    for number, key in enumerate(keys, 1):
        try:
            Fernet(key)
        except ValueError as error:
            raise ImproperlyConfigured(
                f"CONTACT_KEYS holds something that is no Fernet key (number {number}): "
                "each should be 32 bytes in URL-safe base64."
            ) from error
    return keys


def kept_secret(path: Path, make: Callable[[], str]) -> str:
    """Return what the file holds, making it first if it is not there.

    Several processes may start at once: the file is written aside and linked into place, so that
    one of them wins and all of them read the same whole value.
    """
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(make())
            _link_unless_there(draft, path)
        except OSError as error:
            raise ImproperlyConfigured(f"{path} cannot be written: {error.strerror}.") from error
    try:
        return path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{path} cannot be read: {error.strerror}.") from error


def _link_unless_there(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
