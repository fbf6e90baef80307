"""Keys that nobody guesses."""

import secrets


def new_private_key() -> str:
    """Return 128 random bits as 22 characters fit for an address."""
    return secrets.token_urlsafe(16)
