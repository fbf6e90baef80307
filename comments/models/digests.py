"""What tells one text from another: of the same words, and of the same letters."""

import hashlib
import unicodedata


def digest(text: str) -> str:
    """Return SHA-256 (hex) of the text regardless of case, blanks and Unicode's look-alike forms."""
    normal = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return hashlib.sha256(normal.encode("utf-8", "replace")).hexdigest()


def fingerprint(author_name: str, text: str) -> str:
    """Return 128 bits of the words to the letter: of fewer, two texts with the same can be found."""
    return hashlib.sha256(f"{author_name}\n{text}".encode()).hexdigest()[:32]
