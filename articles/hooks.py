"""How apps add to the lists that ``articles`` asks without knowing who is in them. Plain Python."""

from typing import TypeVar

T = TypeVar("T")


def hook(listed: list[T], added: T) -> None:
    """Add to such a list, once however often an app is made ready; what others added stays."""
    if added not in listed:
        listed.append(added)
