"""The site's secrets: taken from the environment, or made once and kept in ``DATA_DIR``."""

import fcntl
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, overload

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from recovery import environment

CONTACT_KEYS_FILE: Final = "contact_keys"


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


def contact_keys(folder: Path) -> Sequence[str]:
    """Return the keys that encrypt commenters' addresses, newest first (Fernet keys).

    Those kept in the folder are read again whenever the file has changed: web server and worker
    follow a rotation without a restart.
    """
    if keys := environment.words("CONTACT_KEYS"):
        return _fernet_keys(keys, "CONTACT_KEYS")
    path = folder / CONTACT_KEYS_FILE
    kept_secret(path, new_contact_key)
    return KeptKeys(path)


def new_contact_key() -> str:
    return Fernet.generate_key().decode()


def _fernet_keys(keys: list[str], place: str) -> list[str]:
    for number, key in enumerate(keys, 1):
        try:
            Fernet(key)
        except ValueError as error:
            raise ImproperlyConfigured(
                f"{place} holds something that is no Fernet key (number {number}): "
                "each should be 32 bytes in URL-safe base64."
            ) from error
    return keys


class KeptKeys(Sequence[str]):
    """The keys in a file, as it is at the moment of asking.

    Should the file be gone or spoilt later, those read last go on being used. ``repr()`` shows none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp = _stamp(path)
        self._keys = self._read()

    def _read(self) -> list[str]:
        return _fernet_keys(_secret_in(self.path).split(","), str(self.path))

    def _current(self) -> list[str]:
        with suppress(OSError, ImproperlyConfigured):
            # Taken before the reading: should it change in between, the next one reads again.
            stamp = _stamp(self.path)
            if stamp != self._stamp:
                self._keys, self._stamp = self._read(), stamp
        return self._keys

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        return self._current()[index]

    def __iter__(self) -> Iterator[str]:
        # Of one and the same reading.
        return iter(self._current())

    def __len__(self) -> int:
        return len(self._current())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<keys in {self.path}>"


def _stamp(path: Path) -> tuple[int, int, int]:
    stat = path.stat()
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


@contextmanager
def changing(path: Path) -> Iterator[None]:
    """Keep every other process from changing the file of keys; raise ``BlockingIOError`` if one does."""
    with path.with_name(f".{path.name}.lock").open("w") as lock:
        # Gone with the process, however it ends.
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def write_contact_keys(path: Path, keys: Sequence[str]) -> None:
    """Replace the file by one with these keys: whoever reads finds the old ones or the new ones.

    They are on the disk when this returns, before anything is encrypted with them.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(",".join(keys))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


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
    return _secret_in(path)


def _secret_in(path: Path) -> str:
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
