"""Every way a linkback can be refused: one exception per reason, one sentence each.

Wire codes stay at the edge (``pingback.FAULT_CODES``); these classes only name the refusal.
``str(error)`` is a plain sentence fit for the person at the other end.
"""


class LinkbackRefused(Exception):
    """A linkback is not accepted."""


class TargetNotFound(LinkbackRefused):
    """The target is an address of this site at which there is nothing."""


class TargetNotPingable(LinkbackRefused):
    """The target is not an article of this site that takes linkbacks."""


class AlreadyRegistered(LinkbackRefused):
    """This source has already been registered for this target."""


class AccessDenied(LinkbackRefused):
    """The caller, the source or the pace of requests is not welcome."""


class TooHasty(AccessDenied):
    """Too many linkbacks came from one network, or named one host or page, in a short time."""


class SourceRefused(LinkbackRefused):
    """The source address itself is not one we would ever fetch."""


class SourceNotFound(LinkbackRefused):
    """The source could not be fetched."""


class Unreachable(SourceNotFound):
    """The source's server could not be reached: its name, its port or its certificate failed."""


class NotRepeated(SourceNotFound):
    """What was posted is not to be sent again to where the answer leads: a 301, 302 or 303."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class SourceDoesNotLink(LinkbackRefused):
    """The source was fetched and holds no link to the target."""


class UpstreamError(LinkbackRefused):
    """The source's server answered with an error of its own or not in time."""
