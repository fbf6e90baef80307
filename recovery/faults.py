"""What cannot be repaired from here, in one sentence that the owner can act on."""

import re

from django.core.exceptions import ImproperlyConfigured
from django.db import Error, InterfaceError, OperationalError, connection

from recovery import environment

# As libpq writes them: password=word, password='two words', postgres://user:word@host. The word itself
# is not looked for: a short one would show by the gaps it leaves in the sentence.
_PASSWORDS = (
    re.compile(r"(password\s*=\s*)(?:'(?:[^'\\]|\\.)*'?|\S+)", re.IGNORECASE),
    re.compile(r"(:)(?!//)\S+(?=@)"),
)


def is_from_outside(error: Exception) -> bool:
    """Say whether a setting or the database itself is at fault, rather than our code."""
    if isinstance(error, ImproperlyConfigured | InterfaceError | OperationalError):
        return True
    return isinstance(error, Error) and connection.connection is None


def sentence(error: Exception) -> str:
    """Return one line about a wrong setting or a database that does not answer."""
    return database_sentence(error) if isinstance(error, Error) else f"Cannot start: {error}"


def database_sentence(error: Exception) -> str:
    """Return one line with the place of the database and what it said, never with a password."""
    # Its first line: what follows are hints for whoever runs the server.
    said = (str(error).strip().splitlines() or [type(error).__name__])[0].strip().rstrip(".")
    for pattern in _PASSWORDS:
        said = pattern.sub(r"\1…", said)
    return f"The database {_place()} cannot be used: {said}. {_advice(said)}"


def _place() -> str:
    config = connection.settings_dict
    if connection.vendor == "sqlite":
        return str(config["NAME"])
    return f"“{config['NAME']}” at {config['HOST'] or 'the local socket'}:{config['PORT'] or 5432}"


def _advice(said: str) -> str:
    if "no such table" in said or ("relation" in said and "does not exist" in said):
        return "Run “manage.py migrate” first."
    if environment.text("DATABASE_URL"):
        return "Check DATABASE_URL."
    return "Check DATA_DIR and its disk."
