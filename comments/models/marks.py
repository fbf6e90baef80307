"""What stands for a comment or its words: random keys, and digests of what is said."""

import hashlib
import secrets
import unicodedata


def new_private_key() -> str:
    """Return 128 random bits as 22 characters fit for an address."""
    return secrets.token_urlsafe(16)


def digest(text: str) -> str:
    """Return SHA-256 (hex) of the text regardless of case, blanks and Unicode's look-alike forms."""
    normal = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return hashlib.sha256(normal.encode("utf-8", "replace")).hexdigest()


def fingerprint(author_name: str, text: str) -> str:
    """Return 128 bits of the words to the letter: of fewer, two texts with the same can be found."""
    return hashlib.sha256(f"{author_name}\n{text}".encode()).hexdigest()[:32]
