"""The site's secrets: taken from the environment, or made once and kept in ``DATA_DIR``."""

import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from recovery import environment


def writable_folder(path: Path) -> Path:
    """Make the folder if needed and return it; refuse one that cannot be written."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Permissions do not tell everything (a read-only disk, a full one): write.
        with tempfile.TemporaryFile(dir=path) as probe:
            probe.write(b"-")
    except FileExistsError as error:
        raise _unfit(path, "that is a file, not a folder") from error
    except OSError as error:
        raise _unfit(path, f"nothing can be written there: {error.strerror}") from error
    return path


def _unfit(path: Path, why: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"DATA_DIR is “{path}”, but {why}.")


def secret_key(folder: Path) -> str:
    """Return Django's ``SECRET_KEY``: at least 32 characters."""
    value, place = environment.text("SECRET_KEY"), "SECRET_KEY"
    if not value:
        place = str(folder / "secret_key")
        value = kept_secret(folder / "secret_key", lambda: secrets.token_urlsafe(50))
    if len(value) < 32:
        raise ImproperlyConfigured(f"{place} is too short: it should be 32 characters or more.")
    return value


def contact_keys(folder: Path) -> list[str]:
    """Return the keys that encrypt commenters' addresses, newest first (Fernet keys)."""
    keys, place = environment.words("CONTACT_KEYS"), "CONTACT_KEYS"
    if not keys:
        place = str(folder / "contact_keys")
        keys = kept_secret(folder / "contact_keys", lambda: Fernet.generate_key().decode()).split(
            ","
        )
    for number, key in enumerate(keys, 1):
        try:
            Fernet(key)
        except ValueError as error:
            raise ImproperlyConfigured(
                f"{place} holds something that is no Fernet key (number {number}): "
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
            with os.fdopen(
                os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w"
            ) as file:
                file.write(make())
            _link_unless_there(draft, path)
        except OSError as error:
            raise ImproperlyConfigured(f"{path} cannot be written: {error.strerror}.") from error
    try:
        return path.read_text("ascii").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise ImproperlyConfigured(f"{path} holds something that is no key.") from error


def _link_unless_there(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
